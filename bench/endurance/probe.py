"""Restarts a hub under load, by SIGTERM and by SIGKILL in turn, and measures how long it is dark each time.

Dark is the time between two durable acknowledgements of a client that says one thing after the other and dials again at
once. Beside it: what people feel who come back in their slot, and how many sends and requests fail.
"""

import argparse
import asyncio
import signal
import statistics
import sys
import tempfile
import time

import hubs
from crowd import LOUD, ROOMS, Crowd
from knocker import Knocker, Requests
from link import Link

# What systemd waits before it starts a process again that died (RestartSec of the unit).
SUPERVISOR = 0.1
MONTH = 30 * 86_400
PROMISE = 0.001
ENDS = [signal.SIGTERM, signal.SIGKILL]


class Outage:
    """One restart: when it began, how long the process took to end and to listen again."""

    def __init__(self, how, began, end, start):
        self.how, self.began, self.end, self.start = how, began, end, start
        self.until = None


async def probe(restarts, quiet, fill, folder, reactor):
    hub = hubs.make(folder, reactor)
    await asyncio.to_thread(hub.start)
    await fill_up(hub, fill)
    crowd = Crowd(hub, speakers=40, loud=0, watchers=20, slow=0, churn=0)
    knockers = [Knocker(f"knocker-{number}", hub, f"ticket:knock-{number}", crowd.ledger) for number in range(4)]
    requests = Requests(hub, "ticket:requests", every=0.02)
    others = [asyncio.create_task(one.run()) for one in [*knockers, requests]]
    crowd.start()
    began = time.monotonic()
    outages = []
    try:
        for number in range(restarts):
            await asyncio.sleep(quiet)
            crowd.check()
            how, moment = ENDS[number % len(ENDS)], time.monotonic()
            end, start = await hubs.restart(hub, how, SUPERVISOR if how == signal.SIGKILL else 0)
            outages.append(Outage(how, moment, end, start))
        await asyncio.sleep(quiet)
        seconds = time.monotonic() - began
        for one in [*knockers, requests]:
            one.is_going_on = False
        await asyncio.gather(*others)
        await crowd.leave()
        kept = await asyncio.to_thread(crowd.kept, [*ROOMS, LOUD, *(knocker.room for knocker in knockers)])
    finally:
        if hub.running:
            await asyncio.to_thread(hub.stop)
    for outage, after in zip(outages, [*outages[1:], None]):
        outage.until = after.began if after else began + seconds
    return crowd, knockers, requests, outages, seconds, crowd.ledger.settle(kept)


async def fill_up(hub, events):
    """A database that is not empty: events in rooms of ten."""
    link = await Link.open(hub.ws, hub.token("filler", "operator"))
    for first in range(0, events, 500):
        wanted = range(first, min(events, first + 500))
        await asyncio.gather(*(
            link.post("send", room=f"ticket:old-{n // 10}", kind="message", data={"text": "said long ago"}) for n in wanted
        ))  # fmt: skip
    await link.leave()


def report(crowd, knockers, requests, outages, seconds):
    """Prints the figures; the worst darkness of each kind of end and the shares of what failed."""
    worst = {}
    for how in ENDS:
        own = [outage for outage in outages if outage.how == how]
        dark = [gap for outage in own for knocker in knockers if (gap := knocker.gap(outage.began, outage.until))]
        felt = [
            waited for outage in own for speaker in crowd.speakers
            if (waited := max((took for at, took in speaker.acks if outage.began < at <= outage.until), default=None))
        ]  # fmt: skip
        worst[how] = max(dark)
        print(f"{how.name}, {len(own)} times")
        print(f"{statistics.median(o.end for o in own):>10.2f}  s to the end of the process, median")
        print(f"{statistics.median(o.start for o in own):>10.2f}  s to its listening again, median")
        print(f"{statistics.median(dark):>10.2f}  s dark, median;  most {max(dark):.2f}")
        print(f"{statistics.median(felt):>10.2f}  s until people's words are durable, median;  most {max(felt):.2f}")
    sends, errors = len(crowd.ledger.said), sum(crowd.ledger.errors.values())
    lost = sends - len(crowd.ledger.acknowledged)
    share = (errors + lost) / sends
    spans = [(outage.began, outage.began + max(worst.values()) + 1) for outage in outages]
    failed = [(began, ended) for began, ended, outcome in requests.outcomes if outcome != "201"]
    # What was under way when the hub ended counts to that outage.
    steady = [one for one in failed if not any(one[0] <= end and begin <= one[1] for begin, end in spans)]
    print(f"over {seconds:.0f} s with {len(outages)} restarts")
    print(f"{sends:>10}  sends, {sends / seconds:.0f} a second; {errors} error replies, {lost} never acknowledged: {share:.3%}")
    print(f"{len(requests.outcomes):>10}  requests without a second try; {len(failed)} failed, {len(steady)} of them between the outages")
    print(f"{MONTH * PROMISE:>10.0f}  s a month may be dark for 99.9 %")
    for how in ENDS:
        times = int(MONTH * PROMISE / worst[how])
        print(f"{times:>10}  restarts by {how.name} a month would use that up; one a day: {1 - 30 * worst[how] / MONTH:.5%}")
    return share, len(steady) / max(1, len(requests.outcomes))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--restarts", type=int, default=10)
    parser.add_argument("--quiet", type=float, default=5, help="seconds between them")
    parser.add_argument("--fill", type=int, default=50_000, help="events in the database beforehand")
    parser.add_argument("--reactor", choices=["io_uring", "epoll"])
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="apus-probe-") as folder:
        *seen, faults = asyncio.run(probe(max(2, given.restarts), given.quiet, given.fill, folder, given.reactor))
    shares = report(*seen)
    if max(shares) >= PROMISE:
        faults.append(f"{max(shares):.3%} of what was asked failed, allowed are {PROMISE:.1%}")
    for fault in faults[:50]:
        print(f"wrong: {fault}")
    print("nothing was lost" if not faults else f"{len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
