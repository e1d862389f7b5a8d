"""What all clients together have seen: one book for sightings, acknowledgements and what was said."""

from collections import Counter, defaultdict


class Facts:
    def __init__(self, timeline, findings, run):
        self.timeline = timeline
        self.findings = findings
        self.reach = run["reach"]
        self.has_faults = run.get("faults", False)
        self.figures = Counter()
        # (epoch, room) → offset → (event, by whom it was seen first)
        self.sightings = defaultdict(dict)
        # What `duplicate` answers claim: checked at the end, when all have been heard.
        self.duplicates = []
        # (client, user, room) → the entries in the order of saying: (kind, key, data)
        self.said = defaultdict(list)
        # … and where some of it was refused at first, so that what came later may have overtaken it.
        self.refused = set()
        # (user, room, key) that the application takes for durable.
        self.done = []

    def sight(self, epoch, room, offset, event, where):
        """Someone saw this event at this offset in this epoch: all others must have seen the same."""
        seen = self.sightings[epoch, room]
        first = seen.get(offset)
        if first is None:
            seen[offset] = (event, where)
            self._compare(epoch, room, offset, event, where)
        elif first[0] != event:
            sentence = f"{room} {offset} is {event}, but {first[1]} saw {first[0]} there in the same epoch"
            self.findings.add("order", where, sentence)

    def _compare(self, epoch, room, offset, event, where):
        timeline = self.timeline
        if offset <= timeline.survived(epoch, room) and timeline.event(room, offset) != event:
            sentence = f"{room} {offset} is {event}, but the disk has {timeline.event(room, offset)}"
            self.findings.add("order", where, sentence)

    def truth(self, epoch, room, offset):
        """The event that the room had there in this epoch, as far as anybody knows."""
        if offset <= self.timeline.survived(epoch, room):
            return self.timeline.event(room, offset)
        seen = self.sightings[epoch, room].get(offset)
        return seen and seen[0]

    # -- at the end

    def conclude(self):
        self.timeline.check_keys(self.findings)
        for (epoch, room), seen in self.sightings.items():
            self._one_offset_a_key(epoch, room, seen)
            survived = self.timeline.survived(epoch, room)
            self.figures["accepted and lost"] += sum(1 for offset in seen if offset > survived)
        for claim in self.duplicates:
            self._points_at_the_first(*claim)
        for user, room, key, where in self.done:
            if (room, user, key) not in self.timeline.keys:
                self.findings.add("outbox", where, f"took {room} {key} for durable, and the disk does not have it")
        self._said_is_there()
        self.figures["events on disk"] = sum(map(len, self.timeline.events.values()))

    def _one_offset_a_key(self, epoch, room, seen):
        inherited = self.timeline.inherited(epoch, room)
        given = {}
        for offset in sorted(offset for offset in seen if offset > inherited):
            event, where = seen[offset]
            if event.key is None:
                continue
            first = given.setdefault((event.by, event.key), offset)
            known = self.timeline.keys.get((room, event.by, event.key))
            if known is not None and known <= inherited:
                first = known
            if first != offset:
                sentence = f"{room}: {event.by}/{event.key} was given {offset}, and had {first} before"
                self.findings.add("keys", where, sentence)

    def _points_at_the_first(self, epoch, room, user, key, offset, where):
        event = self.truth(epoch, room, offset)
        known = self.timeline.keys.get((room, user, key))
        if known is not None and known <= self.timeline.survived(epoch, room) and known != offset:
            self.findings.add("keys", where, f"{room}: a duplicate of {key} was answered with {offset}, not {known}")
        elif event is not None and (event.by, event.key) != (user, key):
            self.findings.add("keys", where, f"{room}: a duplicate of {key} was answered with {offset}: {event}")

    def _said_is_there(self):
        timeline = self.timeline
        known = {(user, room, key) for (_, user, room), said in self.said.items() for _, key, _ in said}
        for room, events in timeline.events.items():
            for offset, event in enumerate(events, 1):
                if event is not None and event.kind != "stream" and (event.by, room, event.key) not in known:
                    self.findings.add("outbox", "disk", f"{room} {offset} is {event}, which nobody said")
        for (client, user, room), said in self.said.items():
            self._is_there(client, user, room, said)

    def _is_there(self, client, user, room, said):
        last = 0
        for kind, key, data in said:
            offset = self.timeline.keys.get((room, user, key))
            if offset is None:
                self.findings.add("outbox", client, f"{room}: {key} was said and is not there")
                continue
            event = self.timeline.event(room, offset)
            if event is not None and (event.kind, event.data) != (kind, data):
                self.findings.add("outbox", client, f"{room}: {key} was said as {data[:60]} and is {event}")
            if offset < last and (client, user, room) not in self.refused:
                self.findings.add("outbox", client, f"{room}: {key} is at {offset}, before what was said earlier")
            last = offset
