"""Starts the hub for the tests: both backends, one reactor and two, and a part of the tests over TLS."""

import asyncio
import inspect
import os
import uuid

import pytest

from certificates import Authority
from hub import BINARY, PATIENCE, Hub, io_uring_is_allowed

VARIANTS = [("epoll", 1), ("epoll", 2), ("io_uring", 1), ("io_uring", 2)]
TLS_VARIANTS = [("epoll", 2, "tls"), ("io_uring", 1, "tls")]

# Modules that run over TLS, too: connecting, framing, sending, coming back, and everything about time and pressure.
OVER_TLS = {
    "test_drain", "test_framing", "test_handshake", "test_heartbeat", "test_recovery", "test_send", "test_slow",
    "test_tls",
}  # fmt: skip
ONLY_TLS = {"test_tls"}


def pytest_configure(config):
    if not os.access(BINARY, os.X_OK):
        pytest.exit(f"there is no hub at {BINARY}: run scripts/test, or swift build -c release", 2)


def pytest_collection_modifyitems(config, items):
    """Takes out what a module does not run on."""

    def belongs(item):
        variant = item.callspec.params.get("variant") if hasattr(item, "callspec") else None
        module = item.module.__name__
        if variant is None:
            return True
        return module in OVER_TLS if variant in TLS_VARIANTS else module not in ONLY_TLS

    left_out = [item for item in items if not belongs(item)]
    items[:] = [item for item in items if belongs(item)]
    config.hook.pytest_deselected(items=left_out)


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


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    """Signs certificates that the tests' clients trust."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session", params=VARIANTS + TLS_VARIANTS, ids=lambda variant: "-".join(map(str, variant)))
def variant(request):
    reactor, reactors, *tls = request.param
    if reactor == "io_uring" and not io_uring_is_allowed():
        pytest.skip("this machine forbids io_uring")
    pair = request.getfixturevalue("authority").issue() if tls else None
    return {"reactor": reactor, "reactors": reactors, "pair": pair}


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
