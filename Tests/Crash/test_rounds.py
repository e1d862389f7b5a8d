"""Rounds of killing and coming back; one case for each promise. ROUNDS and SEED come from the environment."""

import os
import random
import shutil

import pytest

from campaign import Size
from checker import check
from history import RULES, History
from run import carry_out

ROUNDS = int(os.environ.get("ROUNDS", 10))
SEED = os.environ.get("SEED", str(random.randrange(10**9)))


def outcome(size, seed=SEED):
    verdict, folder = carry_out(seed, size)
    print(f"seed {seed}: {dict(sorted(verdict.figures.items()))}")
    if verdict.ok:
        return verdict, folder, ""
    return verdict, folder, f"{verdict.findings.account()}\nkept: {folder}\nagain: scripts/crash ROUNDS={size.rounds} SEED={seed}"


@pytest.fixture(scope="module")
def rounds():
    verdict, folder, account = outcome(Size(rounds=ROUNDS))
    yield verdict, account
    if verdict.ok:
        shutil.rmtree(folder)


@pytest.mark.parametrize("rule", RULES)
def test_it_holds_over_many_deaths(rounds, rule):
    verdict, account = rounds
    assert not verdict.findings.of(rule), account


def test_something_was_at_stake(rounds):
    """A run in which nothing was lost on the way, dropped, or asked for twice would prove nothing."""
    figures = rounds[0].figures
    for name in ("accepted and lost", "events dropped", "truncations", "duplicates", "durable", "read marks", "pages",
                 "tokens written", "texts shown", "streams ended", "streams taken up again"):  # fmt: skip
        assert figures.get(name), f"{name}: none, of {figures}"
    assert figures["lives"] >= ROUNDS + 2


# -- faults in what was really recorded: the checker sees them among thousands of lines, too


@pytest.fixture(scope="module")
def recorded():
    verdict, folder, account = outcome(Size(rounds=3, talkers=4, nodes=1, most_lines=1500), seed="recorded")
    assert verdict.ok, account
    history = History.read(folder)
    history.clients = {name: list(records) for name, records in history.clients.items()}
    shutil.rmtree(folder)
    return history


def any_line(history, chance, where):
    """The records of some client and the index of one whose received line is as wanted. What the writers and readers of
    streams hear is held to another rule, whose faults are planted in the story."""
    found = [
        (records, index)
        for name, records in history.clients.items()
        if not name.startswith(("weaver", "onlooker"))
        for index, record in enumerate(records)
        if "in" in record and where(record["in"])
    ]
    return chance.choice(found)


def is_event(line):
    return "offset" in line and "id" not in line


def a_push_is_gone(history, chance):
    records, index = any_line(history, chance, is_event)
    del records[index]


def a_push_comes_twice(history, chance):
    records, index = any_line(history, chance, is_event)
    records.insert(index, records[index])


def an_event_is_another(history, chance):
    records, index = any_line(history, chance, is_event)
    records[index] = {**records[index], "in": {**records[index]["in"], "by": "nobody"}}


def a_reply_comes_twice(history, chance):
    records, index = any_line(history, chance, lambda line: "id" in line)
    records.insert(index, records[index])


def a_watermark_is_too_high(history, chance):
    records, index = any_line(history, chance, lambda line: "durable" in line)
    records[index] = {**records[index], "in": {**records[index]["in"], "durable": 10**6}}


def a_durable_reply_is_beyond_the_disk(history, chance):
    records, index = any_line(history, chance, lambda line: "id" in line and "at" in line.get("ok", {}))
    line = records[index]["in"]
    records[index] = {**records[index], "in": {**line, "ok": {**line["ok"], "offset": 10**6}}}


def a_view_lacks_the_newest(history, chance):
    views = [record["view"] for records in history.clients.values() for record in records if "view" in record]
    view = chance.choice([view for view in views if view["events"]])
    view["events"] = view["events"][:-1]


def the_disk_lacks_an_event(history, chance):
    rows = history.disk[-1]["events"]
    for other in history.disk:
        other["events"] = [row for row in other["events"] if row[:2] != rows[len(rows) // 2][:2]]


RECORDED = [
    (a_push_is_gone, "order"),
    (a_push_comes_twice, "order"),
    (an_event_is_another, "order"),
    (a_reply_comes_twice, "replies"),
    (a_watermark_is_too_high, "watermark"),
    (a_durable_reply_is_beyond_the_disk, "keys durable order"),
    (a_view_lacks_the_newest, "views"),
    (the_disk_lacks_an_event, "order"),
]


@pytest.mark.parametrize(("spoil", "rules"), RECORDED, ids=lambda value: getattr(value, "__name__", None))
def test_a_fault_planted_in_a_recorded_run_is_found(recorded, spoil, rules):
    spoilt = History(recorded.run, recorded.lives, list(recorded.disk), {})
    spoilt.disk = [dict(found) for found in recorded.disk]
    spoilt.clients = {name: [dict(record) for record in records] for name, records in recorded.clients.items()}
    for records in spoilt.clients.values():
        for record in records:
            if "view" in record:
                record["view"] = dict(record["view"])
    spoil(spoilt, random.Random(SEED))
    verdict = check(spoilt)
    assert any(verdict.findings.of(rule) for rule in rules.split()), verdict.findings.account() or "nothing was found"
