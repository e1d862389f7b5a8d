"""What a talker chooses, all of it from the run's seed and its name."""

import random

from outbox import Entry

ACTS = {"send": 100, "read": 8, "history": 6, "signal": 4, "again": 3, "leave": 3, "ping": 3, "tear": 0.5}

WORDS = ["plain", "текст 👋", 'quoted "and" \\ slashed', "line\nbreak\ttab", "\u2028<b>&amp;", ""]


class Choices:
    def __init__(self, seed, name, rooms, *, bulk=0.005, is_faithful=False):
        self._random = random.Random(f"{seed}/{name}")
        self._name = name
        self._said = 0
        self._bulk = bulk
        self._is_faithful = is_faithful
        self._life = None
        self.rooms = sorted(self._random.sample(rooms, self._random.randint(min(2, len(rooms)), len(rooms))))
        self.window = self._random.choice([1, 2, 4, 8, 16])
        self.compresses = self._random.random() < 0.3
        # Some wait for the disk with every message, some never, most with some.
        self._durable = self._random.choice([0, 0.5, 0.5, 1])

    def act(self):
        return self._random.choices(list(ACTS), ACTS.values())[0]

    def room(self):
        return self._random.choice(self.rooms)

    def entry(self, room):
        self._said += 1
        chance = self._random
        data = {"n": self._said, "text": chance.choice(WORDS)}
        if chance.random() < 0.1:
            data["more"] = [None, True, -1, 0.5, {"deep": [[]]}]
        if chance.random() < self._bulk:
            data["bulk"] = "x" * chance.randint(1000, 40_000)
        ack = "durable" if chance.random() < self._durable else "accepted"
        return Entry(room, "message", f"{self._name}-{self._said}", data, ack)

    def stays_away(self, life):
        """Whether it is not there for a whole life of the hub; someone always is."""
        if self._life == life or self._is_faithful:
            return False
        self._life = life
        return self._random.random() < 0.1

    def joins_by_hello(self):
        return self._random.random() < 0.7

    def resumes_session(self):
        return self._random.random() < 0.5

    def sends_behind_hello(self):
        return self._random.random() < 0.3

    def lines_a_frame(self):
        return self._random.choice([1, 1, 4, 64])

    def first_page(self):
        return self._random.choice([{"since": 0}, {}, {"limit": 10}, {"limit": 0}])

    def upto(self, position):
        return self._random.randint(max(0, position - 3), position)

    def page(self, position):
        limit = self._random.choice([1, 20, 100])
        anchor = self._random.choice([{}, {"after": 0}, {"before": position + 1}, {"after": max(0, position - 5)}])
        return {**anchor, "limit": limit}
