/// Who answers questions.
extension SettingsTable {
    static let generation: [Setting] = [
        Setting(
            "generation.providers_file",
            .text,
            standard: "",
            "JSON file of AI providers and routes (docs/providers.md), read at the start; empty means none."
        ),
        Setting(
            "generation.prompts",
            .text,
            standard: "",
            "Folder of system prompts, a file each, that routes name; read at the start."
        ),
    ]
}
