"""The checker finds what is planted in a history, names the right rule, and finds nothing in one that is whole."""

import faults_kept  # noqa: F401
import faults_told  # noqa: F401
import faults_woven  # noqa: F401
import pytest

from checker import check
from history import RULES, Finding
from planting import PLANTED, lines
from story import story


def test_nothing_is_found_in_a_whole_history():
    verdict = check(story())
    assert verdict.ok, verdict.findings.account()
    assert verdict.figures["accepted and lost"] == 1
    assert verdict.figures["truncations"] == 2
    assert verdict.figures["events dropped"] == 2
    assert verdict.figures["duplicates"] == 1
    assert verdict.figures["events on disk"] == 4


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_found(name):
    rule, spoil = PLANTED[name]
    history = story()
    spoil(history)
    verdict = check(history)
    assert verdict.findings.of(rule), f"not found; only: {verdict.findings.account()}"


def test_every_rule_has_a_planted_fault():
    assert {rule for rule, _ in PLANTED.values()} == set(RULES)


def test_an_account_is_short_and_names_the_rule():
    history = story()
    for record in lines(history, "boris", "durable"):
        record["durable"] += 100
    account = check(history).findings.account(each=1)
    assert account.count("\n") == 1
    assert "× watermark" in account and "boris connection" in account
    assert str(Finding("order", "anna", "a gap")) == "order: anna: a gap"
