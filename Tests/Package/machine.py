"""A Debian with a systemd of its own, booted from a folder that stays as it is: what is changed goes with the machine."""

import os
import selectors
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
PATIENCE = float(os.environ.get("PATIENCE", 120))


@dataclass
class Done:
    status: int
    output: str


class Machine:
    """`packages` is seen at /packages; no network, no other file of this machine."""

    def __init__(self, root, packages, folder):
        self.exchange = Path(folder) / "exchange"
        self.exchange.mkdir()
        shutil.copy(HERE / "orders.sh", self.exchange)
        for pipe in ("orders", "answers"):
            os.mkfifo(self.exchange / pipe)
        self.log = open(Path(folder) / "boot.log", "wb")
        # Its own filter would hide that of the unit: io_uring is what is asked about.
        self.process = subprocess.Popen(
            ["systemd-nspawn", "--quiet", f"--directory={root}", "--volatile=overlay", "--boot", "--register=no",
             "--keep-unit", "--private-network", "--console=pipe", f"--machine=apus-{os.getpid()}",
             "--system-call-filter=io_uring_setup io_uring_enter io_uring_register",
             f"--bind={self.exchange}:/exchange", f"--bind-ro={packages}:/packages"],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
        )  # fmt: skip
        self.answers = os.open(self.exchange / "answers", os.O_RDWR)
        # Both ends, so that nobody waits for the other to open.
        self.orders = os.open(self.exchange / "orders", os.O_RDWR)
        self.count = 0

    def run(self, script):
        """Runs the lines with bash; status and output."""
        self.count += 1
        (self.exchange / f"{self.count}.sh").write_text(script)
        os.write(self.orders, f"{self.count}\n".encode())
        with selectors.DefaultSelector() as selector:
            selector.register(self.answers, selectors.EVENT_READ)
            if not selector.select(timeout=PATIENCE):
                raise AssertionError(f"no answer within {PATIENCE} s to\n{script}\n{self._boot()}")
        status = int(os.read(self.answers, 16))
        return Done(status, (self.exchange / f"{self.count}.out").read_text(errors="replace"))

    def ok(self, script):
        """The output, stripped; fails where the status is not 0."""
        done = self.run(f"set -e\n{script}")
        assert done.status == 0, f"{script}\nended with {done.status}:\n{done.output}"
        return done.output.strip()

    def _boot(self):
        return Path(self.log.name).read_text(errors="replace")[-3000:]

    def off(self):
        # What systemd takes for "power off".
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for end in (self.orders, self.answers):
            os.close(end)
        self.log.close()
