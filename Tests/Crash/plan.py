"""What the seed decides about each round: which hub, how it is set, and when it dies."""

import random
from dataclasses import dataclass, field


@dataclass
class Round:
    number: int
    reactor: str
    reactors: int
    settings: dict = field(default_factory=dict)
    # It dies this much after the talkers have got so many lines …
    lines: int = 0
    delay_ms: float = 0
    # … or so long after its process was made, ready or not.
    stillborn_ms: float | None = None


# A returning client is always recovered up to here.
REACH = 200


def rounds(seed, count, *, backends, synchronous="full", most_lines=20_000):
    chance = random.Random(f"{seed}/rounds")
    return [_round(chance, number, backends, synchronous, most_lines) for number in range(count)]


def _round(chance, number, backends, synchronous, most_lines):
    found = Round(number, backends[number % len(backends)], 1 + number // len(backends) % 2)
    found.settings = {
        "APUS_STORE_SYNCHRONOUS": synchronous,
        "APUS_STORE_COMMIT_INTERVAL_MS": chance.choice([0, 5, 5, 50, 200]),
        "APUS_STORE_COMMIT_EVENTS": chance.choice([1, 20, 1000]),
        "APUS_RING_EVENTS": chance.choice([10, 200, 1000]),
        "APUS_RING_RECOVER_EVENTS": chance.choice([REACH, 1000]),
        "APUS_RING_IDLE_MS": chance.choice([1000, 60_000]),
        "APUS_DEFLATE": chance.choice(["off", "on", "on", "context_takeover"]),
    }
    # Some die while everyone is coming back, most in full flow.
    early, late = int(300 ** chance.random()), chance.randint(most_lines // 10, most_lines)
    found.lines = early if chance.random() < 0.3 else late
    found.delay_ms = chance.uniform(0, 20)
    if number and chance.random() < 0.1:
        found.stillborn_ms = chance.uniform(0, 400)
    return found
