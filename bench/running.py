"""Processes that the bench starts: pinned to a core, waited for, ended."""

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time

SERVER_CORE = "0"
LOAD_CORE = "1" if (os.cpu_count() or 1) > 1 else "0"


# Autogroup niceness of what is measured, 0 to -20; below 0 needs root. On a shared machine it keeps neighbours off the
# two cores for the short time of a measurement.
NICENESS = int(os.environ.get("BENCH_NICE", "0"))


def start(command: list, core: str, **options) -> subprocess.Popen:
    """Starts the command pinned to the core, in a session of its own.

    The kernel shares a core between sessions first (autogroups): in one session with a load that is always runnable on
    its own core, a server that often sleeps would be given next to nothing of a busy one.
    """
    process = subprocess.Popen(["taskset", "-c", core, *map(str, command)], start_new_session=True, **options)
    if NICENESS:
        with contextlib.suppress(OSError):
            pathlib.Path(f"/proc/{process.pid}/autogroup").write_text(str(NICENESS))
    return process


class Missing(Exception):
    """A server that cannot be measured here, and why."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def accepts(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def family(pid: int) -> list[int]:
    """The process and its children, theirs included."""
    found = [pid]
    for parent in found:
        with contextlib.suppress(OSError):
            for task in pathlib.Path(f"/proc/{parent}/task").iterdir():
                found += [int(child) for child in (task / "children").read_text().split()]
    return found


@contextlib.contextmanager
def running(command: list, folder: pathlib.Path, environment: dict | None = None, core: str = SERVER_CORE):
    """Starts the command pinned to the core; its output goes to `log` in the folder."""
    with open(folder / "log", "wb") as log:
        process = start(command, core, stdout=log, stderr=log, cwd=folder, env={**os.environ, **(environment or {})})
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until(ready, process: subprocess.Popen, folder: pathlib.Path, seconds: float = 20):
    """What `ready` gives as soon as that is something; a process that ends or takes longer is missing."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if answer := ready():
            return answer
        if process.poll() is not None:
            break
        time.sleep(0.02)
    text = (folder / "log").read_text(errors="replace").strip().splitlines()
    raise Missing("did not start: " + (text[-1] if text else "it said nothing"))


def scratch() -> tempfile.TemporaryDirectory:
    return tempfile.TemporaryDirectory(prefix="apus-bench-")
