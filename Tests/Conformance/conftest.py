"""The conformance tests import the hub's process from the integration tests."""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Integration"))

from hub import BINARY  # noqa: E402: found by the line above
from suite import PYTHON2  # noqa: E402


def pytest_configure(config):
    for program, made_by in ((BINARY, "swift build -c release"), (PYTHON2, "scripts/conformance")):
        if not os.access(program, os.X_OK):
            pytest.exit(f"there is no {program}: run scripts/test, or {made_by}", 2)
