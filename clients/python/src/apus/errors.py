"""What can go wrong, as a program has to tell it apart."""

from typing import Any


class ApusError(Exception):
    """Whatever this client raises."""


class Refused(ApusError):
    """The hub's error reply: nothing of the command was done."""

    def __init__(self, command: str, error: dict[str, Any]):
        self.command = command
        self.code: str = error.get("code", "internal")
        self.message: str = error.get("message", "")
        self.field: str | None = error.get("field")
        self.retry_after: int | None = error.get("retry_after")
        self.current: Any = error.get("current")
        at = f" ({self.field})" if self.field else ""
        super().__init__(f"{command}: {self.code}{at}: {self.message}")


class Closed(ApusError):
    """The hub does not want this client back (`code`: the close code), or the client was closed."""

    def __init__(self, code: int | None, reason: str = ""):
        self.code = code
        self.reason = reason
        super().__init__(f"closed with {code}: {reason}" if code else reason or "closed")


class LeaseLost(ApusError):
    """The job belongs to another worker, or to nobody any more: stop working on it."""
