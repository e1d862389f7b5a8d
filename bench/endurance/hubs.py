"""The hub as the integration tests start it, on a port that stays the same over its lives."""

import asyncio
import signal
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests" / "Integration"))

from hub import BINARY, Hub, io_uring_is_allowed, run  # noqa: E402, F401


def make(folder, reactor=None, **settings):
    reactor = reactor or ("io_uring" if io_uring_is_allowed() else "epoll")
    return Hub(Path(folder) / "data", reactor=reactor, reactors=2, settings=settings, flags=())


async def restart(hub, how, delay):
    """Ends the process, waits as a supervisor does, starts it again: seconds to its end, and from there to its listening."""
    began = time.monotonic()
    hub.signal(how)
    status = await asyncio.to_thread(hub.wait)
    ended = time.monotonic()
    wanted = 0 if how == signal.SIGTERM else -how
    if status != wanted:
        raise RuntimeError(f"the hub ended with {status}\n{hub.errors()}")
    await asyncio.sleep(delay)
    again = time.monotonic()
    await asyncio.to_thread(hub.start, hub.port)
    return ended - began, time.monotonic() - again
