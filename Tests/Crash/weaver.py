"""Streams in the swarm: a program that writes them, over all deaths of the hub, and a person who reads along.

Their records lie in streams/NAME.jsonl (history.py has the format); streams.py holds them against each other.
"""

import asyncio
import json
import random

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from hub import PATIENCE

ROOM = "ticket:streams"
WORDS = ["a", "слово ", "😀", "\n", '"', "", "longer text " * 20]


class Ended(Exception):
    """The connection, and with it the life."""


class Player:
    """Connects to each life, says hello, and does its part until the end of the connection."""

    def __init__(self, name, token, path, stage, seed):
        self.name = name
        self.token = token
        self.stage = stage
        self.chance = random.Random(f"{seed}/{name}")
        self.file = open(path, "w", encoding="utf-8")
        self.is_talking = True
        self.is_finishing = False
        self.is_finished = False
        self.has_said_all = asyncio.Event()

    def hush(self):
        self.is_talking = False

    def finish(self):
        self.is_finishing = True

    def state(self):
        return f"{self.name}: {'talking' if self.is_talking else 'waiting'}"

    def write(self, **item):
        self.file.write(json.dumps(item, ensure_ascii=False) + "\n")

    @property
    def record(self):
        return self.file

    async def run(self):
        while not self.is_finished:
            await self.stage.until(lambda: self.stage.hub is not None)
            life = self.stage.life
            try:
                self.socket = await connect(
                    self.stage.hub.ws, subprotocols=["apus.v1"], compression=None, max_size=None, max_queue=None,
                    ping_interval=None, open_timeout=PATIENCE, close_timeout=PATIENCE, proxy=None,
                )  # fmt: skip
                self.last_id = 0
                await self.call("hello", token=self.token)
                await self.play(life)
                await self.socket.close()
            except (OSError, EOFError, TimeoutError, InvalidHandshake, ConnectionClosed, Ended):
                pass
            if not self.is_finished:
                await self.stage.until(lambda: self.stage.life != life or self.stage.hub is None)
        self.file.close()

    async def call(self, command, **fields):
        """The whole reply; what is pushed meanwhile goes to `pushed`."""
        self.last_id += 1
        await self.socket.send(json.dumps({"id": self.last_id, "cmd": command, **fields}, ensure_ascii=False))
        while True:
            for item in await self.hear():
                if item.get("id") == self.last_id:
                    return item

    async def hear(self):
        frame = await self.socket.recv()
        items = [json.loads(line) for line in frame.split("\n") if line]
        self.stage.heard(len(items))
        for item in items:
            if "id" not in item:
                self.pushed(item)
        return items

    def pushed(self, item):
        pass


class Weaver(Player):
    """Writes one stream after the other; what the hub lost it sends again."""

    def __init__(self, *parts):
        super().__init__(*parts)
        self.count = 0
        self.stream = None

    async def play(self, life):
        if self.stream:
            await self.open()
        while self.stream or (self.is_talking and not self.stage.is_lull):
            if not self.stream:
                self.begin()
                await self.open()
            elif self.is_talking and len(self.tokens) < self.length:
                await self.grow()
            else:
                await self.close()
        if self.is_talking:
            return
        self.has_said_all.set()
        self.is_finished = self.is_finishing

    def begin(self):
        self.count += 1
        self.stream = f"{self.name}-{self.count}"
        self.attempt, self.tokens, self.next = 1, [], 0
        self.length = self.chance.randint(0, 120)

    async def open(self):
        reply = await self.call("stream.open", room=ROOM, stream=self.stream, attempt=self.attempt)
        if "error" in reply:
            # It ended although its answer was lost; or nobody came for it in time.
            await self.passing(reply["error"], "conflict")
            return
        self.next = reply["ok"]["next"]
        self.write(opened=[self.stream, self.attempt, self.next, len(self.tokens)])

    async def grow(self):
        if self.chance.random() < 0.01:
            self.attempt, self.tokens = self.attempt + 1, []
            await self.open()
            return
        fresh = [self.chance.choice(WORDS) for _ in range(self.chance.randint(1, 6))]
        self.tokens += fresh
        self.write(writes=[self.stream, self.attempt, fresh])
        await self.send()

    async def send(self):
        part = {"stream": self.stream, "attempt": self.attempt, "from": self.next, "parts": self.tokens[self.next :]}
        reply = await self.call("stream.append", **part)
        if "error" in reply:
            await self.passing(reply["error"])
            return
        self.next = reply["ok"]["next"]
        if self.next != len(self.tokens):
            self.write(wrong=f"{self.stream}: {self.next} tokens of {len(self.tokens)} after an append")

    async def close(self):
        if self.next < len(self.tokens):
            await self.send()
            return
        self.write(closes=self.stream)
        reply = await self.call("stream.close", stream=self.stream, state="done")
        if "error" in reply:
            await self.passing(reply["error"])
        else:
            self.write(closed=self.stream)
            self.stream = None

    async def passing(self, error, final=None):
        """Another time, or never again."""
        if error["code"] == final and error.get("current") in ("done", "interrupted"):
            self.write(over=[self.stream, error["current"]])
            self.stream = None
        elif error["code"] in ("busy", "unavailable"):
            # The disk is tried again by the hub; a reply of any kind comes behind that.
            await self.call("ping")
        else:
            self.write(wrong=f"{self.stream}: {error}")
            self.stream = None


class Onlooker(Player):
    """Keeps to the contract of readers, and writes down each text that it shows."""

    def __init__(self, *parts):
        super().__init__(*parts)
        self.has_said_all.set()
        self.open = {}

    async def play(self, life):
        reply = await self.call("sub", room=ROOM, limit=200)
        if "error" in reply:
            raise Ended
        answer = reply["ok"]
        self.open = {}
        for event in answer["events"]:
            self.take(event)
        for snapshot in answer["streams"]:
            self.take(snapshot)
        # An open one that has no snapshot is none: its opening event is all there is.
        self.open = {item["stream"]: self.open[item["stream"]] for item in answer["streams"]}
        if self.is_finishing:
            self.write(left=sorted(self.open))
            self.is_finished = True
            return
        while True:
            for item in await self.hear():
                if self.chance.random() < 0.001 and "id" not in item:
                    raise Ended

    def pushed(self, item):
        if item.get("room") == ROOM:
            self.take(item)

    def take(self, item):
        kind, data = item.get("kind"), item.get("data")
        if kind == "stream" and data["state"] == "open":
            self.open.setdefault(data["stream"], [data["attempt"], 0, ""])
        elif kind == "stream":
            self.open.pop(data["stream"], None)
            self.write(shows=[data["stream"], data["attempt"], None, data["text"], data["state"]])
        elif kind == "snapshot":
            self.show(item["stream"], [item["attempt"], item["to"], item["text"]])
        elif kind == "delta":
            known = self.open.get(item["stream"])
            if known is None or known[:2] != [item["attempt"], item["from"]]:
                self.write(wrong=f"{item['stream']}: a delta {item['attempt']} {item['from']} behind {known and known[:2]}")
            else:
                self.show(item["stream"], [item["attempt"], item["to"], known[2] + item["text"]])

    def show(self, stream, text):
        self.open[stream] = text
        self.write(shows=[stream, *text, "open"])
