"""What a run leaves behind, and how it is read back. The checker knows the hub from these files alone.

    run.json           {"seed", "reach": returning clients are always recovered up to so many events,
                       "faults": whether the disk was made to fail at times,
                       "drains": whether all lives were stopped instead of killed, …}
    lives.jsonl        a line for each process of the hub: {"life", "round", "reactor", "reactors", "settings",
                       "status": how it ended, "stalled": what was waited for in vain?,
                       "expected": how it was to end, where not by SIGKILL?,
                       "died": the write ("FILE:N") before which it ended itself?}
    disk.jsonl         a line after each death: what the database held then
                       {"life", "epochs": [all], "heads": {room: head}, "events": [[room, offset, at, by, kind, key, data]],
                       "keys": [[room, user, key, offset]], "reads": {room: {user: upto}}, "faults": [sentence]}
                       `events` and `keys` are those above the heads of the line before; the last line has all.
    clients/NAME.jsonl what one client saw and did, in this order; c counts its connections, t is in ms
                       {"client": NAME, "user": U, "slots"?: true}       first line; it keeps slots of drain notices
                       {"t", "c", "open": life or null}
                       {"t", "c", "out": command}                        before the socket gets it
                       {"t", "c", "in": object} or {…, "bad": text}      each line as it came
                       {"t", "c", "end": close code, "clean"?: true}     clean: it had an answer to everything
                       {"posted": {"room", "kind", "key", "data", "status", "answer"}}   over HTTP
                       {"put": {"room", "kind", "key", "data"}}          something was said and must arrive
                       {"done": {"room", "key"}}                         it is taken for durable and forgotten
                       {"view": {"room", "epoch"?, "events": […]}}       what the client holds at the very end
    streams/NAME.jsonl what a writer of streams did, or a reader was shown; in this order
                       {"writes": [stream, attempt, [tokens]]}           before the socket gets them
                       {"opened": [stream, attempt, tokens the hub has, tokens written]}
                       {"closes": stream} before, {"closed": stream} when it is said to be durable
                       {"over": [stream, state]}                         it had ended before it was taken up again
                       {"shows": [stream, attempt, tokens?, text, state]}   after each change
                       {"left": [stream]}                                what is open for a reader at the very end
                       {"wrong": sentence}                               the contract was broken
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple


class Event(NamedTuple):
    """A kept event; its room and offset are where it is found."""

    at: int
    by: str
    kind: str
    key: str | None
    data: str

    @classmethod
    def of(cls, item):
        """From the object that a push or an answer holds."""
        return cls(item.get("at"), item.get("by"), item.get("kind"), item.get("key"), canonical(item.get("data")))

    def __str__(self):
        return f"{self.by}/{self.key} @{self.at} {self.data[:60]}"


def canonical(data):
    """One text for equal JSON."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@dataclass(frozen=True)
class Finding:
    """A rule that does not hold: `rule` is a name of RULES, `where` says in whose record it shows."""

    rule: str
    where: str
    sentence: str

    def __str__(self):
        return f"{self.rule}: {self.where}: {self.sentence}"


RULES = {
    "durable": "what was acknowledged as durable, and every read mark, is on disk",
    "order": "a room has one order without gaps, the same for everyone",
    "phantom": "nobody keeps an event that the room does not have, and nobody is made to drop one that it has",
    "keys": "a key has one offset, and duplicates are answered with it",
    "replies": "a command has one reply, and none is refused without a reason",
    "watermark": "the durable watermark never tells more than what survives",
    "reads": "read marks never go down",
    "epochs": "every start has an epoch of its own that the disk knows",
    "outbox": "what was said is there at the end, once and in the order of saying, and nothing else",
    "views": "what clients hold at the end is the room",
    "disk": "the database is whole",
    "streams": "a stream's text is always a beginning of what was written, all of it at the end, and every stream ends",
    "drain": "a stop loses nothing that was accepted, and who keeps slots comes back in the one given, not before",
    "hub": "the hub starts, goes on and ends only when it is ended",
}


class Findings:
    """Collects what is wrong; of many of a kind only the first ones in full."""

    FIRST = 20

    def __init__(self):
        self.counts = dict.fromkeys(RULES, 0)
        self.kept = []

    def add(self, rule, where, sentence):
        self.counts[rule] += 1
        if self.counts[rule] <= self.FIRST:
            self.kept.append(Finding(rule, where, sentence))

    def of(self, rule):
        return [finding for finding in self.kept if finding.rule == rule]

    def __bool__(self):
        return bool(self.kept)

    def account(self, each=3):
        """The shortest text that says what is wrong: the first findings of each rule, and how many there are."""
        lines = []
        for rule, count in self.counts.items():
            if count:
                lines.append(f"{count} × {rule} ({RULES[rule]})")
                lines += [f"    {finding.where}: {finding.sentence}" for finding in self.of(rule)[:each]]
        return "\n".join(lines)


@dataclass
class History:
    """A run as the checker takes it; clients' records may be lists (tests) or files (runs)."""

    run: dict
    lives: list = field(default_factory=list)
    disk: list = field(default_factory=list)
    clients: dict = field(default_factory=dict)
    streams: dict = field(default_factory=dict)

    @classmethod
    def read(cls, folder):
        folder = Path(folder)
        return cls(
            run=json.loads((folder / "run.json").read_text()),
            lives=list(records(folder / "lives.jsonl")),
            disk=list(records(folder / "disk.jsonl")),
            clients={path.stem: Records(path) for path in sorted((folder / "clients").glob("*.jsonl"))},
            streams={path.stem: Records(path) for path in sorted((folder / "streams").glob("*.jsonl"))},
        )


class Records:
    """The records of a file, read anew at each iteration: a long run's do not fit into memory at once."""

    def __init__(self, path):
        self.path = path

    def __iter__(self):
        return records(self.path)


def records(path):
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
