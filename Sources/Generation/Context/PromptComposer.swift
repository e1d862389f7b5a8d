/// Puts a prompt together: instructions, passages, as much of the conversation as its budget allows, the question.
struct PromptComposer {
    /// Where in a system prompt the passages go; behind it where it is not there.
    static let place = "{{passages}}"

    let route: Route
    let system: String?

    func prompt(past: [Prompt.Turn], question: String, passages: [Passage]) -> Prompt {
        let turns = route.history.fit(past) + [Prompt.Turn(.user, question)]
        return Prompt(
            system: instructions(passages),
            turns: route.masks ? turns.map { Prompt.Turn($0.speaker, PersonalData.mask($0.text)) } : turns
        )
    }

    private func instructions(_ passages: [Passage]) -> String? {
        let known = passages.map { "# \($0.title)\n\n\($0.text)" }.joined(separator: "\n\n")
        guard let system else { return known.isEmpty ? nil : known }
        if system.contains(PromptComposer.place) { return system.replacing(PromptComposer.place, with: known) }
        return known.isEmpty ? system : system + "\n\n" + known
    }
}
