"""The search for the highest rate that a server keeps up with."""

import pytest
from measure import LOWEST_RATE, STEP, climb
from running import Missing


def server(most: float, breaks: bool = False):
    """A measurement of one that keeps up to `most` messages a second."""

    def measure(command: list) -> dict:
        rate = float(command[command.index("--rate") + 1])
        if rate > most and breaks:
            raise Missing("it cut a connection")
        return {"p99_ms": 5.0, "messages_per_second": min(rate, most), "rate": rate}

    return measure


@pytest.mark.parametrize("breaks", [False, True])
def test_the_last_rate_that_was_kept_up_with_counts(breaks):
    best = climb(["load"], server(LOWEST_RATE * STEP**3, breaks))
    assert best["rate"] == pytest.approx(LOWEST_RATE * STEP**3, abs=1)


def test_late_deliveries_end_the_climb():
    def measure(command: list) -> dict:
        rate = float(command[-1])
        return {"p99_ms": 60.0 if rate > 1000 else 1.0, "messages_per_second": rate, "rate": rate}

    assert climb(["load"], measure)["rate"] == pytest.approx(LOWEST_RATE * STEP**4, abs=1)


def test_one_that_cannot_keep_the_lowest_rate_is_shown_with_what_it_did():
    assert climb(["load"], server(100))["messages_per_second"] == 100
    with pytest.raises(Missing):
        climb(["load"], server(100, breaks=True))
