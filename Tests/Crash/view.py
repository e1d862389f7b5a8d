"""A room as a talker holds it: the reader's half of the contract's *Recovery*."""

# Newest events that are shown at the end; the checker replays all of them anyway.
KEEP = 2000


class View:
    def __init__(self, name):
        self.name = name
        self.is_joined = False
        self.epoch = None
        self.position = None
        self.durable = 0
        self.events = []

    def ask(self):
        """The fields of `sub` that continue what is held."""
        return {} if self.position is None else {"since": self.position, "epoch": self.epoch}

    def answered(self, ok):
        self.is_joined = True
        self.epoch, self.durable = ok["epoch"], ok["durable"]
        if self.position is None or not ok["recovered"]:
            self.events = []
            self.position = ok["events"][0]["offset"] - 1 if ok["events"] else ok["head"]
        elif "truncated_to" in ok and ok["truncated_to"] < self.position:
            self.position = ok["truncated_to"]
            self.events = [event for event in self.events if event["offset"] <= self.position]
        for event in ok["events"]:
            self.pushed(event)

    def pushed(self, event):
        if event["offset"] != self.position + 1:
            return
        self.position = event["offset"]
        self.events.append(event)
        if len(self.events) > 2 * KEEP:
            del self.events[:-KEEP]

    def shown(self):
        return [{name: member for name, member in event.items() if name != "room"} for event in self.events[-KEEP:]]
