"""The hub as a process: started from the release binary, found by the address it prints, ended by a signal."""

import ctypes
import errno
import os
import queue
import signal
import subprocess
import threading
import time
from pathlib import Path

import jwt

ROOT = Path(__file__).resolve().parents[2]
BINARY = os.environ.get("APUS_BINARY", str(ROOT / ".build/release/apus"))

# No test waits for time to pass: every wait is for an event, and this only bounds how long a failure takes.
PATIENCE = float(os.environ.get("PATIENCE", 30))


class HubError(AssertionError):
    """The process did something that no test asked for."""


class Hub:
    def __init__(self, data, *, reactor="epoll", reactors=1, settings=None, flags=("--demo",), descriptors=None, pair=None):
        self.data = Path(data)
        self.reactor = reactor
        self.reactors = reactors
        self.pair = pair
        # What clients of a hub with a certificate connect with.
        self.ssl = pair.context() if pair else None
        self.settings = {"APUS_WEB_ROOT": ROOT / "clients"} | (pair.settings if pair else {}) | (settings or {})
        self.flags = list(flags)
        self.descriptors = descriptors
        self.port = 0
        self.process = None
        self.lines = []

    # -- life

    def start(self, port=None):
        """Starts the process and returns once it listens; with `port` on that one, otherwise on a free one."""
        command = [
            BINARY, "serve", "--port", str(port or 0), "--data", str(self.data),
            "--reactors", str(self.reactors), *self.flags,
        ]  # fmt: skip
        self.log = open(self.data.parent / f"{self.data.name}.log", "ab")
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self.log,
            env=environment(APUS_REACTOR=self.reactor, **self.settings),
            cwd=self.data.parent,
            preexec_fn=self._limit_descriptors if self.descriptors else None,
        )
        said = queue.Queue()
        threading.Thread(target=self._read, args=(self.process.stdout, said), daemon=True).start()
        while True:
            try:
                line = said.get(timeout=PATIENCE)
            except queue.Empty:
                raise HubError(f"the hub did not say where it listens\n{self.errors()}") from None
            if line is None:
                raise HubError(f"the hub ended with {self.process.wait()} at its start\n{self.errors()}")
            if line.startswith(f"listening on {self.scheme}://"):
                host, _, number = line.removeprefix(f"listening on {self.scheme}://").partition("/")[0].rpartition(":")
                self.host, self.port = host.strip("[]"), int(number)
                return self

    def _read(self, stream, said):
        for line in stream:
            self.lines.append(line.decode().rstrip("\n"))
            said.put(self.lines[-1])
        said.put(None)

    def _limit_descriptors(self):
        import resource

        resource.setrlimit(resource.RLIMIT_NOFILE, (self.descriptors, self.descriptors))

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self):
        """The exit status, once the process has ended."""
        status = self.process.wait(timeout=PATIENCE)
        self.log.close()
        return status

    def stop(self):
        """SIGTERM; the exit status."""
        if self.running:
            self.signal(signal.SIGTERM)
        return self.wait()

    def kill(self):
        """SIGKILL: what a power cut looks like from outside, but for the page cache."""
        self.signal(signal.SIGKILL)
        return self.wait()

    def restart(self, how=None):
        """Ends the process (`how` is a signal; SIGTERM by default) and starts it on the same port and folder."""
        self.signal(how or signal.SIGTERM)
        self.wait()
        return self.start(self.port)

    @property
    def running(self):
        return self.process is not None and self.process.poll() is None

    def errors(self):
        """What the process wrote to stderr, the end of it."""
        return (self.data.parent / f"{self.data.name}.log").read_text(errors="replace").partition("*** Signal")[0][-4000:]

    # -- addresses

    @property
    def http(self):
        return f"{self.scheme}://{self.host}:{self.port}"

    @property
    def ws(self):
        return f"{'wss' if self.pair else 'ws'}://{self.host}:{self.port}/ws"

    @property
    def scheme(self):
        return "https" if self.pair else "http"

    @property
    def database(self):
        return self.data / "apus.sqlite"

    # -- people

    def token(self, user, *roles, ttl=3600, **claims):
        """A token signed with the key that the hub made; `None` leaves a claim out."""
        known = {"sub": user, "exp": int(time.time()) + ttl, "roles": list(roles)}
        return self.sign(known | claims)

    def sign(self, claims, *, key=None, algorithm="HS256", headers=None):
        """Any token, also one that must be refused."""
        kept = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(kept, self.key if key is None else key, algorithm=algorithm, headers=headers)

    @property
    def key(self):
        return (self.data / "hs256.key").read_bytes()


def io_uring_is_allowed():
    """Whether this kernel lets us set up a ring at all (a broken argument is refused otherwise than a broken right)."""
    setup = 425
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall(setup, 0, None)
    return ctypes.get_errno() not in (errno.ENOSYS, errno.EPERM)


def run(*arguments, cwd=None, **settings):
    """Runs the binary to its end; for everything but a serving hub."""
    return subprocess.run(
        [BINARY, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        cwd=cwd,
        env=environment(**settings),
    )


def environment(**settings):
    """This process' environment without settings of the hub, then those given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("APUS_")}
    return kept | {name: str(value) for name, value in settings.items()}
