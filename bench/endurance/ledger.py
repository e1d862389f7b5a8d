"""What everyone said, was told and saw, and whether the hub's rooms agree with it at the end."""

from dataclasses import dataclass, field


@dataclass
class Ledger:
    # key → (room, offset) of what was acknowledged as durable.
    acknowledged: dict = field(default_factory=dict)
    # key → room of everything that was ever sent.
    said: dict = field(default_factory=dict)
    # error code → how often a send was answered so.
    errors: dict = field(default_factory=dict)
    # watcher → {room: [key]} as the watcher holds it, from offset 1 on.
    seen: dict = field(default_factory=dict)
    faults: list = field(default_factory=list)

    def sent(self, key, room):
        self.said[key] = room

    def durable(self, key, room, offset):
        known = self.acknowledged.setdefault(key, (room, offset))
        if known != (room, offset):
            self.faults.append(f"{key} was acknowledged at {known} and at {(room, offset)}")

    def refused(self, code):
        self.errors[code] = self.errors.get(code, 0) + 1

    def settle(self, rooms):
        """Holds everything against what the hub has kept: room → [(offset, key)], ascending. The faults."""
        faults = list(self.faults)
        places = {}
        for room, events in rooms.items():
            offsets = [offset for offset, _ in events]
            if offsets != list(range(1, len(events) + 1)):
                faults.append(f"{room} has gaps or repeats")
            for offset, key in events:
                if key in places:
                    faults.append(f"{key} is kept twice: {places[key]} and {(room, offset)}")
                places[key] = (room, offset)
                if self.said.get(key) != room:
                    faults.append(f"{room} keeps {key}, which nobody said there")
        for key, place in self.acknowledged.items():
            if places.get(key) != place:
                faults.append(f"{key} was acknowledged at {place} and is at {places.get(key)}")
        for watcher, views in self.seen.items():
            for room, view in views.items():
                kept = [key for _, key in rooms.get(room, [])]
                if view != kept:
                    same = next((n for n, pair in enumerate(zip(view, kept)) if pair[0] != pair[1]), min(len(view), len(kept)))
                    faults.append(f"{watcher} and {room} part after {same}: {len(view)} and {len(kept)} events")
        return faults
