"""A program that posts events over HTTP, one after the other, each again under its key until it is durable."""

import asyncio
from http.client import HTTPException

from api import events_path, request


class Poster:
    def __init__(self, name, token, choices, record, stage):
        self.name = name
        self.token = token
        self.choices = choices
        self.record = record
        self.stage = stage
        self.entry = None
        self.is_talking = True
        self.is_finishing = False
        self.is_finished = False
        self.has_said_all = asyncio.Event()

    async def run(self):
        while not self.is_finished:
            await self.stage.until(lambda: self.stage.hub is not None)
            await self._live(self.stage.hub, self.stage.life)
        self.record.ended(1000, clean=True)
        self.record.close()

    async def _live(self, hub, life):
        """As long as this hub lives, or until all is said and done."""
        while self.stage.hub is hub:
            if self.entry is None and not self.is_talking:
                self.has_said_all.set()
                self.is_finished = self.is_finishing
                if not self.is_finished:
                    await self.stage.until(lambda: self.stage.hub is not hub)
                return
            try:
                await self._step(hub)
            except (OSError, HTTPException):
                await self.stage.until(lambda: self.stage.life != life or self.stage.hub is None)

    async def _step(self, hub):
        if self.stage.is_lull:
            await asyncio.to_thread(request, hub, "GET", events_path(self.choices.room(), limit=5), token=self.token)
            return
        if self.entry is None:
            self.entry = self.choices.entry(self.choices.room())
            self.record.said(room=self.entry.room, kind=self.entry.kind, key=self.entry.key, data=self.entry.data)
        entry = self.entry
        body = {"kind": entry.kind, "data": entry.data}
        headers = {"Idempotency-Key": entry.key}
        answer = await asyncio.to_thread(request, hub, "POST", events_path(entry.room), body, headers, self.token)
        self.record.posted(entry, answer.status, answer.json)
        self.stage.heard(1)
        if answer.status in (200, 201):
            self.record.done(entry.room, entry.key)
            self.entry = None

    def hush(self):
        self.is_talking = False

    def finish(self):
        self.is_finishing = True

    def state(self):
        return f"{self.name}: {'posting ' + self.entry.key if self.entry else 'nothing to post'}"
