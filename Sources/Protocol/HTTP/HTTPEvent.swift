/// What a client's bytes meant. Each request is one `head`, any number of `body` and one `end`, or `failed`.
public enum HTTPEvent {
    /// A checked request head.
    case head(HTTPRequestHead)
    /// A part of the body, valid until the next call of `next()` or `receive`.
    case body(ByteView)
    /// The request is whole.
    case end
    /// The request is refused: answer, then close. Nothing more is read.
    case failed(HTTPRejection)
}
