"""A client of the wire contract without an SDK: says things under keys, reads along, comes back after each death.

What it does next comes from its own seeded choices; it always has a few commands under way and never waits for time.
"""

import asyncio
import json
from collections import Counter

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from choices import Choices
from hub import PATIENCE
from outbox import Outbox
from view import View


class Talker:
    def __init__(self, name, user, token, choices: Choices, record, stage):
        self.name = name
        self.user = user
        self.token = token
        self.choices = choices
        self.record = record
        self.stage = stage
        self.views = {room: View(room) for room in choices.rooms}
        self.outbox = Outbox(record)
        self.is_talking = True
        self.is_finishing = False
        self.is_finished = False
        self.has_said_all = asyncio.Event()
        self.session = None
        self._begin()

    def _begin(self):
        """A connection's own state."""
        self.last_id = 0
        self.waiting = {}
        self.is_greeted = False
        self.lines = []
        self.heads = None
        self.joining = set()

    # -- connections

    async def run(self):
        while not self.is_finished:
            await self.stage.until(lambda: self.stage.hub is not None)
            life = self.stage.life
            if self.is_talking and self.choices.stays_away(life):
                await self.stage.until(lambda: self.stage.life != life)
                continue
            try:
                socket = await self._dial(self.stage.hub.ws)
            except (OSError, EOFError, TimeoutError, InvalidHandshake):
                await self.stage.until(lambda: self.stage.life != life or self.stage.hub is None)
                continue
            await self._talk(socket)
        self.record.close()

    async def _dial(self, address):
        return await connect(
            address,
            subprotocols=["apus.v1"],
            compression="deflate" if self.choices.compresses else None,
            max_size=None,
            max_queue=None,
            ping_interval=None,
            open_timeout=PATIENCE,
            close_timeout=PATIENCE,
            proxy=None,
        )

    async def _talk(self, socket):
        self._begin()
        self.outbox.connected()
        for view in self.views.values():
            view.is_joined = False
        self.record.opened(self.stage.life)
        self._hello()
        try:
            await self._flush(socket)
            async for frame in socket:
                lines = frame.split("\n")
                for line in lines:
                    self._take(line)
                self.stage.heard(len(lines))
                self._next(socket)
                await self._flush(socket)
                if self.is_finished:
                    break
        except ConnectionClosed:
            pass
        # Before the close: what is read after it is of no interest.
        self.record.ended(socket.close_code, self.is_finished and not self.waiting)
        await socket.close()

    # -- commands

    def _post(self, command, done=None, **fields):
        self.last_id += 1
        line = json.dumps({"id": self.last_id, "cmd": command, **fields}, ensure_ascii=False)
        self.record.sent(line)
        self.lines.append(line)
        self.waiting[self.last_id] = (done, fields)

    async def _flush(self, socket):
        while self.lines:
            count = self.choices.lines_a_frame()
            frame, self.lines = self.lines[:count], self.lines[count:]
            await socket.send("\n".join(frame))

    def _hello(self):
        rooms = {}
        for view in self.views.values():
            if self.choices.joins_by_hello():
                rooms[view.name] = self._wish(view)
                self.joining.add(view.name)
        session = {"session": self.session} if self.session and self.choices.resumes_session() else {}
        self._post("hello", self._greeted, token=self.token, rooms=rooms, **session)
        if self.choices.sends_behind_hello():
            self._resend()

    def _wish(self, view):
        fields = view.ask() or self.choices.first_page()
        return {**fields, "durable": True}

    def _join(self, view):
        self.joining.add(view.name)
        self._post("sub", self._joined, room=view.name, **self._wish(view))

    def _resend(self):
        for entry in self.outbox.unsent:
            entry.is_sent = True
            self._post("send", lambda fields, ok, entry=entry: self._sent(entry, ok), **entry.fields)

    # -- what comes

    def _take(self, line):
        item = self.record.received(line) if line else None
        if item is None:
            return
        if "id" in item:
            done, fields = self.waiting.pop(item["id"], (None, None))
            if "key" in (fields or {}) and "error" in item:
                self.outbox.refused(fields["key"])
            elif done and "ok" in item:
                done(fields, item["ok"])
            return
        view = self.views.get(item.get("room"))
        if view and "offset" in item:
            view.pushed(item)
        elif view and "durable" in item:
            view.durable = item["durable"]
            self.outbox.durable(view.name, view.durable)

    def _greeted(self, fields, ok):
        self.is_greeted = True
        self.session = ok["session"]
        for room, answer in ok["rooms"].items():
            if "ok" in answer:
                self._joined({"room": room}, answer["ok"])
        self._resend()

    def _joined(self, fields, ok):
        self.joining.discard(fields["room"])
        self.views[fields["room"]].answered(ok)
        self.outbox.durable(fields["room"], ok["durable"])

    def _left(self, fields, ok):
        self.joining.discard(fields["room"])

    def _sent(self, entry, ok):
        self.outbox.accepted(entry, ok["offset"], self.views[entry.room].durable)

    # -- what to do next

    def _next(self, socket):
        if not self.is_greeted:
            return
        for view in self.views.values():
            if not view.is_joined and view.name not in self.joining:
                self._join(view)
        self._resend()
        if self.is_talking:
            while len(self.waiting) < self.choices.window:
                if not self._act(socket):
                    return
        elif not self.outbox.entries and not self.waiting:
            self.has_said_all.set()
        if self.is_finishing:
            self._finish()

    def _act(self, socket):
        """One thing more; False where it ended the connection."""
        act = "ping" if self.stage.is_lull else self.choices.act()
        view = self.views[self.choices.room()]
        if act == "tear":
            socket.transport.abort()
            return False
        if act == "send":
            self.outbox.add(self.choices.entry(view.name))
            self._resend()
        elif act == "ping":
            self._post("ping")
        elif not view.is_joined:
            self._post("ping")
        elif act == "read":
            self._post("read", room=view.name, upto=self.choices.upto(view.position))
        elif act == "history":
            self._post("history", room=view.name, **self.choices.page(view.position))
        elif act == "signal":
            self._post("signal", room=view.name, kind="cursor", data={"x": view.position})
        elif act == "again":
            self._join(view)
        elif act == "leave":
            view.is_joined = False
            self.joining.add(view.name)
            self._post("unsub", self._left, room=view.name)
        return True

    # -- the end

    def hush(self):
        """No more talk; `has_said_all` is set once everything said is durable."""
        self.is_talking = False

    def finish(self):
        """On the next answers: goes up to the heads, shows what it holds, and leaves."""
        self.is_finishing = True

    def _finish(self):
        if self.heads is None:
            if not self.joining and not self.waiting:
                self.heads = {}
                self._post("ping", self._learned)
        elif self.heads and not self.waiting and not self.joining:
            if all(view.position >= self.heads.get(view.name, 0) for view in self.views.values()):
                for view in self.views.values():
                    self.record.shows(view.name, view.epoch, view.shown())
                self.is_finished = True

    def _learned(self, fields, ok):
        self.heads = ok["heads"]

    def state(self):
        """For whoever waits in vain."""
        waiting = Counter(fields.get("room", "") for _, fields in self.waiting.values())
        return f"{self.name}: {len(self.outbox.entries)} unfinished, waiting for {dict(waiting)}, heads {self.heads}"
