"""What a base address asks the stand-in to do wrong."""

from urllib.parse import unquote

TEXT = "Ваш заказ 42 уже в пути 🚚 и будет завтра. Your order is on its way."

WORDS = {
    "ok": "nothing special",
    "id": "a name, to keep two alike apart",
    "times": "the faults hold for so many requests, later ones go well",
    "text": "the answer, percent-encoded",
    "repeat": "the answer so many times over",
    "status": "an error response with this status",
    "code": "the code in the error's body",
    "retry-after": "the header of that name, as it stands",
    "redirect": "a 307 to this address, percent-encoded",
    "hang": "`head`: no response; `start`: a head and nothing; or after so many tokens; until released",
    "cut": "the connection ends: `character`: within one; `line`: within a line; `end`: before the closing event",
    "error": "an error event after so many tokens",
    "garbage": "an event that is no JSON after so many tokens",
    "comments": "comments (or pings) before and between the tokens",
    "crlf": "lines end with CR LF",
    "no-usage": "no usage",
    "no-done": "no closing event, but a finish reason",
    "filter": "stopped by the content filter",
    "rewrite": "the text so far changes in the middle (only where it is cumulative)",
    "bytes": "the body goes out in pieces of so many bytes",
    "pace": "milliseconds between two tokens",
    "head-bytes": "a header field of so many bytes",
    "open-ended": "the body's length is not said; it ends with the connection",
}


class Script:
    def __init__(self, text):
        self.words = {}
        for word in text.split(","):
            name, _, value = word.partition("=")
            if name not in WORDS:
                raise ValueError(f"the stand-in does not know '{name}'")
            self.words[name] = unquote(value)

    def __contains__(self, name):
        return name in self.words

    def text(self, name, default=None):
        return self.words.get(name, default)

    def number(self, name, default=None):
        value = self.words.get(name)
        return int(value) if value and value.isdigit() else default

    def faultless(self):
        """The same without what goes wrong, for the requests behind `times`."""
        kept = {name: value for name, value in self.words.items() if name in ("id", "text", "repeat", "pace")}
        script = Script("ok")
        script.words = kept
        return script

    @property
    def answer(self):
        return self.text("text", TEXT) * self.number("repeat", 1)

    @property
    def tokens(self):
        """The answer in pieces, as a tokenizer might cut it: never within a character."""
        pieces, piece = [], ""
        for character in self.answer:
            piece += character
            if character == " " or len(piece) == 5:
                pieces.append(piece)
                piece = ""
        return pieces + ([piece] if piece else [])
