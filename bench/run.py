"""The bench: the hub on both reactors and its peers in one run; results as text, JSON and a page of charts."""

import argparse
import json
import os
import pathlib
from dataclasses import replace

import machine
import measure
import report
import tables
from cases import CASES, Case
from sweeps import SWEEPS, curve

ROOT = pathlib.Path(__file__).resolve().parent.parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--apus", type=pathlib.Path, required=True)
    parser.add_argument("--load", type=pathlib.Path, required=True)
    parser.add_argument("--peers", type=pathlib.Path, required=True, help="the folder that the peers were fetched into")
    parser.add_argument("--compiler", default="cc", help="for the plain C loop that durable writes are compared with")
    parser.add_argument("--full", action="store_true", help="every case instead of the short set")
    parser.add_argument("--only", nargs="*", default=[], help="cases whose key begins with one of these")
    parser.add_argument("--servers", nargs="*", default=[], help="only these: apus-io_uring, socketify, …")
    parser.add_argument("--sweeps", nargs="*", default=None, help="these curves, or all; --full draws all")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=None, help="of each measurement")
    parser.add_argument("--json", type=pathlib.Path, default=ROOT / "bench/results/latest.json")
    parser.add_argument("--html", type=pathlib.Path, default=ROOT / "bench/results/latest.html")
    options = parser.parse_args()

    seconds = options.seconds or (3.0 if options.full else 1.0)
    cases = [case for case in CASES if options.full or case.in_short or options.only]
    if options.only:
        cases = [case for case in cases if case.key.startswith(tuple(options.only))]
    sweeps = SWEEPS if options.full and not options.only or options.sweeps == [] else []
    if options.sweeps is not None:
        cases = cases if options.full or options.only else []
        sweeps = [sweep for sweep in SWEEPS if sweep.key in options.sweeps] or sweeps
    if options.servers:
        cases = [narrowed(case, options.servers) for case in cases]
    about = machine.description(ROOT)
    bench = measure.Bench(options.apus, options.load, options.peers, options.compiler)
    results = measure.run(bench, cases, options.runs, seconds)
    settings = {"runs": options.runs, "seconds": seconds, "set": "full" if options.full else "short"}
    swept = measure.run(bench, [case for sweep in sweeps for _, case in sweep.points], min(options.runs, 3), seconds)
    about["load_after"] = os.getloadavg()[0]
    document = tables.document(about, cases, results, settings)
    document["curves"] = [curve(sweep, swept) for sweep in sweeps]
    print(tables.text(document))
    for path in (options.json, options.html):
        path.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(document, indent=1) + "\n")
    options.html.write_text(report.page(document))
    print(f"\n{options.json}\n{options.html}")


def narrowed(case: Case, servers: list[str]) -> Case:
    """The case with only these servers."""
    return replace(
        case,
        reactors=tuple(reactor for reactor in case.reactors if f"apus-{reactor}" in servers),
        peers=tuple(peer for peer in case.peers if peer in servers),
    )


if __name__ == "__main__":
    main()
