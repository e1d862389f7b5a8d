"""People who come, look around, say one thing and go, some of them without a word; always new people in new rooms."""

import asyncio
import random

from link import DOWN, Ended, Link, Refused


class Churn:
    """`visits` counts those that did all they had come for."""

    def __init__(self, hub, ledger, *, a_second, well_known):
        self.hub = hub
        self.ledger = ledger
        self.every = 1 / a_second
        self.well_known = well_known
        self.is_going_on = True
        self.visits = 0
        self.disturbed = 0
        self.rooms = []
        self._count = 0
        self._present = set()

    async def run(self):
        while self.is_going_on:
            self._count += 1
            visit = asyncio.create_task(self._visit(self._count))
            self._present.add(visit)
            visit.add_done_callback(self._present.discard)
            await asyncio.sleep(self.every)
        await asyncio.gather(*self._present)

    async def _visit(self, number):
        name = f"guest-{number}"
        own, other = f"conversation:{name}", random.choice(self.well_known)
        try:
            token = self.hub.token(name, "operator")
            link = await Link.open(self.hub.ws, token, {own: {"since": 0, "presence": True}, other: {"limit": 20}})
            await self._look_around(link, name, own, other)
            if number % 3:
                await link.leave()
            else:
                await link.cut()
            self.visits += 1
        except Refused as refused:
            self.ledger.refused(refused.code)
        except (*DOWN, Ended):
            self.disturbed += 1

    async def _look_around(self, link, name, own, other):
        self.ledger.sent(name, own)
        said = link.post("send", room=own, kind="message", data={"text": "hello"}, key=name)
        await link.call("signal", room=own, kind="typing")
        await link.call("history", room=other, limit=10)
        ok = await said
        self.ledger.durable(name, own, ok["offset"])
        self.rooms.append(own)
        await link.call("read", room=own, upto=ok["offset"])
        await asyncio.sleep(random.uniform(0, 2))
        await link.call("presence", room=own)
