"""A made-up history in which nothing is wrong: two people, a room, two deaths. Tests plant faults in it.

    life 0   anna says a1 (durable, 1), boris b1 (accepted, 2), anna a2 (accepted, 3); boris has read up to 2
             dies with 2 on disk
    life 1   both come back with 3 and are told to drop it; boris says b2 (3), anna's a2 goes out again (4),
             boris sends b1 again and is told 2
    life 2   both come back with 4, show what they hold and leave
"""

import copy
import json

from history import History

ROOM = "ticket:1"
KIND = "message"


def event(offset, by, key):
    return {"room": ROOM, "offset": offset, "at": 1000 + offset, "by": by, "kind": KIND, "key": key, "data": {"k": key}}


A1, B1, LOST, B2, A2 = (
    event(1, "anna", "a1"), event(2, "boris", "b1"), event(3, "anna", "a2"), event(3, "boris", "b2"), event(4, "anna", "a2"),
)  # fmt: skip


class Pen:
    """Writes one client's record."""

    def __init__(self, user):
        self.user = user
        self.records = [{"client": user, "user": user}]
        self.connection = 0
        self.time = 0
        self.last_id = 0

    def _note(self, member, value, **more):
        self.time += 1
        self.records.append({"t": self.time, "c": self.connection, member: value, **more})

    def open(self):
        self.connection += 1
        self.last_id = 0
        self._note("open", None)

    def end(self, **more):
        self._note("end", 1006, **more)

    def push(self, **line):
        self._note("in", copy.deepcopy(line))

    def durable(self, offset):
        self.push(room=ROOM, durable=offset)

    def ask(self, command, ok, *pushes, **fields):
        """A command, what is pushed before its reply, and the reply."""
        self.last_id += 1
        self._note("out", {"id": self.last_id, "cmd": command, **fields})
        for push in pushes:
            self.push(**push)
        self._note("in", {"id": self.last_id, "ok": copy.deepcopy(ok)})

    def hello(self, now, head, events, durable, truncated=None, reads=None, **fields):
        answer = {"epoch": now, "head": head, "durable": durable, "recovered": True, "events": events, "more": False}
        answer |= {"reads": reads or {}} | ({} if truncated is None else {"truncated_to": truncated})
        self.ask("hello", {"session": "s", "rooms": {ROOM: {"ok": answer}}}, rooms={ROOM: fields})

    def say(self, key):
        self.records.append({"put": {"room": ROOM, "kind": KIND, "key": key, "data": {"k": key}}})

    def send(self, what, epoch, *pushes, ack="durable", **more):
        ok = {"offset": what["offset"], "epoch": epoch, "at": what["at"], **more}
        self.ask("send", ok, *pushes, room=ROOM, kind=KIND, key=what["key"], data=what["data"], ack=ack)

    def done(self, key):
        self.records.append({"done": {"room": ROOM, "key": key}})

    def view(self, epoch, events):
        self.records.append({"view": {"room": ROOM, "epoch": epoch, "events": copy.deepcopy(events)}})


def anna():
    pen = Pen("anna")
    pen.say("a1")
    pen.say("a2")
    pen.open()
    pen.hello("E0", 0, [], 0, since=0)
    pen.send(A1, "E0", A1, {"room": ROOM, "durable": 1})
    pen.done("a1")
    pen.push(**B1)
    pen.durable(2)
    pen.send(LOST, "E0", LOST, ack="accepted")
    pen.end()
    pen.open()
    pen.hello("E1", 2, [], 2, truncated=2, reads={"boris": 2}, since=3, epoch="E0")
    pen.push(**B2)
    pen.send(A2, "E1", A2, {"room": ROOM, "durable": 4})
    pen.done("a2")
    pen.ask("history", {"events": [A1, B1, B2, A2], "more": False, "epoch": "E1"}, room=ROOM, limit=10)
    pen.end()
    pen.open()
    pen.hello("E2", 4, [], 4, reads={"boris": 2}, since=4, epoch="E1")
    pen.view("E2", [A1, B1, B2, A2])
    pen.end(clean=True)
    return pen.records


def boris():
    pen = Pen("boris")
    pen.say("b1")
    pen.say("b2")
    pen.open()
    pen.hello("E0", 1, [A1], 1, since=0)
    pen.send(B1, "E0", B1, ack="accepted")
    pen.durable(2)
    pen.ask("read", {}, {"room": ROOM, "kind": "read", "by": "boris", "upto": 2}, room=ROOM, upto=2)
    pen.push(**LOST)
    pen.end()
    pen.open()
    pen.hello("E1", 2, [], 2, truncated=2, reads={"boris": 2}, since=3, epoch="E0")
    pen.send(B2, "E1", B2, A2, {"room": ROOM, "durable": 4})
    pen.done("b2")
    pen.send(B1, "E1", duplicate=True)
    pen.done("b1")
    pen.ask("unsub", {}, room=ROOM)
    pen.end()
    pen.open()
    pen.hello("E2", 4, [], 4, reads={"boris": 2}, since=4, epoch="E1")
    pen.view("E2", [A1, B1, B2, A2])
    pen.end(clean=True)
    return pen.records


def snapshot(life, epochs, held, since=0):
    rows = [[ROOM, *(one[name] for name in ("offset", "at", "by", "kind", "key", "data"))] for one in held[since:]]
    keys = [[ROOM, one["by"], one["key"], one["offset"]] for one in held[since:]]
    return {"life": life, "epochs": epochs, "heads": {ROOM: len(held)}, "events": rows, "keys": keys,
            "reads": {ROOM: {"boris": 2}}, "faults": []}  # fmt: skip


def story():
    """A new one, of which nothing is shared."""
    return History(
        run={"seed": 0, "reach": 200},
        lives=[{"life": life, "status": -9} for life in range(3)],
        disk=json.loads(json.dumps([
            snapshot(0, ["E0"], [A1, B1]),
            snapshot(1, ["E0", "E1"], [A1, B1, B2, A2], since=2),
            snapshot(2, ["E0", "E1", "E2"], [A1, B1, B2, A2]),
        ])),
        clients=json.loads(json.dumps({"anna": anna(), "boris": boris()})),
        streams=json.loads(json.dumps({"weaver": [
            {"opened": ["s1", 1, 0, 0]}, {"writes": ["s1", 1, ["a", "b"]]}, {"writes": ["s1", 1, ["c"]]},
            {"opened": ["s1", 1, 2, 3]}, {"closes": "s1"},
        ], "onlooker": [
            {"shows": ["s1", 1, 2, "ab", "open"]}, {"shows": ["s1", 1, None, "abc", "done"]}, {"left": []},
        ]})),
    )  # fmt: skip
