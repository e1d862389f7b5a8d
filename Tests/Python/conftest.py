"""The Python client against real hubs; helpers of the integration tests start them."""

import asyncio
import inspect
import sys
import uuid
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "clients/python/src"), str(ROOT / "Tests/Integration")]

from hub import PATIENCE, Hub as Process  # noqa: E402


def pytest_pyfunc_call(pyfuncitem):
    """Coroutine tests run on an event loop of their own."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = pyfuncitem._fixtureinfo.argnames
    arguments = {name: pyfuncitem.funcargs[name] for name in names}

    async def bounded():
        await asyncio.wait_for(pyfuncitem.obj(**arguments), 4 * PATIENCE)

    asyncio.run(bounded())
    return True


@pytest.fixture
def process(tmp_path):
    """A hub of this test's own, which must not end by itself."""
    hub = Process(tmp_path / "data").start()
    yield hub
    assert hub.running, f"the hub ended\n{hub.errors()}"
    assert hub.stop() == 0, hub.errors()


@pytest.fixture
def name():
    return uuid.uuid4().hex[:12]
