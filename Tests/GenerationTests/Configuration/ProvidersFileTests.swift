import Foundation
import Testing

@testable import Generation

struct ProvidersFileTests {
    private func read(_ json: String, _ environment: [String: String] = [:]) throws -> ProvidersFile {
        try ProvidersFile(Array(json.utf8), environment: environment, prompts: .none)
    }

    @Test("every member is read")
    func whole() throws {
        let file = try read(
            #"""
            {"providers": [
              {"name": "main", "dialect": "yandexgpt", "base": "http://h/v1/", "model": "yandexgpt/latest", "folder": "f",
               "key_env": "MAIN_KEY", "max_tokens": 500, "temperature": 0.2, "headers": {"X-Title": "Shop"},
               "price": {"input": 1.5, "output": 2, "currency": "RUB"}, "private_addresses": ["10.0.0.0/8", "::1"],
               "proxy": "http://proxy:3128", "ca_file": "/etc/ca.pem",
               "timeouts": {"connect_ms": 100, "first_token_ms": 200, "idle_ms": 300, "total_ms": 400}},
              {"name": "other", "dialect": "openai", "model": "m"}],
             "routes": [
              {"rooms": ["ticket"], "tenants": ["t"], "order": "cost", "providers": ["other", "local", "main"],
               "history": {"messages": 5, "tokens": 100}, "mask": false, "cache_ms": 1000, "retries": 1}]}
            """#,
            ["MAIN_KEY": " secret\n"]
        )
        let main = file.providers[0]
        let request = main.request(Prompt(turns: [.init(.user, "?")]))
        #expect(request.url == "http://h/v1/completion")
        #expect(request.headers.contains { $0 == ("Authorization", "Api-Key secret") })
        #expect(request.headers.contains { $0 == ("X-Title", "Shop") })
        #expect(request.addresses.allows(numeric: "10.1.1.1") && !request.addresses.allows(numeric: "127.0.0.1"))
        #expect((request.connectTimeout, request.totalTimeout) == (.milliseconds(100), .milliseconds(400)))
        #expect((request.proxy, request.authorities) == ("http://proxy:3128", "/etc/ca.pem"))
        #expect((main.timeouts.firstToken, main.timeouts.idle) == (.milliseconds(200), .milliseconds(300)))
        #expect(main.price == Price(input: 1.5, output: 2, currency: "RUB"))
        #expect("\(main)" == "main")
        #expect(file.providers[1].request(Prompt(turns: [])).url == "https://api.openai.com/v1/chat/completions")
        let route = file.routes[0]
        #expect((route.rooms, route.tenants, route.order) == (["ticket"], ["t"], .cost))
        #expect((route.providers, route.masks, route.retries) == (["other", "local", "main"], false, 1))
        #expect((route.history.messages, route.history.tokens) == (5, 100))
        #expect(route.cacheTime == .seconds(1))
    }

    @Test("without routes every room is answered by all providers in their order")
    func noRoutes() throws {
        let file = try read(
            #"{"providers":[{"name":"a","dialect":"groq","model":"m"},{"name":"b","dialect":"openrouter","model":"m"}]}"#
        )
        #expect(file.routes.map(\.providers) == [["a", "b"]])
        #expect(try read("{}").routes.isEmpty)
    }

    @Test("a key may come from a file")
    func keyFile() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "key-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        _ = FileManager.default.createFile(atPath: path, contents: Data("from-file\n".utf8))
        let file = try read(#"{"providers":[{"name":"a","dialect":"groq","model":"m","key_file":"\#(path)"}]}"#)
        #expect(file.providers[0].key == "from-file")
    }

    @Test(
        "what is wrong is named by its path",
        arguments: [
            ("[]", "the file"), (#"{"providers":{}}"#, "providers"), (#"{"provider":[]}"#, "provider"),
            (#"{"providers":[7]}"#, "providers[0]"), (#"{"providers":[{}]}"#, "providers[0].name"),
            (#"{"providers":[{"name":"a","dialect":"x"}]}"#, "providers[0].dialect"),
            (#"{"providers":[{"name":"a","dialect":"openai"}]}"#, "providers[0].model"),
            (#"{"providers":[{"name":"a","dialect":"openai-compatible","model":"m"}]}"#, "providers[0].base"),
            (#"{"providers":[{"name":"a","dialect":"openai","model":"m","base":"ftp://x"}]}"#, "providers[0].base"),
            (#"{"providers":[{"name":"a","dialect":"openai","model":"m","key":"sk"}]}"#, "providers[0].key"),
            (#"{"providers":[{"name":"a","dialect":"openai","model":"m","key_env":"NONE"}]}"#, "providers[0].key_env"),
            (#"{"providers":[{"name":"a","dialect":"openai","model":"m","key_env":"BLANK"}]}"#, "providers[0].key_env"),
            (
                #"{"providers":[{"name":"a","dialect":"openai","model":"m","key_file":"/none"}]}"#,
                "providers[0].key_file"
            ),
            (
                #"{"providers":[{"name":"a","dialect":"openai","model":"m","key_file":"/none","key_env":"K"}]}"#,
                "providers[0].key_env"
            ),
            (
                #"{"providers":[{"name":"a","dialect":"openai","model":"m","temperature":3}]}"#,
                "providers[0].temperature"
            ),
            (
                #"{"providers":[{"name":"a","dialect":"openai","model":"m","max_tokens":"1"}]}"#,
                "providers[0].max_tokens"
            ),
            (
                #"{"providers":[{"name":"a","dialect":"openai","model":"m","headers":{"x":1}}]}"#,
                "providers[0].headers.x"
            ),
            (
                #"{"providers":[{"name":"a","dialect":"openai","model":"m","price":{"currency":"usd"}}]}"#,
                "providers[0].price.currency"
            ),
            (
                #"{"providers":[{"name":"a","dialect":"openai","model":"m","timeouts":{"idle":5}}]}"#,
                "providers[0].timeouts.idle"
            ),
            (
                #"{"providers":[{"name":"a","dialect":"openai","model":"m","private_addresses":["x"]}]}"#,
                "providers[0].private_addresses"
            ),
            (#"{"providers":[{"name":"local","dialect":"openai","model":"m"}]}"#, "providers[0].name"),
            (#"{"routes":[{}]}"#, "routes[0].providers"), (#"{"routes":[{"providers":["x"]}]}"#, "routes[0].providers"),
            (#"{"routes":[{"providers":["local","local"]}]}"#, "routes[0].providers"),
            (#"{"routes":[{"providers":["local"],"order":"x"}]}"#, "routes[0].order"),
            (#"{"routes":[{"providers":["local"],"system":"x.md"}]}"#, "routes[0].system"),
            (#"{"routes":[{"providers":["local"],"mask":1}]}"#, "routes[0].mask"),
            (#"{"routes":[{"providers":["local"],"history":{"messages":501}}]}"#, "routes[0].history.messages"),
            (#"{"routes":[{"providers":["local"],"rooms":[1]}]}"#, "routes[0].rooms"),
        ]
    )
    func wrong(json: String, place: String) {
        do {
            _ = try read(json, ["BLANK": " "])
            Issue.record("it was accepted")
        } catch let error as ProvidersFileError {
            #expect(error.place == place)
        } catch { Issue.record("\(error)") }
    }

    @Test("a file that is not there is named")
    func missing() {
        #expect(throws: ProvidersFileError("/none.json", "cannot be read")) {
            try ProvidersFile(path: "/none.json", environment: [:], prompts: .none)
        }
    }
}
