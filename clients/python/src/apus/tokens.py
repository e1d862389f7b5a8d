"""The tokens of a stream that the hub may still need, without a socket.

The producer counts its tokens from 0. What the hub has on disk (`durable`) need not be kept; what it has in memory
(`next`) need not be said again on the same connection; after a crash of the hub it may fall back to `durable`.
"""


class TokenLog:
    """Tokens from `base` on; those below `sent` have been said on this connection."""

    def __init__(self) -> None:
        self.base = 0
        self.sent = 0
        self._tokens: list[str] = []

    @property
    def end(self) -> int:
        """The index of the next token to come."""
        return self.base + len(self._tokens)

    @property
    def unsent(self) -> int:
        """How many tokens have not been said."""
        return self.end - self.sent

    def append(self, token: str) -> None:
        self._tokens.append(token)

    def take(self, most: int, size: int) -> tuple[int, list[str]]:
        """The next tokens to say: their first index and at most `most` of about `size` characters, at least one."""
        start = self.sent
        parts: list[str] = []
        length = 0
        for token in self._tokens[start - self.base : start - self.base + most]:
            length += len(token)
            if parts and length > size:
                break
            parts.append(token)
        self.sent = start + len(parts)
        return start, parts

    def durable(self, upto: int) -> None:
        """The hub has everything below `upto` on disk."""
        upto = min(upto, self.end)
        if upto > self.base:
            del self._tokens[: upto - self.base]
            self.base = upto
            self.sent = max(self.sent, upto)

    def resume(self, at: int) -> bool:
        """Goes on from where the hub is; false where that is before anything that was kept, or beyond the end."""
        if not self.base <= at <= self.end:
            return False
        self.sent = at
        return True
