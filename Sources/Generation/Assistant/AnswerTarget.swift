/// Who may answer a question: a provider of the file, or the embedded answerer.
enum AnswerTarget {
    case provider(ProviderEntry)
    case local
}
