"""What a talker has said and does not yet know to be durable; sent again on every connection, under its key."""

from dataclasses import dataclass


@dataclass(eq=False)
class Entry:
    room: str
    kind: str
    key: str
    data: object
    ack: str
    is_sent: bool = False
    offset: int | None = None

    @property
    def fields(self):
        return {"room": self.room, "kind": self.kind, "key": self.key, "data": self.data, "ack": self.ack}


class Outbox:
    def __init__(self, record):
        self.entries = []
        self._record = record

    def add(self, entry):
        self._record.said(room=entry.room, kind=entry.kind, key=entry.key, data=entry.data)
        self.entries.append(entry)

    def connected(self):
        """Whatever an earlier connection was told, it is asked again."""
        for entry in self.entries:
            entry.is_sent, entry.offset = False, None

    @property
    def unsent(self):
        return [entry for entry in self.entries if not entry.is_sent]

    def accepted(self, entry, offset, durable):
        entry.offset = offset
        if entry.ack == "durable" or offset <= durable:
            self._finish([entry])

    def refused(self, key):
        """It will be sent again on the next occasion."""
        for entry in self.entries:
            if entry.key == key:
                entry.is_sent = False

    def durable(self, room, upto):
        """The disk has everything up to there."""
        self._finish([one for one in self.entries if one.room == room and one.offset and one.offset <= upto])

    def _finish(self, entries):
        for entry in entries:
            self._record.done(entry.room, entry.key)
        if entries:
            self.entries = [entry for entry in self.entries if entry not in entries]
