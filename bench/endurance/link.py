"""One WebSocket connection to the hub: replies find who asked, pushes go to a callback, the end is an event."""

import asyncio
import json

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

# What dialling a hub that is down, starting or draining may end with.
DOWN = (OSError, EOFError, TimeoutError, InvalidHandshake, ConnectionClosed)

PATIENCE = 30


class Refused(Exception):
    """An error reply."""

    def __init__(self, command, error):
        super().__init__(f"{command}: {error['code']}, {error['message']}")
        self.code = error["code"]


class Ended(Exception):
    """The connection ended before the reply."""


class Link:
    def __init__(self, socket, hear=lambda push: None):
        self.socket = socket
        self.hear = hear
        self.slot = None
        self._last_id = 0
        self._waiting = {}
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, url, token, rooms=None, hear=lambda push: None, joined=lambda answers: None, **options):
        """Connects, says hello, and joins rooms with it; `joined` gets the answers by room before `hear` gets the first
        push behind them."""
        socket = await connect(
            url, subprotocols=["apus.v1"], compression=None, max_size=None, max_queue=None, ping_interval=None,
            open_timeout=PATIENCE, close_timeout=1, proxy=None, **options,
        )  # fmt: skip
        link = cls(socket, hear)
        try:
            hello = link.post("hello", lambda ok: joined(ok["rooms"]), token=token, rooms=rooms or {})
            await asyncio.wait_for(hello, PATIENCE)
        except BaseException:
            await link.cut()
            raise
        return link

    @property
    def is_open(self):
        return not self._reader.done()

    @property
    def close_code(self):
        return self.socket.close_code

    def post(self, command, then=lambda ok: None, **fields):
        """Sends a command; a future of its `ok`, or of `Refused` or `Ended`. `then` gets the `ok` as it comes."""
        self._last_id += 1
        future = asyncio.get_running_loop().create_future()
        self._waiting[self._last_id] = (command, future, then)
        line = json.dumps({"id": self._last_id, "cmd": command, **fields})
        posted = asyncio.ensure_future(self._posted(line, future))
        # Whoever asked may have gone.
        posted.add_done_callback(lambda done: done.cancelled() or done.exception())
        return posted

    async def _posted(self, line, future):
        try:
            await self.socket.send(line)
        except ConnectionClosed:
            if not future.done():
                future.set_exception(Ended())
        return await future

    async def call(self, command, **fields):
        return await asyncio.wait_for(self.post(command, **fields), PATIENCE)

    async def ended(self):
        await asyncio.shield(self._reader)

    async def leave(self):
        """Closes with 1000."""
        await self.socket.close()
        await self._reader

    async def cut(self):
        """Ends the connection without a word."""
        self.socket.transport.abort()
        await self._reader

    async def _read(self):
        try:
            async for frame in self.socket:
                for line in frame.split("\n"):
                    if line:
                        self._take(json.loads(line))
        except ConnectionClosed:
            pass
        finally:
            for _, future, _ in self._waiting.values():
                if not future.done():
                    future.set_exception(Ended())
                    future.exception()

    def _take(self, item):
        if "id" not in item:
            if "drain" in item:
                self.slot = item["drain"]["reconnect_after"] / 1000
            self.hear(item)
            return
        command, future, then = self._waiting.pop(item["id"], (None, None, None))
        if future is None or future.done():
            return
        if "ok" in item:
            then(item["ok"])
            future.set_result(item["ok"])
        else:
            future.set_exception(Refused(command, item["error"]))
