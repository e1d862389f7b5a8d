"""The bench: the hub on both reactors and its peers in one run; results as text, JSON and a page of charts."""

import argparse
import json
import os
import pathlib

import machine
import measure
import report
import tables
from cases import CASES

ROOT = pathlib.Path(__file__).resolve().parent.parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--apus", type=pathlib.Path, required=True)
    parser.add_argument("--load", type=pathlib.Path, required=True)
    parser.add_argument("--peers", type=pathlib.Path, required=True, help="the folder that the peers were fetched into")
    parser.add_argument("--full", action="store_true", help="every case instead of the short set")
    parser.add_argument("--only", nargs="*", default=[], help="cases whose key begins with one of these")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=None, help="of each measurement")
    parser.add_argument("--json", type=pathlib.Path, default=ROOT / "bench/results/latest.json")
    parser.add_argument("--html", type=pathlib.Path, default=ROOT / "bench/results/latest.html")
    options = parser.parse_args()

    seconds = options.seconds or (3.0 if options.full else 1.5)
    cases = [case for case in CASES if options.full or case.in_short or options.only]
    if options.only:
        cases = [case for case in cases if case.key.startswith(tuple(options.only))]
    about = machine.description(ROOT)
    bench = measure.Bench(options.apus, options.load, options.peers)
    results = measure.run(bench, cases, options.runs, seconds)
    about["load_after"] = os.getloadavg()[0]
    settings = {"runs": options.runs, "seconds": seconds, "set": "full" if options.full else "short"}
    document = tables.document(about, cases, results, settings)
    print(tables.text(document))
    for path in (options.json, options.html):
        path.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(document, indent=1) + "\n")
    options.html.write_text(report.page(document))
    print(f"\n{options.json}\n{options.html}")


if __name__ == "__main__":
    main()
