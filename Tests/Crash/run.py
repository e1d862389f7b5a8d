"""Runs the rounds, has them checked, and says what came of it.

    python Tests/Crash/run.py [--rounds N] [--seed S] [--power] [--keep]
"""

import argparse
import asyncio
import random
import shutil
import sys
import tempfile
import time

from campaign import Campaign, Size, folder_for
from checker import check
from history import History
from power.cut import build


def power_size(rounds):
    """Fewer clients and more bytes: what is tried is the disk."""
    return Size(rounds=rounds, talkers=6, nodes=0, most_lines=8000, bulk=0.05)


def carry_out(seed, size, *, say=print, **options):
    """The verdict on a run, and the folder that holds it."""
    folder = folder_for(seed)
    asyncio.run(Campaign(folder, seed, size, say=say, **options).run())
    return check(History.read(folder)), folder


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seed", default=None)
    parser.add_argument("--power", action="store_true", help="every death is a power cut")
    parser.add_argument("--keep", action="store_true", help="keep the folder although nothing is wrong")
    given = parser.parse_args()
    seed = given.seed or str(random.randrange(10**9))
    print(f"seed {seed}, {given.rounds} rounds", flush=True)
    began = time.monotonic()

    def say(line):
        print(f"   {line}", flush=True)

    with tempfile.TemporaryDirectory() as place:
        if given.power:
            library = build(f"{place}/cut.so")
            verdict, folder = carry_out(seed, power_size(given.rounds), say=say, library=library)
        else:
            verdict, folder = carry_out(seed, Size(rounds=given.rounds), say=say)
    for name, figure in sorted(verdict.figures.items()):
        print(f"{figure:>10}  {name}")
    print(f"{time.monotonic() - began:>10.0f}  seconds")
    if not verdict.ok:
        again = f"scripts/crash ROUNDS={given.rounds} SEED={seed}" + (" POWER=1" if given.power else "")
        print(f"\n{verdict.findings.account()}\n\nkept: {folder}\nagain: {again}")
        return 1
    print("nothing was lost")
    if not given.keep:
        shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
