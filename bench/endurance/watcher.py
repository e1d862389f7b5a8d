"""Someone who reads rooms for good, comes back from the last offset, and holds the key of every event, in order."""

import asyncio

from comeback import Comeback
from link import DOWN, Ended, Link, Refused


class Watcher:
    def __init__(self, name, hub, rooms, ledger):
        self.name = name
        self.hub = hub
        self.token = hub.token(name, "operator", ttl=7 * 86400)
        self.views = {room: [] for room in rooms}
        self.epochs = {}
        self.is_leaving = False
        self.link = None
        self.closes = {}
        ledger.seen[name] = self.views
        self.ledger = ledger

    async def run(self):
        comeback = Comeback()
        while not self.is_leaving:
            try:
                wishes = {room: self._wish(room) for room in self.views}
                self.link = await Link.open(
                    self.hub.ws, self.token, wishes, self._hear, self._joined, **self.options()
                )
            except (*DOWN, Ended, Refused):
                await asyncio.sleep(comeback.delay())
                continue
            comeback.greeted()
            await self.read()
            self.closes[self.link.close_code] = self.closes.get(self.link.close_code, 0) + 1
            if not self.is_leaving:
                await asyncio.sleep(comeback.delay(self.link.slot))

    def options(self):
        return {}

    async def read(self):
        await self.link.ended()

    async def leave(self, heads):
        """Waits until it holds everything up to the heads, then goes."""
        while any(not self._is_complete(room, heads.get(room, 0)) for room in self.views):
            await asyncio.sleep(0.05)
        self.is_leaving = True
        await self.link.leave()

    def progress(self, heads):
        rooms = ", ".join(f"{room} {len(view)} of {heads.get(room)}" for room, view in self.views.items())
        return f"{'on' if self.link and self.link.is_open else 'off'} line, {rooms}, closes {self.closes}"

    def _is_complete(self, room, head):
        return len(self.views[room]) >= head

    def _wish(self, room):
        if room not in self.epochs:
            return {"since": 0}
        return {"since": len(self.views[room]), "epoch": self.epochs[room]}

    def _joined(self, answers):
        for room, answer in answers.items():
            self._join(room, answer["ok"])

    def _join(self, room, answer):
        view = self.views[room]
        self.epochs[room] = answer["epoch"]
        if not answer["recovered"]:
            self.ledger.faults.append(f"{self.name} could not recover {room}")
        del view[answer.get("truncated_to", len(view)) :]
        for event in answer["events"]:
            self._keep(room, event)

    def _hear(self, push):
        if "offset" in push and push["room"] in self.views:
            self._keep(push["room"], push)

    def _keep(self, room, event):
        view = self.views[room]
        if event["offset"] == len(view) + 1:
            view.append(event.get("key"))
        elif event["offset"] > len(view):
            self.ledger.faults.append(f"{self.name} got {event['offset']} of {room} after {len(view)}")
