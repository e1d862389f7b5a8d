"""The rooms as the disk had them after each death, from first to last."""

from history import Event, canonical


class Timeline:
    """Every room's events, and how far they had survived at the end of each epoch."""

    def __init__(self, snapshots, findings):
        self.events = {}
        self.keys = {}
        self.epochs = {}
        self.heads = []
        self.reads = []
        for index, snapshot in enumerate(snapshots):
            self._take(index, snapshot, findings)

    @property
    def last_epoch(self):
        return max(self.epochs, key=lambda epoch: self.epochs[epoch][0], default=None)

    def number(self, epoch):
        """The number of the start with this epoch; None where the disk does not know it."""
        found = self.epochs.get(epoch)
        return found and found[0]

    def survived(self, epoch, room):
        """The room's head when the epoch had ended."""
        found = self.epochs.get(epoch)
        return self.heads[found[1]].get(room, 0) if found else 0

    def inherited(self, epoch, room):
        """The room's head when the epoch began."""
        found = self.epochs.get(epoch)
        return self.heads[found[1] - 1].get(room, 0) if found and found[1] else 0

    def marks(self, epoch, room, *, before):
        """Read marks when the epoch had ended, or `before` it began."""
        found = self.epochs.get(epoch)
        if not found or (before and not found[1]):
            return {}
        return self.reads[found[1] - before].get(room, {})

    def event(self, room, offset):
        """What the disk has at last at this offset."""
        events = self.events.get(room, ())
        return events[offset - 1] if 0 < offset <= len(events) else None

    def head(self, room):
        return len(self.events.get(room, ()))

    # -- one snapshot

    def _take(self, index, snapshot, findings):
        where = f"disk after life {snapshot['life']}"
        for fault in snapshot["faults"]:
            findings.add("disk", where, fault)
        self._take_epochs(index, snapshot["epochs"], where, findings)
        self._take_heads(snapshot["heads"], where, findings)
        for room, offset, *members, data in snapshot["events"]:
            self._take_event(room, offset, Event(*members, canonical(data)), where, findings)
        for room, head in snapshot["heads"].items():
            if self.head(room) != head:
                findings.add("order", where, f"{room} says its head is {head} and has {self.head(room)} events")
        self._take_keys(snapshot["keys"], where, findings)
        self._take_reads(snapshot, where, findings)

    def _take_epochs(self, index, epochs, where, findings):
        if len(set(epochs)) != len(epochs):
            findings.add("epochs", where, "two starts have the same epoch")
        known = sorted(self.epochs, key=lambda epoch: self.epochs[epoch][0])
        if epochs[: len(known)] != known:
            findings.add("epochs", where, f"of {len(known)} starts known before some are gone")
        for number, epoch in enumerate(epochs):
            self.epochs.setdefault(epoch, (number, index))

    def _take_heads(self, heads, where, findings):
        for room, before in (self.heads[-1] if self.heads else {}).items():
            now = heads.get(room, 0)
            if now < before:
                findings.add("durable", where, f"{room} had {before} events on disk before and has {now}")
                for gone in self.events[room][now:]:
                    self.keys.pop((room, gone.by, gone.key), None)
                del self.events[room][now:]
        self.heads.append(heads)

    def _take_event(self, room, offset, event, where, findings):
        events = self.events.setdefault(room, [])
        if offset == len(events) + 1:
            events.append(event)
        elif offset > len(events):
            findings.add("order", where, f"{room} has {offset} behind {len(events)}")
            events += [None] * (offset - len(events) - 1) + [event]
        elif events[offset - 1] != event:
            findings.add("order", where, f"{room} {offset} was {events[offset - 1]} and is now {event}")

    def _take_keys(self, keys, where, findings):
        for room, user, key, offset in keys:
            event = self.event(room, offset)
            if event is None or (event.by, event.key) != (user, key):
                findings.add("keys", where, f"{room} has the key {user}/{key} for {offset}, which is {event}")
            first = self.keys.setdefault((room, user, key), offset)
            if first != offset:
                findings.add("keys", where, f"{room} has the key {user}/{key} at {first} and at {offset}")

    def _take_reads(self, snapshot, where, findings):
        before = self.reads[-1] if self.reads else {}
        now = snapshot["reads"]
        for room, marks in before.items():
            for user, upto in marks.items():
                if now.get(room, {}).get(user, 0) < upto:
                    findings.add("reads", where, f"{room}: the mark of {user} was {upto} before")
        for room, marks in now.items():
            for user, upto in marks.items():
                if upto > snapshot["heads"].get(room, 0):
                    findings.add("reads", where, f"{room}: the mark of {user}, {upto}, is beyond the head")
        self.reads.append(now)

    def check_keys(self, findings):
        """Every keyed event has its key, no two events of a sender share one."""
        for room, events in self.events.items():
            seen = {}
            for offset, event in enumerate(events, 1):
                if event is None or event.key is None:
                    continue
                first = seen.setdefault((event.by, event.key), offset)
                if first != offset:
                    findings.add("keys", "disk", f"{room}: {event.by}/{event.key} is at {first} and at {offset}")
                elif self.keys.get((room, event.by, event.key)) != offset:
                    findings.add("keys", "disk", f"{room}: {offset} has lost its key {event.by}/{event.key}")
