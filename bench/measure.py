"""Runs cases in turn, server after server, so that a noisy neighbour hits all of them; keeps every sample."""

import json
import pathlib
import subprocess
import sys
import time
from dataclasses import dataclass, field

from cases import Case
from hub import hub
from peers.catalog import PEERS, started
from running import LOAD_CORE, SERVER_CORE, Missing, scratch, start

HERE = pathlib.Path(__file__).parent
BY_NAME = {peer.name: peer for peer in PEERS}


@dataclass
class Results:
    """Samples by case and server; why a server has none."""

    samples: dict[str, dict[str, list[dict]]] = field(default_factory=dict)
    missing: dict[str, dict[str, str]] = field(default_factory=dict)

    def add(self, case: str, server: str, sample: dict) -> None:
        self.samples.setdefault(case, {}).setdefault(server, []).append(sample)

    def lacks(self, case: str, server: str, reason: str) -> None:
        self.missing.setdefault(case, {})[server] = reason


@dataclass(frozen=True)
class Bench:
    apus: pathlib.Path
    load: pathlib.Path
    peers: pathlib.Path
    compiler: str = "cc"

    def server(self, case: Case, name: str):
        if name.startswith("apus-"):
            # With more than one loop they and the load share all cores.
            core = "0" if case.loops == 1 else "0-63"
            return hub(
                self.apus, case.people, reactor=name.removeprefix("apus-"), loops=case.loops, core=core, **case.settings
            )
        return started(BY_NAME[name], self.peers, deflate=case.deflate)

    def sample(self, case: Case, name: str, seconds: float | None) -> dict:
        if name == FLOOR:
            return floor(self.compiler, "--keys" in case.load, seconds or 3)
        options = case.load[1:]
        if seconds is not None and "--seconds" not in options and case.load[0] in TIMED:
            options = [*options, "--seconds", str(seconds)]
        with self.server(case, name) as target:
            command = [self.load, case.load[0], *target, *options]
            return climb(command) if case.climbs else load(command)


LOWEST_RATE, STEP, MOST_MILLISECONDS = 400, 1.25, 50


def climb(command: list, measure=None) -> dict:
    """The sample of the highest rate that was kept up with, all deliveries but one in a hundred within 50 ms."""
    best, rate = None, float(LOWEST_RATE)
    while True:
        try:
            sample = (measure or load)([*command, "--rate", f"{rate:.0f}"])
        except Missing:
            # Too much for it: it has cut connections, or never caught up.
            if best is None:
                raise
            return best
        if sample["p99_ms"] > MOST_MILLISECONDS or sample["messages_per_second"] < rate * 0.95:
            return best or sample
        best, rate = sample, rate * STEP


FLOOR = "c-loop"


def floor(compiler: str, keys: bool, seconds: float) -> dict:
    """The same inserts and commits in a plain C loop, on the server's core."""
    with scratch() as name:
        folder = pathlib.Path(name)
        command = [compiler, "-O2", "-o", folder / "inserts", HERE / "floor/inserts.c", "-lsqlite3"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise Missing("cannot be compiled: " + (done.stderr.strip().splitlines() or [""])[0])
        return load([folder / "inserts", folder / "database", seconds, *(["keys"] if keys else [])], SERVER_CORE)


def load(command: list, core: str = LOAD_CORE) -> dict:
    """What the load generator measured."""
    process = start(command, core, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        out, errors = process.communicate(timeout=180)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise Missing("the load took longer than 180 s") from None
    if process.returncode != 0:
        raise Missing((errors.strip().splitlines() or ["the load said nothing"])[-1].removeprefix("Error: "))
    return json.loads(out)


TIMED = {"fan-out", "rooms", "echo", "durable", "day"}


def servers(case: Case) -> list[str]:
    return [f"apus-{reactor}" for reactor in case.reactors] + list(case.peers)


def run(bench: Bench, cases: list[Case], runs: int, seconds: float | None) -> Results:
    results = Results()
    for case in cases:
        began = time.monotonic()
        for _ in range(runs):
            for name in servers(case):
                if name in results.missing.get(case.key, {}):
                    continue
                try:
                    results.add(case.key, name, bench.sample(case, name, seconds))
                except Missing as reason:
                    results.lacks(case.key, name, str(reason))
        print(f"   {time.monotonic() - began:5.0f} s  {case.title}", file=sys.stderr, flush=True)
    return results
