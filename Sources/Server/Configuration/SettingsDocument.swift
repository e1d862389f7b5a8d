/// Renders docs/configuration.md from the table; a test compares the file with this.
public enum SettingsDocument {
    /// The whole page.
    public static func render() -> String {
        var page = """
            # Configuration

            A setting is taken from the first of these that has it: the flag of `apus serve`, the environment variable, the JSON
            file named by `--config` (or `APUS_CONFIG`), the default. In the file the dots are nesting: `{"log": {"level": "debug"}}`.
            Lists are arrays in the file and separated by commas in the environment. An unknown key or `APUS_` variable, and a value
            outside its limits, stop the start with the name of the setting and exit status 2; nothing is guessed.

            | key | variable | flag | value | default | meaning |
            |---|---|---|---|---|---|

            """
        for setting in SettingsTable.all {
            let key = setting.key.replacing("*", with: "<kind>")
            let variable = setting.variable.replacing("*", with: "<KIND>")
            let standard = setting.standard.isEmpty ? "–" : "`\(setting.standard)`"
            let flag = setting.flag.map { "`\($0)`" } ?? "–"
            page +=
                "| `\(key)` | `\(variable)` | \(flag) | \(setting.kind.words) | \(standard) | \(setting.meaning) |\n"
        }
        page += """

            ## An example

            ```json
            {
              "host": "0.0.0.0",
              "data": "/var/lib/apus",
              "allowed_origins": ["https://desk.example"],
              "log": {"format": "json"},
              "retention": {"queue": {"days": 30}},
              "auth": {"keys": ["main:ES256:/etc/apus/tokens.pem"], "issuer": "https://accounts.example"}
            }
            ```

            """
        return page
    }
}
