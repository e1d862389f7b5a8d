"""A running hub for what deploy/ says about it. Hub and requests are those of Tests/Integration."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "Tests" / "Integration"), str(ROOT / "bench" / "endurance")]

from hub import Hub  # noqa: E402


@pytest.fixture(scope="session")
def hub(tmp_path_factory):
    hub = Hub(tmp_path_factory.mktemp("hub") / "data", flags=()).start()
    yield hub
    if hub.running:
        assert hub.stop() == 0, hub.errors()
