"""Hubs on a disk that fails when it is told to; the rest is that of the integration tests."""

import importlib.util
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "Integration"), str(TESTS / "Crash" / "power")]

from compiler import shared_object  # noqa: E402
from disk import SOURCE, Disk  # noqa: E402
from hub import Hub  # noqa: E402


def integration_conftest():
    spec = importlib.util.spec_from_file_location("integration_conftest", TESTS / "Integration" / "conftest.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


INTEGRATION = integration_conftest()
pytest_configure = INTEGRATION.pytest_configure
pytest_pyfunc_call = INTEGRATION.pytest_pyfunc_call
room = INTEGRATION.room


@pytest.fixture(params=[("epoll", 1), ("io_uring", 2)], ids=lambda variant: f"{variant[0]}-{variant[1]}")
def variant(request):
    reactor, reactors = request.param
    if reactor == "io_uring" and not INTEGRATION.io_uring_is_allowed():
        pytest.skip("this machine forbids io_uring")
    return {"reactor": reactor, "reactors": reactors}


@pytest.fixture(scope="session")
def library(tmp_path_factory):
    return shared_object(SOURCE, tmp_path_factory.mktemp("disk") / "disk.so")


@pytest.fixture
def disk(tmp_path, library):
    return Disk(tmp_path, library)


@pytest.fixture
def hub(tmp_path, variant, disk):
    """A hub on the disk, not yet started."""
    made = Hub(tmp_path / "data", flags=(), **variant)
    made.settings |= disk.settings(made.data)
    yield made
    disk.mend()
    if made.running:
        made.kill()
