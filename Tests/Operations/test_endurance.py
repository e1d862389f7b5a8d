"""The judges of scripts/soak and scripts/probe see what is planted for them, and nothing where nothing is."""

import math

import pytest

import judge
from knocker import Knocker
from ledger import Ledger
from samples import Sample

MIB = 1 << 20


def run_of(seconds, memory, **figures):
    """Samples of one life, `memory` a function of the second."""
    fixed = {"life": 0, "wal": 0, "files": 18, "connections": 0, "rooms": 0, "lag_events": 0, "lag_seconds": 0.0, "too_slow": 0}
    return [
        Sample(**(fixed | {"at": float(at), "resident": memory(at), "anonymous": memory(at), "cpu_seconds": 0.0} | figures))
        for at in range(seconds)
    ]


def warming(at):
    """Grows for five minutes, then goes up and down a little."""
    return int(48 * MIB * (1 - math.exp(-at / 60)) + 0.4 * MIB * math.sin(at / 7))


def test_memory_that_has_warmed_up_is_flat():
    assert judge.memory_faults(run_of(900, warming), 300) == []


@pytest.mark.parametrize("bytes_a_second", [6_000, 20_000, 1_000_000])
def test_memory_that_goes_on_growing_is_a_leak(bytes_a_second):
    faults = judge.memory_faults(run_of(900, lambda at: warming(at) + bytes_a_second * at), 300)
    assert [fault.split()[0] for fault in faults] == ["resident", "anonymous"]


def test_a_burst_is_no_leak():
    assert judge.memory_faults(run_of(900, lambda at: warming(at) + (30 * MIB if 600 < at < 640 else 0)), 300) == []


def test_a_life_too_short_to_judge_is_not_called_flat():
    assert "too short" in judge.memory_faults(run_of(305, warming), 300)[0]


def test_what_is_not_given_back_is_named():
    before, = run_of(1, warming)
    same, = run_of(1, warming)
    assert judge.rest_faults(before, same) == []
    for figure, value in [("files", 18 + judge.LATER_FILES + 1), ("connections", 1), ("rooms", 2), ("lag_events", 1)]:
        after, = run_of(1, warming, **{figure: value})
        assert len(judge.rest_faults(before, after)) == 1, figure


def test_a_disk_that_falls_behind_is_named():
    assert judge.lag_faults(run_of(9, warming, lag_seconds=1.0), 5) == []
    assert len(judge.lag_faults(run_of(9, warming, lag_seconds=6.0), 5)) == 1


ROOM = "ticket:1"


def sound():
    """A ledger and rooms that agree: two said and acknowledged, one said and only kept, one watcher."""
    ledger = Ledger()
    for number, key in enumerate(["a", "b", "c"], 1):
        ledger.sent(key, ROOM)
        if key != "c":
            ledger.durable(key, ROOM, number)
    ledger.seen["watcher"] = {ROOM: ["a", "b", "c"]}
    return ledger, {ROOM: [(1, "a"), (2, "b"), (3, "c")]}


def lose(ledger, rooms):
    rooms[ROOM].pop(0)


def swap(ledger, rooms):
    rooms[ROOM][:2] = [(1, "b"), (2, "a")]


def double(ledger, rooms):
    rooms[ROOM].append((4, "a"))


def invent(ledger, rooms):
    rooms[ROOM].append((4, "z"))
    ledger.seen["watcher"][ROOM].append("z")


def miss(ledger, rooms):
    ledger.seen["watcher"][ROOM].pop()


def stray(ledger, rooms):
    ledger.seen["watcher"][ROOM][1] = "c"


def answer_twice(ledger, rooms):
    ledger.durable("a", ROOM, 3)


def test_a_sound_account_has_no_fault():
    ledger, rooms = sound()
    assert ledger.settle(rooms) == []


@pytest.mark.parametrize("plant", [lose, swap, double, invent, miss, stray, answer_twice], ids=lambda plant: plant.__name__)
def test_a_planted_fault_is_found(plant):
    ledger, rooms = sound()
    plant(ledger, rooms)
    assert ledger.settle(rooms)


def test_dark_is_the_longest_time_without_an_acknowledgement(hub):
    knocker = Knocker("k", hub, ROOM, Ledger())
    knocker.moments = [0.0, 0.1, 0.2, 1.2, 1.3, 5.0]
    assert knocker.gap(0.15, 2.0) == pytest.approx(1.0)
    assert knocker.gap(6.0, 7.0) is None
