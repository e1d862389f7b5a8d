"""What a client that goes by the contract holds of one room, over all its connections."""


class Holding:
    """A run of events without gaps that ends at `position`, and the epoch it was last told."""

    def __init__(self, room, where, facts):
        self.room = room
        self.where = where
        self.facts = facts
        self.epoch = None
        self.events = []
        self.position = 0
        # Up to here the events are known to be the room's.
        self.verified = 0

    @property
    def first(self):
        return self.position - len(self.events) + 1

    # -- answers

    def answered(self, since, old, ok):
        """Takes the answer to `sub` with this `since` and epoch (`old`); says which part was kept."""
        if ok["recovered"]:
            self._recovered(since, old, ok)
        else:
            self._began_anew(since, old, ok)
        self.epoch = ok["epoch"]
        for event in ok["events"]:
            self.append(event["offset"], ok["epoch"])

    def _recovered(self, since, old, ok):
        cut = ok.get("truncated_to")
        start = since if cut is None else cut
        if since is None:
            self._phantom("was recovered without having asked")
            start = self.position
        elif start > self.position:
            self._phantom(f"is to go on behind {start}, and holds only up to {self.position}")
        elif since:
            self._check_cut(since, old, cut, ok)
        if cut is not None:
            self.facts.figures["truncations"] += 1
            self.facts.figures["events dropped"] += max(0, self.position - cut)
        self.facts.figures["recoveries"] += 1
        self._cut(min(start, self.position))
        if old != ok["epoch"]:
            self.verify(ok["epoch"])

    def _check_cut(self, since, old, cut, ok):
        """What did not survive is named, exactly."""
        if old == ok["epoch"]:
            if cut is not None:
                self._phantom(f"was told to drop what is after {cut} of an epoch that goes on")
            elif since > ok["head"]:
                self._phantom(f"was told recovered at {since}, beyond the head {ok['head']}")
        elif self.facts.timeline.number(old) is None:
            self._phantom(f"was told recovered from the epoch {old}, which the disk does not know")
        else:
            survived = self.facts.timeline.survived(old, self.room)
            wanted = survived if since > survived else None
            if cut != wanted:
                self._phantom(f"was told to drop what is after {cut}; of {since} there survived {survived}")

    def _began_anew(self, since, old, ok):
        if since is not None:
            self._check_refusal(since, old, ok)
        self.events = []
        self.position = ok["events"][0]["offset"] - 1 if ok["events"] else ok["head"]
        self.verified = self.position

    def _check_refusal(self, since, old, ok):
        """A client may be sent back to the newest page only for a reason."""
        behind = ok["head"] - since
        if self.facts.timeline.number(old) is None and since:
            self._phantom(f"asked with the epoch {old}, which the disk does not know")
        elif behind <= self.facts.reach:
            self._phantom(f"was not recovered although only {behind} behind the head {ok['head']}")
        else:
            self.facts.figures["gaps"] += 1

    # -- what is held

    def append(self, offset, epoch):
        if offset <= self.position:
            return
        if offset != self.position + 1:
            self.facts.findings.add("order", self.where, f"{self.room} {offset} came behind {self.position}")
            self.events = []
            self.verified = offset - 1
        self.events.append(self.facts.sightings[epoch, self.room][offset][0])
        self.position = offset

    def _cut(self, position):
        drop = self.position - position
        if drop > 0:
            del self.events[max(0, len(self.events) - drop) :]
        self.position = position
        self.verified = min(self.verified, position)

    def verify(self, epoch):
        """What is held from earlier epochs is what the room has in this one."""
        for offset in range(max(self.verified + 1, self.first), self.position + 1):
            held, truth = self.events[offset - self.first], self.facts.truth(epoch, self.room, offset)
            if held != truth:
                self._phantom(f"keeps {held} at {offset}, where the room has {truth}")
        self.verified = self.position

    def _phantom(self, sentence):
        self.facts.findings.add("phantom", self.where, f"{self.room}: {sentence}")
