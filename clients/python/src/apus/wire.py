"""The wire contract without a socket: text in, replies and pushes out; commands in, text out.

One `Conversation` lives as long as a connection. It does no I/O and knows no time, so everything here can be tested by
hand. Source: docs/protocol/README.md.
"""

import json
from dataclasses import dataclass, field
from typing import Any

Fields = dict[str, Any]

# Close codes after which the same client may come back; others are final.
RETURNING = frozenset({1001, 1005, 1006, 1011, 1012, 1013, 4408, 4429})
# After these a new token may help.
NEW_TOKEN = frozenset({4401})


@dataclass(frozen=True)
class Reply:
    """The one answer to a command."""

    id: int
    ok: Fields | None
    error: Fields | None


@dataclass(frozen=True)
class Push:
    """Something the hub said unasked."""

    object: Fields


@dataclass
class Conversation:
    """Numbers the commands of one connection and tells what came."""

    last_id: int = 0
    drain: Fields | None = field(default=None)

    def command(self, name: str, fields: Fields) -> tuple[int, str]:
        """The next command: its id and its line. Members that are None are left out."""
        self.last_id += 1
        line = {"id": self.last_id, "cmd": name, **{key: value for key, value in fields.items() if value is not None}}
        return self.last_id, json.dumps(line, ensure_ascii=False, separators=(",", ":"))

    def received(self, frame: str) -> list[Reply | Push]:
        """What a frame holds: one object a line. A line that is no object is an error of the hub: ValueError."""
        found: list[Reply | Push] = []
        for line in frame.split("\n"):
            if not line:
                continue
            item = json.loads(line)
            if not isinstance(item, dict):
                raise ValueError(f"the hub sent {line[:80]!r}")
            if "id" not in item:
                self.drain = item.get("drain", self.drain)
                found.append(Push(item))
            elif isinstance(item["id"], int):
                found.append(Reply(item["id"], item.get("ok"), item.get("error")))
        return found

    def way_back(self, code: int | None, reason: str) -> float | None:
        """Seconds to wait before coming back after this close, besides backoff; None: never."""
        code = 1006 if code is None else code
        if code == 1012 and self.drain is not None:
            return self.drain.get("reconnect_after", 0) / 1000
        if code == 4429:
            _, _, wait = reason.partition("retry_after=")
            return int(wait) / 1000 if wait.isdecimal() else 1.0
        return 0.0 if code in RETURNING or code in NEW_TOKEN else None
