"""Recovery storms: everybody cut off at once comes back with offset and epoch, beside the same hub and beside its next
start after SIGKILL. Prints how long it took until all were up to date."""

import argparse
import json
import pathlib
import signal
import subprocess
import sys

import tokens
from hub import listening
from machine import description
from running import scratch, wait_until

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUDGET = 5.0


class Storm:
    """A hub on a folder of its own that can be killed and started again, and the load that is cut off from it."""

    def __init__(self, folder, given):
        self.folder = pathlib.Path(folder)
        self.given = given
        self.process = None

    def start(self):
        log = self.folder / "log"
        with open(log, "wb") as file:
            command = [self.given.apus, "serve", "--port", "0", "--rate-limits", "off", "--data", self.folder / "data"]
            self.process = subprocess.Popen(
                [*command, "--reactors", str(self.given.reactors)],
                stdout=file, stderr=file, cwd=self.folder, env={"APUS_REACTOR": self.given.reactor},
            )  # fmt: skip
        line = wait_until(lambda: listening(log), self.process, self.folder)
        self.port = line.rsplit(":", 1)[1]

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def run(self):
        """The reports of both storms."""
        self.start()
        people = self.folder / "tokens"
        people.write_text("\n".join(tokens.mint(self.folder / "data", self.given.clients + 1)) + "\n")
        size = ["--connections", self.given.clients, "--rooms", self.given.rooms, "--missed", self.given.missed]
        target = ["--port", self.port, "--pid", self.process.pid, "--tokens", people]
        command = [self.given.load, "storm", *target, *size, "--restart"]
        load = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        try:
            for line in load.stdout:
                report = json.loads(line)
                if "ready" in report:
                    self.kill()
                    self.start()
                    load.stdin.write(f"{self.port} {self.process.pid}\n")
                    load.stdin.flush()
                else:
                    yield report
        finally:
            load.stdin.close()
            if load.wait() != 0:
                sys.exit(f"the load ended with {load.returncode}")
            self.kill()


def show(report):
    inside = "inside" if report["max_ms"] <= BUDGET * 1000 else "over"
    print(
        f"{report['after']:>8}: {report['connections']:.0f} clients in {report['rooms']:.0f} rooms, "
        f"{report['missed']:.0f} events missed in each: back after p50 {report['p50_ms'] / 1000:.2f} s, "
        f"p99 {report['p99_ms'] / 1000:.2f} s, max {report['max_ms'] / 1000:.2f} s ({inside} the budget of {BUDGET:.0f} s); "
        f"{report['database_reads']:.0f} database reads; {report['cpu_us_per_client']:.0f} µs CPU of the hub a client",
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--apus", required=True, type=lambda name: pathlib.Path(name).absolute())
    parser.add_argument("--load", required=True, type=lambda name: pathlib.Path(name).absolute())
    parser.add_argument("--clients", type=int, default=10_000)
    parser.add_argument("--rooms", type=int, default=500)
    parser.add_argument("--missed", type=int, default=20)
    parser.add_argument("--reactor", default="io_uring", choices=["io_uring", "epoll"])
    parser.add_argument("--reactors", type=int, default=0, help="0: one a core")
    parser.add_argument("--json", help="a file for the reports")
    given = parser.parse_args()
    machine = description(ROOT)
    print(f"commit {machine['commit']}, {machine['cores']} cores, kernel {machine['kernel']}, {given.reactor}")
    with scratch() as folder:
        reports = []
        for report in Storm(folder, given).run():
            reports.append(report)
            show(report)
    if given.json:
        pathlib.Path(given.json).write_text(json.dumps({"machine": machine, "storms": reports}, indent=2) + "\n")


if __name__ == "__main__":
    main()
