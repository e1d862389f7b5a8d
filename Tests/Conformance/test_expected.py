"""The comparison itself, and what may be expected at all."""

import json
from collections import Counter

import pytest

from expected import FILE, QUICK, Outcome, chosen, differences, expected_outcomes, section
from suite import SuiteRun

FINE = Outcome("OK", "OK", 1000)
EXPECTED = {"1.1.1": FINE, "7.1.6": Outcome("INFORMATIONAL", "INFORMATIONAL", 1000), "7.1.10": FINE}


def test_nothing_differs_from_itself():
    assert differences(EXPECTED, dict(EXPECTED)) == []


@pytest.mark.parametrize(
    "outcome",
    [
        FINE._replace(behavior="FAILED"),
        FINE._replace(behavior="NON-STRICT"),
        FINE._replace(behavior="UNIMPLEMENTED"),
        FINE._replace(behavior="INFORMATIONAL"),
        FINE._replace(close="UNCLEAN"),
        FINE._replace(close="FAILED BY CLIENT"),
        FINE._replace(code=1002),
        FINE._replace(code=None),
    ],
)
def test_every_other_outcome_differs(outcome):
    (line,) = differences(EXPECTED, EXPECTED | {"7.1.10": outcome})
    assert line.startswith("7.1.10: ") and str(outcome) in line and str(FINE) in line


def test_an_informational_case_may_not_become_another_one():
    assert differences(EXPECTED, EXPECTED | {"7.1.6": FINE})


def test_cases_that_did_not_run_or_are_not_known_differ_in_the_order_of_the_suite():
    lines = differences(EXPECTED, {"1.1.1": FINE, "10.1.1": FINE})
    assert [line.partition(":")[0] for line in lines] == ["7.1.6", "7.1.10", "10.1.1"]
    assert "did not run" in lines[0] and FILE.name in lines[2]


def test_sections_and_cases_are_chosen_by_their_numbers():
    assert list(chosen(EXPECTED, ["7"])) == ["7.1.6", "7.1.10"]
    assert list(chosen(EXPECTED, ["1"])) == ["1.1.1"]
    with pytest.raises(LookupError, match="7.1.1'"):
        chosen(EXPECTED, ["7.1.1"])


def test_all_cases_of_the_suite_are_expected_and_none_to_fail():
    outcomes = expected_outcomes()
    assert len(outcomes) == len(json.loads(FILE.read_text())) == 517
    assert Counter(outcome.behavior for outcome in outcomes.values()) == {"OK": 514, "INFORMATIONAL": 3}
    assert all(outcome.close == outcome.behavior for outcome in outcomes.values())
    assert {section(case) for case in outcomes} == {*QUICK, "9", "12", "13"}


def test_a_server_that_is_not_there_passes_nothing(tmp_path):
    run = SuiteRun(tmp_path).against("ws://127.0.0.1:1/echo", ["1.1.1"], patience=60)
    assert differences({"1.1.1": FINE}, run.outcomes) == [f"1.1.1: did not run; expected {FINE}"]
