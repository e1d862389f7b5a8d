"""The same promises over power cuts: what was not synced is lost, torn or out of order at every death.

SIGKILL leaves the kernel to write what the dead process wrote; here only what was synced is sure to stay.
"""

import os
import random
import shutil

import pytest

from history import RULES
from power.cut import build
from run import carry_out, power_size

ROUNDS = int(os.environ.get("ROUNDS", 10))
SEED = os.environ.get("SEED", str(random.randrange(10**9)))


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return build(tmp_path_factory.mktemp("power") / "cut.so")


@pytest.fixture(scope="module")
def cuts(library):
    verdict, folder = carry_out(SEED, power_size(ROUNDS), library=library)
    yield verdict, f"{verdict.findings.account()}\nkept: {folder}\nagain: scripts/crash ROUNDS={ROUNDS} SEED={SEED} POWER=1"
    if verdict.ok:
        shutil.rmtree(folder)


@pytest.mark.parametrize("rule", RULES)
def test_it_holds_over_many_power_cuts(cuts, rule):
    verdict, account = cuts
    assert not verdict.findings.of(rule), account


def test_sectors_were_lost(cuts):
    figures = cuts[0].figures
    for name in ("sectors at stake", "sectors lost", "accepted and lost", "truncations", "durable"):
        assert figures.get(name), f"{name}: none, of {figures}"


def test_without_a_sync_for_each_commit_the_loss_is_seen(library):
    """The test can fail: with `synchronous=normal` a power cut takes what senders were told is durable."""
    verdict, folder = carry_out("volatile", power_size(3), library=library, synchronous="normal", thorough=True)
    shutil.rmtree(folder)
    assert verdict.findings.of("durable"), "nothing was lost although nothing was synced"
    # … but only from the end, and what is left is whole (docs/durability.md).
    assert not verdict.findings.of("disk") and not verdict.findings.of("order"), verdict.findings.account()


def test_with_a_sync_for_each_commit_only_what_was_never_durable_is_lost(library):
    """The very same deaths."""
    verdict, folder = carry_out("volatile", power_size(3), library=library, thorough=True)
    shutil.rmtree(folder)
    assert verdict.ok, verdict.findings.account()
    assert verdict.figures["accepted and lost"] > 0
