"""A person who says something at a steady pace, waits for `durable`, and says it again under its key until it is."""

import asyncio
import time

from comeback import Comeback
from link import DOWN, Ended, Link, Refused


class Speaker:
    """`acks` collects (moment of the ack, seconds since the event was first said)."""

    def __init__(self, name, hub, rooms, ledger, *, every, text="a few words, as people say them"):
        self.name = name
        self.hub = hub
        self.token = hub.token(name, "operator", ttl=7 * 86400)
        self.rooms = rooms
        self.ledger = ledger
        self.every = every
        self.text = text
        self.acks = []
        self.is_talking = True
        self._count = 0
        self._open = {}
        self._all_said = asyncio.Event()

    async def run(self):
        comeback = Comeback()
        pace = asyncio.create_task(self._pace())
        try:
            while not self._all_said.is_set():
                slot = await self._visit(comeback)
                if not self._all_said.is_set():
                    await asyncio.sleep(comeback.delay(slot))
        finally:
            pace.cancel()

    def hush(self):
        """Says nothing new; `run` ends when all that was said is durable."""
        self.is_talking = False

    async def _pace(self):
        while True:
            await asyncio.sleep(self.every)
            if self.is_talking:
                self._count += 1
                key, room = f"{self.name}-{self._count}", self.rooms[self._count % len(self.rooms)]
                self._open[key] = [room, time.monotonic(), False]
                self.ledger.sent(key, room)

    async def _visit(self, comeback):
        """One connection; the slot where a drain ended it."""
        try:
            link = await Link.open(self.hub.ws, self.token)
        except (*DOWN, Ended, Refused):
            return None
        comeback.greeted()
        for entry in self._open.values():
            entry[2] = False
        while link.is_open and not self._all_said.is_set():
            for key, entry in list(self._open.items()):
                if not entry[2]:
                    entry[2] = True
                    asyncio.create_task(self._say(link, key, entry))
            if not self.is_talking and not self._open:
                self._all_said.set()
                await link.leave()
            await asyncio.sleep(min(0.02, self.every / 4))
        return link.slot

    async def _say(self, link, key, entry):
        room, since, _ = entry
        try:
            ok = await link.post("send", room=room, kind="message", data={"text": self.text}, key=key)
        except Refused as refused:
            self.ledger.refused(refused.code)
            entry[2] = False
        except Ended:
            pass
        else:
            now = time.monotonic()
            self.acks.append((now, now - since))
            self.ledger.durable(key, room, ok["offset"])
            self._open.pop(key, None)
