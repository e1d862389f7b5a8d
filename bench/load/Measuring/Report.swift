/// One line of JSON with the figures, in their order.
enum Report {
    enum Value {
        case text(String)
        case number(Double)
    }

    static func line(_ members: [(String, Value)]) -> String {
        let body = members.map { name, value in
            switch value {
            case .text(let text): "\"\(name)\":\"\(text)\""
            case .number(let number): "\"\(name)\":\(number.isFinite ? (number * 10_000).rounded() / 10_000 : 0)"
            }
        }
        return "{\(body.joined(separator: ","))}"
    }

    static func write(_ members: [(String, Value)]) {
        print(line(members))
    }
}
