"""Counts what the hub's loop allocates per command and per delivery, and holds it to a ceiling.

The release binary runs on epoll with one loop and a counter in LD_PRELOAD. One command is under way at a time, so the
counts do not depend on speed; noise (a timer, a commit) only adds, so the least of several rounds is taken.
"""

import argparse
import mmap
import pathlib
import struct
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import hub
import running
from speaker import Speaker

SLOTS = 256
ROUNDS = 5
COMMANDS = 400
SUBSCRIBERS = 50
# What a ceiling may lie above the count: a round's odd allocation, no more.
SLACK = 0.05


class Counter:
    """The counter's file, and which of its threads are loops."""

    def __init__(self, folder: pathlib.Path, compiler: str):
        self.library = folder / "count.so"
        source = HERE / "count.c"
        subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", self.library, source], check=True)
        self.path = folder / "counts"
        self.path.write_bytes(bytes(SLOTS * 16))
        with self.path.open("r+b") as file:
            self.map = mmap.mmap(file.fileno(), SLOTS * 16)
        self.pid = 0

    @property
    def environment(self) -> dict:
        return {"LD_PRELOAD": str(self.library), "COUNT_FILE": str(self.path)}

    def loops(self) -> int:
        """Allocations of the hub's loops so far."""
        total = 0
        for thread, count in struct.iter_unpack("qq", self.map[:]):
            if thread and self.name(thread).startswith("apus-loop"):
                total += count
        return total

    def name(self, thread: int) -> str:
        try:
            return pathlib.Path(f"/proc/{self.pid}/task/{thread}/comm").read_text().strip()
        except OSError:
            return ""


def least(counter: Counter, command) -> float:
    """Allocations per call of `command`, in the quietest round."""
    found = []
    for _ in range(ROUNDS):
        before = counter.loops()
        for _ in range(COMMANDS):
            command()
        found.append((counter.loops() - before) / COMMANDS)
    return min(found)


def measure(binary: pathlib.Path, compiler: str) -> dict[str, float]:
    with running.scratch() as name:
        counter = Counter(pathlib.Path(name), compiler)
        quiet = {"store_commit_interval_ms": 1000, "store_commit_events": 100000, "gather_us": 0}
        with hub.hub(binary, SUBSCRIBERS + 1, "epoll", environment=counter.environment, **quiet) as target:
            arguments = dict(zip(target[::2], target[1::2]))
            counter.pid = int(arguments["--pid"])
            people = pathlib.Path(arguments["--tokens"]).read_text().split()
            port = int(arguments["--port"])
            speaker = Speaker(port, people[0], {"ticket:few": {"limit": 0}, "ticket:many": {"limit": 0}})
            others = [Speaker(port, token, {"ticket:many": {"limit": 0}}) for token in people[1:]]

            def send(room: str):
                speaker.ask(pushes=1, cmd="send", room=room, kind="message", ack="accepted", data="x" * 100)
                if room == "ticket:many":
                    for other in others:
                        other.hear()

            alone = least(counter, lambda: send("ticket:few"))
            return {
                "ping": least(counter, lambda: speaker.ask(cmd="ping")),
                "signal": least(counter, lambda: speaker.ask(pushes=1, cmd="signal", room="ticket:few", kind="cursor")),
                "send": alone,
                "delivery": (least(counter, lambda: send("ticket:many")) - alone) / SUBSCRIBERS,
            }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--apus", type=pathlib.Path, required=True)
    parser.add_argument("--compiler", default="cc")
    parser.add_argument("--ceilings", type=pathlib.Path, required=True)
    parser.add_argument("--lower", action="store_true", help="take the ceilings down to what is counted")
    options = parser.parse_args()
    ceilings = {
        name: float(count) for count, name in (line.split() for line in options.ceilings.read_text().splitlines())
    }
    counted = measure(options.apus, options.compiler)
    if options.lower:
        lowered = {name: min(ceilings[name], round(counted[name], 2)) for name in ceilings}
        options.ceilings.write_text("".join(f"{count:.2f} {name}\n" for name, count in lowered.items()))
        return
    sys.exit(max([judge(name, count, ceilings.get(name)) for name, count in counted.items()]))


def judge(name: str, count: float, ceiling: float | None) -> int:
    """Prints the line; 1 where the count is over its ceiling, or so far below that the ceiling has to come down."""
    verdict, status = "", 0
    if ceiling is None:
        verdict, status = "has no ceiling", 1
    elif count > ceiling + SLACK:
        verdict, status = f"over its ceiling of {ceiling:.2f}", 1
    elif count < ceiling - 0.5:
        verdict, status = f"well under its ceiling of {ceiling:.2f}: run scripts/check lower", 1
    print(f"   {name:10}{count:8.2f} allocations  {verdict}".rstrip())
    return status


if __name__ == "__main__":
    main()
