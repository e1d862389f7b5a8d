"""The packages that scripts/test has built, and a machine to try them on."""

import os
from pathlib import Path

import pytest

from machine import Machine


@pytest.fixture(scope="session")
def packages():
    """Version → file name, the older first."""
    found = os.environ["APUS_PACKAGES"].split()
    return [Path(name) for name in found]


@pytest.fixture
def machine(packages, tmp_path):
    machine = Machine(os.environ["APUS_DEBIAN_ROOT"], packages[0].parent, tmp_path)
    yield machine
    machine.off()
