"""Keeps a hub busy for a long time and judges whether it stays as it was.

One long life, in which memory is judged; then restarts, by SIGTERM and by SIGKILL in turn. At the end everyone leaves,
what the process held must be given back, and every event must be accounted for.
"""

import argparse
import asyncio
import json
import signal
import sys
import tempfile
import time
from pathlib import Path

import hubs
import judge
from chart import draw
from crowd import Crowd
from samples import Sampler

# Of the whole time: the long life, then three short ones.
LONG = 0.7
ENDS = [signal.SIGTERM, signal.SIGKILL, signal.SIGTERM]
WARM_UP = 0.3
IDLE = 3
MOST_LAG = 5.0

SETTINGS = {
    # Rings are full, and rooms that nobody uses leave memory, long before the warm-up ends; slow readers find all they
    # missed.
    "APUS_RING_EVENTS": 200,
    "APUS_RING_IDLE_MS": IDLE * 1000,
    "APUS_RING_RECOVER_EVENTS": 100_000,
}


async def soak(minutes, folder, reactor):
    hub = hubs.make(folder, reactor, **SETTINGS)
    await asyncio.to_thread(hub.start)
    sampler = Sampler(hub)
    before = await sampler.take()
    crowd = Crowd(hub)
    crowd.start()
    sampler.is_up = True
    sampling = asyncio.create_task(sampler.run())
    seconds = minutes * 60
    try:
        await pass_time(crowd, seconds * LONG)
        for end in ENDS:
            sampler.is_up = False
            await hubs.restart(hub, end, 0.1)
            sampler.life += 1
            sampler.is_up = True
            await pass_time(crowd, seconds * (1 - LONG) / len(ENDS))
        print("   everyone leaves", flush=True)
        await crowd.leave()
        after = await rest(sampler, before)
        # Reading everything wakes every room.
        sampler.is_up = False
        kept = await asyncio.to_thread(crowd.kept, crowd.rooms)
    finally:
        sampling.cancel()
        if hub.running:
            status = await asyncio.to_thread(hub.stop)
    faults = crowd.ledger.settle(kept)
    faults += judge.rest_faults(before, after)
    faults += judge.lag_faults(sampler.samples, MOST_LAG)
    first = [sample for sample in sampler.samples if sample.life == 0]
    faults += judge.memory_faults(first, WARM_UP * seconds * LONG)
    if not first[-1].too_slow:
        faults.append("no reader was too slow: the run was too short to see one closed and recovered")
    if status != 0:
        faults.append(f"the hub ended with {status}")
    doctor = hubs.run("doctor", "--data", str(hub.data))
    if doctor.returncode != 0:
        faults.append(f"doctor: {doctor.stdout}{doctor.stderr}")
    return crowd, kept, sampler.samples, faults


async def pass_time(crowd, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        crowd.check()
        await asyncio.sleep(1)


async def rest(sampler, before):
    """The last sample, once everything is given back or 60 s have passed."""
    end = time.monotonic() + 60
    while True:
        after = await sampler.take()
        if not judge.rest_faults(before, after) or time.monotonic() > end:
            return after
        await asyncio.sleep(0.5)


def figures(crowd, kept, samples, minutes):
    first = [sample for sample in samples if sample.life == 0]
    steady = judge.warmed_up(first, WARM_UP * minutes * 60 * LONG)
    rise, median = judge.growth(steady, "resident")
    hours = (steady[-1].at - steady[0].at) / 3600
    too_slow = {sample.life: sample.too_slow for sample in samples}
    return {
        "minutes": minutes,
        "lives": samples[-1].life + 1,
        "events kept": sum(len(events) for events in kept.values()),
        "events acknowledged durable": len(crowd.ledger.acknowledged),
        "error replies to sends": sum(crowd.ledger.errors.values()),
        "visits": crowd.churn.visits,
        "visits cut by restarts": crowd.churn.disturbed,
        "rooms made": len(crowd.churn.rooms),
        "readers closed as too slow": sum(too_slow.values()),
        "resident memory, MiB": round(median / 2**20, 1),
        "its slope after the warm-up, KiB an hour": round(rise / 1024 / hours),
        "its rise in that time, KiB": round(rise / 1024),
        "files and sockets, most": max(sample.files for sample in samples),
        "files and sockets, at the end": samples[-1].files,
        "lag, worst, ms": round(max(sample.lag_seconds for sample in samples) * 1000),
        "lag, worst, events": max(sample.lag_events for sample in samples),
        "write-ahead log, most, MiB": round(max(sample.wal for sample in samples) / 2**20, 1),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--reactor", choices=["io_uring", "epoll"])
    parser.add_argument("--svg", type=Path, help="where the picture goes")
    parser.add_argument("--samples", type=Path, help="where the samples go, as JSON lines")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="apus-soak-") as folder:
        crowd, kept, samples, faults = asyncio.run(soak(given.minutes, folder, given.reactor))
    if given.samples:
        given.samples.write_text("".join(json.dumps(sample.as_dict()) + "\n" for sample in samples))
    for name, figure in figures(crowd, kept, samples, given.minutes).items():
        print(f"{figure!s:>14}  {name}")
    if given.svg:
        draw(samples, given.svg)
        print(f"   {given.svg}")
    for fault in faults[:50]:
        print(f"wrong: {fault}")
    print("flat, and every event is accounted for" if not faults else f"{len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
