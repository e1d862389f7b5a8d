"""Stops and starts while everybody goes on talking: nobody loses an event, everybody comes back in their slot."""

import os
import random
import shutil

import pytest

from campaign import Size
from checker import check
from history import RULES, History
from run import carry_out

SEED = os.environ.get("SEED", str(random.randrange(10**9)))
STOPS = int(os.environ.get("STOPS", 4))


@pytest.fixture(scope="module")
def stops():
    verdict, folder = carry_out(SEED, Size(rounds=STOPS, most_lines=6000), drains=True)
    print(f"seed {SEED}: {dict(sorted(verdict.figures.items()))}")
    yield verdict, folder
    if verdict.ok:
        shutil.rmtree(folder)


@pytest.mark.parametrize("rule", RULES)
def test_it_holds_over_many_stops(stops, rule):
    verdict, folder = stops
    assert not verdict.findings.of(rule), f"{verdict.findings.account()}\nkept: {folder}\nseed: {SEED}"


def test_everybody_was_there_and_talking(stops):
    figures = stops[0].figures
    for name in ("durable", "closed with 1012", "slots kept", "recoveries", "read marks"):
        assert figures.get(name), f"{name}: none, of {figures}"
    assert figures["lives"] == STOPS + 2
    assert not figures.get("accepted and lost") and not figures.get("truncations"), figures


def test_a_slot_that_is_not_kept_is_seen(stops):
    """The same records, told to come back a minute later."""
    history = History.read(stops[1])
    for name, records in history.clients.items():
        history.clients[name] = told = [dict(record) for record in records]
        for record in told:
            if "drain" in record.get("in", {}):
                record["in"] = {"drain": {**record["in"]["drain"], "reconnect_after": 60_000}}
    assert check(history).findings.of("drain")
