"""The short bench: CPU per delivery and memory per idle connection, on both reactors, in one run.

The hub runs on one core and the load on the other. Scenarios alternate between the reactors, so that a noisy
neighbour hits both; medians count, and the spread is shown beside them.
"""

import argparse
import contextlib
import json
import os
import pathlib
import platform
import signal
import statistics
import subprocess
import sys
import tempfile

import tokens

REACTORS = ["io_uring", "epoll"]
FAN_OUTS = [(1000, 1), (1000, 16), (200, 16)]


@contextlib.contextmanager
def hub(binary: pathlib.Path, reactor: str, people: int):
    """A fresh hub on an empty folder, pinned to the first core, with persistence on and rate limits off."""
    with tempfile.TemporaryDirectory() as folder:
        log = open(os.path.join(folder, "log"), "wb")
        process = subprocess.Popen(
            ["taskset", "-c", "0", binary, "serve", "--port", "0", "--reactors", "1", "--rate-limits", "off"]
            + ["--data", os.path.join(folder, "data")],
            stdout=subprocess.PIPE,
            stderr=log,
            env={**os.environ, "APUS_REACTOR": reactor},
        )
        try:
            line = process.stdout.readline().decode()
            if not line.startswith("listening on "):
                sys.exit(f"the hub did not start:\n{pathlib.Path(log.name).read_text()}")
            port = line.strip().rsplit(":", 1)[1]
            people_file = os.path.join(folder, "tokens")
            pathlib.Path(people_file).write_text(
                "\n".join(tokens.mint(pathlib.Path(folder, "data"), people)) + "\n"
            )
            yield ["--port", port, "--pid", str(process.pid), "--tokens", people_file]
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def load(binary: pathlib.Path, scenario: str, target: list[str], *options: str) -> dict:
    done = subprocess.run(
        ["taskset", "-c", "1", binary, scenario, *target, *options], capture_output=True, text=True, timeout=120
    )
    if done.returncode != 0:
        sys.exit(f"the load failed: {done.stderr}")
    return json.loads(done.stdout)


def figure(samples: list[dict], name: str, digits: int) -> str:
    values = [sample[name] for sample in samples]
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--apus", type=pathlib.Path, required=True)
    parser.add_argument("--load", type=pathlib.Path, required=True)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--connections", type=int, default=5000)
    parser.add_argument("--json", type=pathlib.Path, help="where to leave every sample")
    options = parser.parse_args()

    samples: dict[tuple, list[dict]] = {}
    for _ in range(options.runs):
        for subscribers, window in FAN_OUTS:
            for reactor in REACTORS:
                with hub(options.apus, reactor, subscribers) as target:
                    sample = load(
                        options.load, "fan-out", target, "--subscribers", str(subscribers),
                        "--window", str(window), "--seconds", str(options.seconds),
                    )
                samples.setdefault(("fan-out", subscribers, window, reactor), []).append(sample)
        for reactor in REACTORS:
            with hub(options.apus, reactor, options.connections) as target:
                sample = load(options.load, "idle", target, "--connections", str(options.connections))
            samples.setdefault(("idle", options.connections, 0, reactor), []).append(sample)

    print(f"kernel {platform.release()}, {os.cpu_count()} cores, {options.runs} runs: median (least–most)\n")
    print(f"{'fan-out, 128 B':34}{'CPU µs/delivery':>24}{'user µs':>24}{'deliveries/s':>32}")
    for (scenario, count, window, reactor), runs in samples.items():
        if scenario == "fan-out":
            name = f"{count} subscribers, w {window}, {reactor}"
            print(
                f"{name:34}{figure(runs, 'cpu_us_per_delivery', 2):>24}"
                f"{figure(runs, 'user_us_per_delivery', 3):>24}{figure(runs, 'deliveries_per_second', 0):>32}"
            )
    print(f"\n{'idle, in one room':34}{'bytes/connection':>24}{'CPU µs/connect':>24}")
    for (scenario, count, _, reactor), runs in samples.items():
        if scenario == "idle":
            name = f"{count} connections, {reactor}"
            print(
                f"{name:34}{figure(runs, 'bytes_per_connection', 0):>24}"
                f"{figure(runs, 'cpu_us_per_connect', 0):>24}"
            )
    if options.json:
        options.json.write_text(
            json.dumps([{"reactor": key[3], **sample} for key, runs in samples.items() for sample in runs], indent=1)
        )


if __name__ == "__main__":
    main()
