"""Those who do not wait for their slot: they show how long the hub is gone, and what a request without a second try meets."""

import asyncio
import json
import time
import urllib.error
import urllib.request
from urllib.parse import quote

from link import DOWN, Ended, Link, Refused

PAUSE = 0.005


class Knocker:
    """Says one thing after the other, each when the last one is durable; dials again at once. Collects the moments."""

    def __init__(self, name, hub, room, ledger):
        self.name = name
        self.hub = hub
        self.room = room
        self.token = hub.token(name, "operator", ttl=86400)
        self.ledger = ledger
        self.moments = []
        self.is_going_on = True
        self._count = 0

    async def run(self):
        while self.is_going_on:
            try:
                link = await Link.open(self.hub.ws, self.token)
                while self.is_going_on:
                    await self._say(link)
                    await asyncio.sleep(PAUSE)
                await link.leave()
            except Refused as refused:
                self.ledger.refused(refused.code)
            except (*DOWN, Ended):
                pass
            await asyncio.sleep(PAUSE)

    async def _say(self, link):
        """Again under the same key where the last one was not answered."""
        key = f"{self.name}-{self._count}"
        self.ledger.sent(key, self.room)
        ok = await link.call("send", room=self.room, kind="message", data={"text": "are you there"}, key=key)
        self.ledger.durable(key, self.room, ok["offset"])
        self._count += 1
        self.moments.append(time.monotonic())

    def gap(self, since, until):
        """The longest time between two acknowledgements that ended in this span."""
        pairs = zip(self.moments, self.moments[1:])
        return max((after - before for before, after in pairs if since < after <= until), default=None)


class Requests:
    """Posts over HTTP, each on a connection of its own and never again: (beginning, end, what came of it)."""

    def __init__(self, hub, room, *, every):
        self.hub = hub
        self.room = room
        self.token = hub.token("requests", "operator", ttl=86400)
        self.every = every
        self.outcomes = []
        self.is_going_on = True

    async def run(self):
        posted = set()
        while self.is_going_on:
            post = asyncio.create_task(asyncio.to_thread(self._post))
            posted.add(post)
            post.add_done_callback(posted.discard)
            await asyncio.sleep(self.every)
        await asyncio.gather(*posted)

    def _post(self):
        began = time.monotonic()
        request = urllib.request.Request(
            f"{self.hub.http}/api/v1/rooms/{quote(self.room, safe='')}/events",
            data=json.dumps({"kind": "message", "data": {"text": "once"}}).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as reply:
                outcome = str(reply.status)
        except urllib.error.HTTPError as error:
            outcome = str(error.code)
        except OSError:
            outcome = "no connection"
        self.outcomes.append((began, time.monotonic(), outcome))
