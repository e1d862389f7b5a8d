"""A room's events, in order and without gaps, over any number of connections."""

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .errors import ApusError, Refused

if TYPE_CHECKING:
    from .hub import Hub


@dataclass(frozen=True)
class Event:
    """Something said in a room: kept (with an offset) or ephemeral (without)."""

    room: str
    kind: str
    by: str
    data: Any
    offset: int | None = None
    at: int | None = None
    key: str | None = None


@dataclass(frozen=True)
class Truncated:
    """Kept events after `offset` did not survive a crash of the hub: forget them. What follows is right."""

    offset: int


class Subscription:
    """The events of one room: `async with hub.subscribe(room) as events: async for event in events: …`.

    A lost connection is taken up where it was. Where events were missed for good (too far behind, no longer kept)
    iteration goes on with the newest page, and `missed` counts how often.
    """

    def __init__(self, hub: "Hub", room: str, since: int | None, epoch: str | None):
        self.room = room
        self.offset = since
        self.epoch = epoch
        self.missed = 0
        self._hub = hub
        self._waiting: deque[Event | Truncated | ApusError] = deque()
        self._news = asyncio.Event()

    async def __aenter__(self) -> "Subscription":
        if self.room in self._hub._subscriptions:
            raise ApusError(f"{self.room} is subscribed already")
        await self._hub._connected()
        self._hub._subscriptions[self.room] = self
        try:
            await self._hub.call("sub", again=True, at_once=self._answered, room=self.room, **self._wish())
        except BaseException:
            self._hub._subscriptions.pop(self.room, None)
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self._hub._subscriptions.pop(self.room, None)
        if self._hub._ready.is_set() and self._hub._end is None:
            try:
                await self._hub.call("unsub", room=self.room)
            except (ApusError, ConnectionError):
                pass

    def __aiter__(self) -> "Subscription":
        return self

    async def __anext__(self) -> Event | Truncated:
        while not self._waiting:
            if self._hub._end is not None:
                raise StopAsyncIteration
            self._news.clear()
            await self._news.wait()
        item = self._waiting.popleft()
        if isinstance(item, ApusError):
            raise item
        return item

    # -- from the connection

    def _wish(self) -> dict[str, Any]:
        """The fields of `sub` that bring what is missing; before the first answer only what is asked for."""
        if self.offset is None:
            return {"limit": 0}
        if self.epoch is None:
            return {"since": self.offset} if self.offset == 0 else {"limit": 0}
        return {"since": self.offset, "epoch": self.epoch}

    def _answered(self, ok: dict[str, Any]) -> None:
        self._joined({"ok": ok})

    def _joined(self, answer: dict[str, Any]) -> None:
        if "error" in answer:
            return self._put(Refused("sub", answer["error"]))
        ok = answer["ok"]
        asked = self.offset
        if (cut := ok.get("truncated_to")) is not None:
            self.offset = cut
            self._put(Truncated(cut))
        elif asked is not None and not ok["recovered"]:
            self.missed += 1
            self.offset = None
        self.epoch = ok["epoch"]
        for event in ok["events"]:
            self._kept(event)
        if self.offset is None:
            self.offset = ok["head"]

    def _pushed(self, push: dict[str, Any]) -> None:
        if "offset" in push:
            self._kept(push)
        elif "gone" in push:
            self._hub._subscriptions.pop(self.room, None)
            self._put(Refused("sub", {**push["gone"], "message": "out of the room", "field": "room"}))
        elif "kind" in push and push["kind"] not in ("presence", "read"):
            data = push.get("data", {key: value for key, value in push.items() if key not in ("room", "kind", "by")})
            self._put(Event(self.room, push["kind"], push.get("by", ""), data))

    def _kept(self, push: dict[str, Any]) -> None:
        if self.offset is not None and push["offset"] <= self.offset:
            return
        self.offset = push["offset"]
        self._put(
            Event(self.room, push["kind"], push["by"], push["data"], push["offset"], push["at"], push.get("key"))
        )

    def _put(self, item: Event | Truncated | ApusError) -> None:
        self._waiting.append(item)
        self._news.set()

    def _ended(self) -> None:
        self._news.set()
