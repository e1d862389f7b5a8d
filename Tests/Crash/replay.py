"""Goes through the record of one client line by line and holds every line against the contract."""

from history import Event, canonical
from holding import Holding

# A command that stays without an answer for so long, on a connection that lives, has been forgotten (ms).
FORGOTTEN = 10_000

# Errors that mean "later", for clients that have a rate or where the hub is behind …
PASSING = {"rate_limited", "busy"}

# … and those of what must be written, where the disk fails.
WRITES = {"send", "read"}


class Membership:
    """One room of one connection: the last offset that came, and what else may only rise."""

    def __init__(self, cursor, durable):
        self.cursor = cursor
        self.durable = durable
        self.reads = {}


class Connection:
    def __init__(self, number):
        self.number = number
        self.epoch = None
        self.waiting = {}
        self.rooms = {}
        # ms after the close, from a drain notice.
        self.slot = None


class Replay:
    def __init__(self, name, facts):
        self.name = name
        self.user = None
        self.facts = facts
        self.connection = Connection(0)
        self.holdings = {}
        self.newest_epoch = -1
        self.views = {}
        self.ended_well = False
        self.keeps_slots = False
        self.not_before = None

    def run(self, records):
        for record in records:
            if "in" in record:
                self._received(record["in"])
            elif "out" in record:
                self._sent(record["t"], record["out"])
            elif "put" in record:
                self._said(**record["put"])
            elif "done" in record:
                done = record["done"]
                self.facts.done.append((self.user, done["room"], done["key"], self.name))
            elif "open" in record:
                self._opened(record)
            elif "end" in record:
                self._ended(record)
            elif "view" in record:
                self.views[record["view"]["room"]] = record["view"]
            elif "posted" in record:
                self._posted(**record["posted"])
            elif "bad" in record:
                self.fault("replies", f"a line is no JSON object: {record['bad'][:80]}")
            else:
                self.user = record["user"]
                self.keeps_slots = record.get("slots", False)
        return self

    @property
    def where(self):
        return f"{self.name} connection {self.connection.number}"

    def fault(self, rule, sentence):
        self.facts.findings.add(rule, self.where, sentence)

    def _said(self, room, kind, key, data):
        self.facts.figures["said"] += 1
        self.facts.said[self.name, self.user, room].append((kind, key, canonical(data)))

    # -- commands and replies

    def _sent(self, time, command):
        self.facts.figures["commands"] += 1
        self.connection.waiting[command["id"]] = (time, command)

    def _opened(self, record):
        self.connection = Connection(record["c"])
        self.facts.figures["connections"] += 1
        if self.not_before and record["t"] < self.not_before:
            self.fault("drain", f"came back {self.not_before - record['t']} ms before its slot")
        self.not_before = None

    def _ended(self, record):
        self.facts.figures[f"closed with {record['end']}"] += 1
        if self.keeps_slots and record["end"] == 1012 and self.connection.slot is not None:
            # Timers count in whole milliseconds.
            self.not_before = record["t"] + self.connection.slot - 2
            self.facts.figures["slots kept"] += 1
        waiting = self.connection.waiting
        clean = record.get("clean", False)
        forgotten = [command for time, command in waiting.values() if clean or record["t"] - time > FORGOTTEN]
        for command in forgotten[:3]:
            self.fault("replies", f"{command['cmd']} {command['id']} was never answered")
        self.ended_well = clean
        self.connection = Connection(self.connection.number)

    def _received(self, line):
        if "id" not in line:
            self._pushed(line)
            return
        self.facts.figures["replies"] += 1
        _, command = self.connection.waiting.pop(line["id"], (0, None))
        if command is None:
            self.fault("replies", f"a second reply to {line['id']}, or one to no command")
        elif ("ok" in line) == ("error" in line):
            self.fault("replies", f"the reply to {line['id']} is neither ok nor error")
        elif "error" in line:
            self._refused(command, line["error"])
        else:
            answer = getattr(self, "_ok_" + command["cmd"], None)
            if answer:
                answer(command, line["ok"])

    def _refused(self, command, error):
        self.facts.figures["refused " + error["code"]] += 1
        room = command.get("room", "")
        if command["cmd"] == "send":
            self.facts.refused.add((self.name, self.user, room))
        is_fault = self.facts.has_faults and error["code"] == "unavailable" and command["cmd"] in WRITES
        if error["code"] not in PASSING and not is_fault:
            self.fault("replies", f"{command['cmd']} {command['id']} {room} was refused: {error}")

    def _ok_hello(self, command, ok):
        asked, answered = command.get("rooms", {}), ok["rooms"]
        if set(asked) != set(answered):
            self.fault("replies", f"hello asked for {sorted(asked)} and was answered {sorted(answered)}")
        for room, answer in answered.items():
            if "error" in answer:
                self._refused({**command, "room": room}, answer["error"])
            else:
                self._joined(room, asked.get(room, {}), answer["ok"])

    def _ok_sub(self, command, ok):
        self._joined(command["room"], command, ok)

    def _ok_unsub(self, command, ok):
        self.connection.rooms.pop(command["room"], None)

    def _ok_send(self, command, ok):
        room, key, offset, epoch = command["room"], command["key"], ok["offset"], ok["epoch"]
        self._saw_epoch(epoch)
        event = Event(ok["at"], self.user, command["kind"], key, canonical(command["data"]))
        durable = command.get("ack", "durable") == "durable"
        self.facts.figures["durable" if durable else "accepted"] += 1
        if durable:
            self._must_be_on_disk(epoch, room, offset, key)
        if ok.get("duplicate"):
            self.facts.figures["duplicates"] += 1
            self.facts.duplicates.append((epoch, room, self.user, key, offset, self.where))
        else:
            self.facts.sight(epoch, room, offset, event, self.where)

    def _posted(self, status, answer, **said):
        """The same over HTTP, where an answer means durable."""
        self.connection = Connection("HTTP")
        self.facts.figures["posts"] += 1
        if status not in (200, 201):
            self._refused({"cmd": "send", "id": "POST", **said}, {"code": answer.get("code", status)})
            return
        if (status == 200) != bool(answer.get("duplicate")):
            self.fault("replies", f"{said['room']} {said['key']} was answered {status} {answer}")
        self._ok_send(said, answer)

    def _must_be_on_disk(self, epoch, room, offset, key):
        survived = self.facts.timeline.survived(epoch, room)
        event = self.facts.timeline.event(room, offset)
        if offset > survived:
            self.fault("durable", f"{room} {offset} ({key}) was acknowledged, and only {survived} survived")
        elif event is None or (event.by, event.key) != (self.user, key):
            self.fault("durable", f"{room} {offset} ({key}) was acknowledged, and the disk has {event} there")

    def _ok_read(self, command, ok):
        room, upto = command["room"], command["upto"]
        kept = self.facts.timeline.marks(self.connection.epoch, room, before=False).get(self.user, 0)
        self.facts.figures["read marks"] += 1
        if kept < upto:
            self.fault("durable", f"{room}: the read mark {upto} was acknowledged, and {kept} survived")

    def _ok_history(self, command, ok):
        self._saw_epoch(ok["epoch"])
        self.facts.figures["pages"] += 1
        room, events = command["room"], ok["events"]
        self._sight_run(room, events, ok["epoch"], "a page")
        if len(events) > command.get("limit", 50):
            self.fault("replies", f"a page has {len(events)} events")
        if events and events[-1]["offset"] >= command.get("before", events[-1]["offset"] + 1):
            self.fault("order", f"{room}: a page before {command['before']} has {events[-1]['offset']}")
        if events and "after" in command and events[0]["offset"] != command["after"] + 1:
            self.fault("order", f"{room}: a page after {command['after']} begins with {events[0]['offset']}")

    # -- rooms

    def _joined(self, room, asked, ok):
        epoch = ok["epoch"]
        self._saw_epoch(epoch)
        events = ok["events"]
        self._sight_run(room, events, epoch, "an answer")
        holding = self.holdings.get(room)
        if holding is None:
            holding = self.holdings[room] = Holding(room, self.name, self.facts)
        holding.answered(asked.get("since"), asked.get("epoch"), ok)
        cursor = holding.position if ok["recovered"] else ok["head"]
        if cursor > ok["head"] or holding.position > ok["head"]:
            self.fault("order", f"{room}: an answer goes to {holding.position}, its head is {ok['head']}")
        if not ok["recovered"] and events and events[-1]["offset"] != ok["head"]:
            self.fault("order", f"{room}: the newest page ends at {events[-1]['offset']}, the head is {ok['head']}")
        before = self.connection.rooms.get(room)
        member = self.connection.rooms[room] = Membership(cursor, before.durable if before else 0)
        if ok["durable"] < self.facts.timeline.inherited(epoch, room):
            self.fault("watermark", f"{room}: {ok['durable']} is durable, less than when the hub started")
        self._watermark(room, member, ok["durable"])
        least = self.facts.timeline.marks(epoch, room, before=True)
        for user in least.keys() | ok["reads"].keys():
            if ok["reads"].get(user, 0) < least.get(user, 0):
                self.fault("reads", f"{room}: the mark of {user} is less than the disk had when the hub started")
        for user, upto in ok["reads"].items():
            member.reads[user] = upto

    def _sight_run(self, room, events, epoch, what):
        last = None
        for item in events:
            if last is not None and item["offset"] != last + 1:
                self.fault("order", f"{room}: in {what} {item['offset']} follows {last}")
            last = item["offset"]
            self.facts.sight(epoch, room, last, Event.of(item), self.where)

    def _saw_epoch(self, epoch):
        connection, number = self.connection, self.facts.timeline.number(epoch)
        if connection.epoch not in (None, epoch):
            self.fault("epochs", f"one connection was told two epochs, {connection.epoch} and {epoch}")
        if connection.epoch == epoch:
            return
        connection.epoch = epoch
        if number is None:
            self.fault("epochs", f"the disk does not know the epoch {epoch}")
        elif number < self.newest_epoch:
            self.fault("epochs", f"epoch {number} came after {self.newest_epoch}")
        else:
            self.newest_epoch = number

    def _watermark(self, room, member, durable):
        self.facts.figures["watermarks"] += 1
        survived = self.facts.timeline.survived(self.connection.epoch, room)
        if durable > survived:
            self.fault("watermark", f"{room}: {durable} was told as durable, and only {survived} survived")
        if durable < member.durable:
            self.fault("watermark", f"{room}: fell from {member.durable} to {durable}")
        member.durable = max(member.durable, durable)

    # -- pushes

    def _pushed(self, line):
        room = line.get("room")
        if room is None:
            self.connection.slot = line.get("drain", {}).get("reconnect_after", self.connection.slot)
            return
        self.facts.figures["pushes"] += 1
        member = self.connection.rooms.get(room)
        if member is None:
            self.fault("order", f"{room}: a push to someone who is not in the room: {str(line)[:80]}")
        elif "gone" in line:
            self.fault("replies", f"{room}: was put out: {line['gone']}")
        elif "offset" in line:
            self._kept(room, member, line)
        elif "durable" in line:
            self._watermark(room, member, line["durable"])
        elif line.get("kind") == "read":
            if line["upto"] < member.reads.get(line["by"], 0):
                self.fault("reads", f"{room}: the mark of {line['by']} fell to {line['upto']}")
            member.reads[line["by"]] = line["upto"]

    def _kept(self, room, member, line):
        offset = line["offset"]
        self.facts.figures["events seen"] += 1
        if offset != member.cursor + 1:
            self.fault("order", f"{room}: {offset} was pushed behind {member.cursor}")
        member.cursor = offset
        self.facts.sight(self.connection.epoch, room, offset, Event.of(line), self.where)
        self.holdings[room].append(offset, self.connection.epoch)
