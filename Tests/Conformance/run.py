"""Runs the suite against the hub and compares with what is expected.

    python Tests/Conformance/run.py [--reactor epoll|io_uring] [--tls with|without|only] [--messages N] [SECTION|CASE…]
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from expected import QUICK, chosen, differences, expected_outcomes, in_order, section
from suite import PATIENCE, SuiteRun

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Integration"))
from certificates import Authority  # noqa: E402: found by the line above
from hub import Hub, HubError  # noqa: E402

REACTORS = ("epoll", "io_uring")

# What runs over TLS where nothing is named. TLS knows nothing of what is inside it, but much of sizes: section 9 goes up
# to 16 MiB, and 12.1 to 128 KiB compressed.
OVER_TLS = (*QUICK, "9", "12.1")
MOST_LINES = 40


def run_on(reactor, wanted, messages, folder, patience=PATIENCE, tls=False):
    """The run, and what was wrong with the hub besides (None if it ended as it should)."""
    run = SuiteRun(folder)
    pair = Authority(folder / "tls").issue() if tls else None
    hub = Hub(folder / "data", reactor=reactor, reactors=2, flags=("--demo", "--echo"), pair=pair).start()
    try:
        run.against(f"{hub.http.replace('http', 'ws', 1)}/echo", wanted, messages, patience)
    finally:
        died = not hub.running
        status = hub.stop()
    if died or status != 0:
        return run, f"the hub ended with {status}{' during the run' if died else ''}\n{hub.errors()}"
    return run, None


def print_table(run):
    """Per section: the cases by the suite's word on them, and the seconds they took."""
    counts, seconds = {}, Counter()
    for case in sorted(run.outcomes, key=in_order):
        counts.setdefault(section(case), Counter())[run.outcomes[case].behavior] += 1
        seconds[section(case)] += run.milliseconds[case] / 1000
    for name, found in counts.items():
        words = ", ".join(f"{count} {word}" for word, count in found.most_common())
        print(f"   section {name:>2}  {seconds[name]:7.1f} s  {words}")


def account(reactor, expected, run, trouble):
    """Prints how the run went; the number of cases that failed."""
    print_table(run)
    lines = differences(expected, run.outcomes)
    for line in lines[:MOST_LINES]:
        case = line.partition(":")[0]
        print(f"   {line}" + (f"\n      {run.reasons[case]}" if case in run.reasons else ""))
    if len(lines) > MOST_LINES:
        print(f"   and {len(lines) - MOST_LINES} more")
    for sentence in (run.trouble, trouble):
        if sentence:
            print(sentence)
    print(f"   {reactor}: {f'{len(lines)} not as expected' if lines else 'all as expected'}")
    return max(len(lines), 1 if run.trouble or trouble else 0)


def patterns(expected, named):
    """What the suite is asked for: a case by its id, a section as a pattern, so that cases nobody expects are found too."""
    if not named:
        named = sorted({section(case) for case in expected}, key=int)
    return [name if name in expected else f"{name}.*" for name in named]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reactor", choices=REACTORS, help="only this one; without, both after each other")
    parser.add_argument("--tls", choices=("with", "without", "only"), default="with", help="runs through wss besides those through ws")
    parser.add_argument("--messages", type=int, help="in each case of sections 12 and 13; the suite's own number is 1000")
    parser.add_argument("cases", nargs="*", metavar="SECTION|CASE", help="only these, such as 7, 6.4 or 9.1.6")
    given = parser.parse_args()
    everything = expected_outcomes()
    try:
        given.runs = list(planned(everything, given))
    except LookupError as error:
        parser.error(str(error))
    return given


def planned(everything, given):
    """Reactor, whether over TLS, the expected outcomes, what the suite is asked for."""
    for tls in {"with": (False, True), "without": (False,), "only": (True,)}[given.tls]:
        named = given.cases or (OVER_TLS if tls else ())
        expected = chosen(everything, named) if named else everything
        for reactor in [given.reactor] if given.reactor else REACTORS:
            yield reactor, tls, expected, patterns(everything, named)


def main():
    given = arguments()
    passed = failed = 0
    folder = Path(tempfile.mkdtemp(prefix="apus-conformance-"))
    for reactor, tls, expected, wanted in given.runs:
        began = time.monotonic()
        name = f"{reactor}-tls" if tls else reactor
        print(f"\n== {name}: {len(expected)} cases", flush=True)
        (folder / name).mkdir()
        try:
            bad = account(name, expected, *run_on(reactor, wanted, given.messages, folder / name, tls=tls))
        except HubError as error:
            print(error)
            bad = len(expected)
        print(f"   {time.monotonic() - began:.0f} s", flush=True)
        failed += bad
        passed += max(len(expected) - bad, 0)
    if failed:
        print(f"\nkept: {folder}")
    else:
        shutil.rmtree(folder)
    print(f"\n{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
