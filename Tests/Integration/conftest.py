"""Starts the hub for the tests: both backends, one reactor and two."""

import asyncio
import inspect
import os
import uuid

import pytest

from hub import BINARY, PATIENCE, Hub, io_uring_is_allowed

VARIANTS = [("epoll", 1), ("epoll", 2), ("io_uring", 1), ("io_uring", 2)]


def pytest_configure(config):
    if not os.access(BINARY, os.X_OK):
        pytest.exit(f"there is no hub at {BINARY}: run scripts/test, or swift build -c release", 2)


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


@pytest.fixture(scope="session", params=VARIANTS, ids=lambda variant: f"{variant[0]}-{variant[1]}")
def variant(request):
    reactor, reactors = request.param
    if reactor == "io_uring" and not io_uring_is_allowed():
        pytest.skip("this machine forbids io_uring")
    return {"reactor": reactor, "reactors": reactors}


@pytest.fixture(scope="session")
def shared_hub(variant, tmp_path_factory):
    """One hub for all tests that need no settings of their own; it must survive them, and end with 0."""
    hub = Hub(tmp_path_factory.mktemp("shared") / "data", **variant).start()
    yield hub
    if hub.running:
        assert hub.stop() == 0, hub.errors()


@pytest.fixture
def hub(shared_hub):
    assert shared_hub.running, f"an earlier test ended the hub\n{shared_hub.errors()}"
    yield shared_hub
    assert shared_hub.running, f"this test ended the hub\n{shared_hub.errors()}"


@pytest.fixture
def start_hub(variant, tmp_path):
    """Starts hubs of this test's own: `start_hub(settings={"APUS_…": …}, flags=…)`."""
    started = []

    def start(name="data", **options):
        hub = Hub(tmp_path / name, **(variant | options))
        started.append(hub)
        return hub.start()

    yield start
    left = [hub for hub in started if hub.running]
    for hub in left:
        hub.kill()
    for hub in started:
        if hub not in left and hub.process is not None:
            assert hub.process.returncode in (0, -9), f"the hub ended with {hub.process.returncode}\n{hub.errors()}"


@pytest.fixture
def room():
    """A room that no other test knows."""
    return f"ticket:{uuid.uuid4().hex[:12]}"
