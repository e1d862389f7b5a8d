"""Holds a run's records against what the hub promises. Knows nothing of the hub but the contract.

    python Tests/Crash/checker.py FOLDER
"""

import sys
from collections import Counter
from dataclasses import dataclass

from facts import Facts
from history import Event, Findings, History
from replay import Replay
from streams import check_streams
from timeline import Timeline


@dataclass
class Verdict:
    findings: Findings
    figures: dict

    @property
    def ok(self):
        return not self.findings


def check(history):
    findings = Findings()
    deaths = Counter()
    for life in history.lives:
        _check_life(life, findings)
        if "died" in life:
            deaths[f"deaths before a write to {life['died'].partition(':')[0]}"] += 1
    timeline = Timeline(history.disk, findings)
    facts = Facts(timeline, findings, history.run)
    for name, records in history.clients.items():
        replay = Replay(name, facts).run(records)
        _check_views(replay, timeline, findings)
    facts.conclude()
    if history.run.get("drains") and facts.figures["accepted and lost"]:
        findings.add("drain", "the run", f"{facts.figures['accepted and lost']} accepted events did not survive")
    woven = check_streams(history, timeline, findings)
    figures = dict(facts.figures) | woven | deaths | history.run.get("power", {})
    figures["lives"] = len(history.lives)
    figures["epochs"] = len(timeline.epochs)
    figures["clients"] = len(history.clients)
    return Verdict(findings, figures)


def _check_life(life, findings):
    where = f"life {life['life']}"
    if life.get("stalled"):
        findings.add("hub", where, f"waited in vain for {life['stalled']}")
    if life["status"] != life.get("expected", -9):
        findings.add("hub", where, f"the process ended with {life['status']} by itself")


def _check_views(replay, timeline, findings):
    """Both what the client itself shows and what the replay holds by the contract are the room."""
    if not replay.ended_well:
        findings.add("views", replay.name, "did not come to its end")
    for room, holding in replay.holdings.items():
        _compare(replay.name, room, holding.first, holding.events, "went", timeline, findings)
        if room not in replay.views:
            findings.add("views", replay.name, f"does not show {room}")
    for room, view in replay.views.items():
        offsets = [item["offset"] for item in view["events"]]
        first = offsets[0] if offsets else timeline.head(room) + 1
        if offsets != list(range(first, first + len(offsets))):
            findings.add("views", replay.name, f"{room}: shows a gap or a double: {offsets[-20:]}")
            continue
        _compare(replay.name, room, first, [Event.of(item) for item in view["events"]], "shows", timeline, findings)
        if view.get("epoch", timeline.last_epoch) != timeline.last_epoch:
            findings.add("views", replay.name, f"{room}: is in the epoch {view['epoch']}, not in the last one")


def _compare(name, room, first, events, what, timeline, findings):
    last = first + len(events) - 1
    if last != timeline.head(room):
        findings.add("views", name, f"{room}: {what} up to {last}, the room goes up to {timeline.head(room)}")
    for offset, event in enumerate(events, first):
        if event != timeline.event(room, offset):
            findings.add("views", name, f"{room}: {what} {event} at {offset}, the room has {timeline.event(room, offset)}")
            return


def main():
    verdict = check(History.read(sys.argv[1]))
    for name, figure in sorted(verdict.figures.items()):
        print(f"{figure:>10}  {name}")
    print(verdict.findings.account(each=10) or "nothing is wrong")
    return 0 if verdict.ok else 1


if __name__ == "__main__":
    sys.exit(main())
