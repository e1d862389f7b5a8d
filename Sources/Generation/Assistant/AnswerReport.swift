import HubCore
import HubProtocol

/// What readers of an answer are told besides its text.
struct AnswerReport {
    let reason: FinishReason
    let passages: [Passage]
    let isKept: Bool

    /// `finish`, and where there are some `articles` and `cached`.
    var json: [UInt8] {
        var object = JSONObjectWriter()
        object.member("finish", reason.rawValue)
        if !passages.isEmpty {
            object.objects("articles", passages) { passage, article in
                article.member("id", passage.id)
                article.member("title", passage.title)
            }
        }
        if isKept { object.member("cached", true) }
        return object.finish()
    }

    /// What the person who asked is told of a failure: nothing of the provider.
    static func fault(of failure: ProviderFailure) -> AnswerEnding.Fault {
        switch failure.kind {
        case .filtered: AnswerEnding.Fault(code: "filtered", message: "this question was declined")
        default: AnswerEnding.Fault(code: "unavailable", message: "no answer can be had just now; please try again")
        }
    }
}
