"""Everyone at once: speakers, watchers, slow readers and churn around one hub, and their orderly end."""

import asyncio
import json
import urllib.request
from urllib.parse import quote

from churn import Churn
from ledger import Ledger
from slow import SlowReader
from speaker import Speaker
from watcher import Watcher

ROOMS = [f"ticket:{number}" for number in range(20)]
# So much text in one room that a reader that sleeps falls behind.
LOUD = "queue:loud"
LOUD_TEXT = "x" * 4000


class Crowd:
    def __init__(self, hub, *, speakers=10, loud=2, watchers=30, slow=6, churn=5.0):
        self.hub = hub
        self.ledger = Ledger()
        self.speakers = [
            Speaker(f"speaker-{number}", hub, ROOMS, self.ledger, every=0.2) for number in range(speakers)
        ] + [
            Speaker(f"loud-{number}", hub, [LOUD], self.ledger, every=0.05, text=LOUD_TEXT) for number in range(loud)
        ]  # fmt: skip
        self.watchers = [
            Watcher(f"watcher-{number}", hub, [ROOMS[(number + n * 7) % len(ROOMS)] for n in range(5)], self.ledger)
            for number in range(watchers)
        ]  # fmt: skip
        self.slow = [SlowReader(f"slow-{number}", hub, [LOUD], self.ledger) for number in range(slow)]
        self.churn = Churn(hub, self.ledger, a_second=churn, well_known=ROOMS) if churn else None
        self._tasks = []

    def start(self):
        people = [*self.speakers, *self.watchers, *self.slow, *([self.churn] if self.churn else [])]
        self._tasks = [asyncio.create_task(person.run()) for person in people]

    def check(self):
        """Raises what ended one of them before its time."""
        for task in self._tasks:
            if task.done() and task.exception():
                raise task.exception()

    async def leave(self):
        """Everyone says what is left to say, reads to the end and goes."""
        if self.churn:
            self.churn.is_going_on = False
        for speaker in self.speakers:
            speaker.hush()
        count = len(self.speakers)
        await asyncio.wait_for(asyncio.gather(*self._tasks[:count]), 60)
        heads = {room: len(events) for room, events in self.kept([*ROOMS, LOUD]).items()}
        readers = [*self.watchers, *self.slow]
        try:
            await asyncio.wait_for(asyncio.gather(*(reader.leave(heads) for reader in readers)), 60)
        except TimeoutError:
            late = [f"{reader.name} ({reader.progress(heads)})" for reader in readers if not reader.is_leaving]
            raise RuntimeError(f"not up to date: {', '.join(late)}; {self.ledger.faults[:5]}") from None
        await asyncio.wait_for(asyncio.gather(*self._tasks), 60)

    @property
    def rooms(self):
        return [*ROOMS, LOUD, *(self.churn.rooms if self.churn else [])]

    def kept(self, rooms):
        """Room → [(offset, key)] as the hub has it, read page by page over HTTP."""
        token = self.hub.token("auditor", "admin")
        return {room: list(self._events(room, token)) for room in rooms}

    def _events(self, room, token):
        after, more = 0, True
        while more:
            url = f"{self.hub.http}/api/v1/rooms/{quote(room, safe='')}/events?after={after}&limit=500"
            request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
            with urllib.request.urlopen(request, timeout=30) as reply:
                page = json.load(reply)
            for event in page["events"]:
                after = event["offset"]
                yield after, event.get("key")
            more = page["more"]
