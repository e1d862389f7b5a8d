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
    # For power cuts. It dies before the N-th write or sync of a file ("FILE:N"), …
    die: str | None = None
    # From the N-th sync of a file on some fail ("FILE:N:M").
    fail: str | None = None
    # After those lines nobody writes for a while, so that the log is copied into the database meanwhile …
    has_lull: bool = False
    # … and then they go on for as many lines, so that the log begins again.
    goes_on: bool = False


# A returning client is always recovered up to here.
REACH = 200


def rounds(seed, count, *, backends, synchronous="full", most_lines=20_000, power=False):
    chance = random.Random(f"{seed}/rounds")
    found = [_round(chance, number, backends, synchronous, most_lines) for number in range(count)]
    if power:
        for one in found:
            _choose_write(chance, one)
    return found


def _choose_write(chance, one):
    """Most deaths stand between two writes; without a choice the process is killed from outside, as ever."""
    kind = chance.choice(["commit", "commit", "checkpoint", "checkpoint", "restart", "any", None])
    if kind == "commit":
        one.die = f"apus.sqlite-wal:{chance.randint(1, 2000)}"
    elif kind == "checkpoint":
        one.die, one.has_lull = f"apus.sqlite:{chance.randint(1, 40)}", True
    elif kind == "restart":
        one.has_lull = one.goes_on = True
    elif kind == "any":
        one.die = f"*:{int(300 ** chance.random())}"
    # Not the first syncs of a life: a hub that cannot begin its database does not start.
    file, least, most = chance.choice([("apus.sqlite-wal", 5, 60), ("apus.sqlite", 1, 2)])
    if one.number and chance.random() < 0.3:
        one.fail = f"{file}:{chance.randint(least, most)}:{chance.choice([1, 1, 3])}"


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
