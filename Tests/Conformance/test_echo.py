"""The sections of the Autobahn TestSuite that take seconds, a test for each case. scripts/conformance runs them all."""

import pytest

from expected import QUICK, chosen, differences, expected_outcomes
from hub import PATIENCE, io_uring_is_allowed
from run import REACTORS, patterns, run_on

EVERYTHING = expected_outcomes()
EXPECTED = chosen(EVERYTHING, QUICK)


# TLS is the same code on both reactors down to the queue, so in this place one is enough.
VARIANTS = [*((reactor, False) for reactor in REACTORS), ("epoll", True)]


@pytest.fixture(scope="session", params=VARIANTS, ids=lambda variant: variant[0] + ("-tls" if variant[1] else ""))
def ran(request, tmp_path_factory):
    """The suite's run on this reactor, and what was wrong with the hub."""
    reactor, tls = request.param
    if reactor == "io_uring" and not io_uring_is_allowed():
        pytest.skip("this machine forbids io_uring")
    folder = tmp_path_factory.mktemp(reactor)
    return run_on(reactor, patterns(EVERYTHING, QUICK), None, folder, 4 * PATIENCE, tls)


@pytest.mark.parametrize("case", EXPECTED)
def test_case(ran, case):
    run, _ = ran
    assert run.outcomes.get(case) == EXPECTED[case], run.reasons.get(case, run.trouble or "did not run")


def test_the_run_ended_well_and_saw_nothing_else(ran):
    run, trouble = ran
    assert not run.trouble
    assert not trouble
    assert not differences(EXPECTED, run.outcomes)
