"""A thin client of the wire contract: it splits frames into lines, matches replies by id, and keeps what came in the
order in which it came. Every message, in both directions, is held to the schemas of docs/protocol; only commands that
are said to be `malformed` are not."""

import asyncio
import json

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from contract import Broken, Conversation
from hub import PATIENCE


class Refused(AssertionError):
    """An error reply where the test expected an `ok`."""

    def __init__(self, command, error):
        super().__init__(f"{command} was refused: {error}")
        self.error = error


class Client:
    """One connection. `log` holds every object received, `lines` their text, both in order."""

    def __init__(self, socket):
        self.socket = socket
        self.log = []
        self.lines = []
        self.welcome = None
        self.last_id = 0
        self.broken = None
        self._conversation = Conversation()
        self._replies = {}
        self._unseen = []
        self._news = asyncio.Condition()
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, hub, token=None, *, compression=None, subprotocols=("apus.v1",), **hello):
        """Connects and, where there is a token, says hello with it."""
        socket = await connect(
            hub.ws,
            ssl=hub.ssl,
            subprotocols=subprotocols or None,
            compression=compression,
            max_size=None,
            max_queue=None,
            ping_interval=None,
            open_timeout=PATIENCE,
            close_timeout=PATIENCE,
            proxy=None,
        )
        client = cls(socket)
        if token is not None:
            client.welcome = await client.call("hello", token=token, **hello)
        return client

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        await self.leave()

    async def leave(self):
        """Closes the connection with 1000 and waits for its end."""
        await self.socket.close()
        await self._reader
        self._keep_to_the_contract()

    # -- commands

    def next_id(self):
        self.last_id += 1
        return self.last_id

    async def post(self, command, *, malformed=False, **fields):
        """Sends a command; the answer is a future of its whole reply."""
        identifier = self.next_id()
        reply = self.expect(identifier)
        await self.say(json.dumps({"id": identifier, "cmd": command, **fields}, ensure_ascii=False), malformed=malformed)
        return reply

    async def post_all(self, commands):
        """Sends several commands as the lines of one frame; a future each."""
        lines, replies = [], []
        for command, fields in commands:
            line = {"id": self.next_id(), "cmd": command, **fields}
            replies.append(self.expect(line["id"]))
            lines.append(json.dumps(line, ensure_ascii=False))
        await self.say("\n".join(lines))
        return replies

    async def say(self, frame, *, malformed=False):
        """Sends a frame as it stands; `malformed`: it breaks the contract on purpose."""
        for line in frame.split("\n"):
            if line:
                self._conversation.says(line, malformed)
        await self.socket.send(frame)

    def expect(self, identifier):
        """A future of the reply with this id (None: the next one that bears `null`)."""
        future = asyncio.get_running_loop().create_future()
        self._replies.setdefault(identifier, []).append(future)
        return future

    async def reply(self, command, **fields):
        """Sends a command and returns its whole reply."""
        return await wait(await self.post(command, **fields), f"a reply to {command}")

    async def call(self, command, **fields):
        """Sends a command and returns its `ok`."""
        return ok(command, await self.reply(command, **fields))

    async def error(self, command, **fields):
        """Sends a command that must be refused and returns its error, whose shape is checked."""
        return error(command, await self.reply(command, **fields))

    async def text(self, text, identifier=None, *, malformed=False):
        """Sends a frame as it stands and returns the whole reply with this id."""
        future = self.expect(identifier)
        await self.say(text, malformed=malformed)
        return await wait(future, f"a reply to {text[:80]}")

    # -- the commands that most tests use

    async def sub(self, room, **fields):
        return await self.call("sub", room=room, **fields)

    async def send(self, room, data, kind="message", **fields):
        return await self.call("send", room=room, kind=kind, data=data, **fields)

    async def history(self, room, **fields):
        return await self.call("history", room=room, **fields)

    # -- pushes

    async def push(self, where=lambda push: True, **members):
        """The next push not yet taken whose members equal these and that `where` accepts; it is taken."""

        def fits(push):
            return all(push.get(name) == value for name, value in members.items()) and where(push)

        def take():
            for index, push in enumerate(self._unseen):
                if fits(push):
                    return self._unseen.pop(index)
            return None

        return await self._until(take, f"a push with {members}")

    async def events(self, room, upto):
        """All kept events of the room that were pushed, once the one with offset `upto` is among them."""

        def found():
            events = self.kept(room)
            return events if events and events[-1]["offset"] >= upto else None

        return await self._until(found, f"event {upto} of {room}")

    def kept(self, room):
        """The kept events of the room that were pushed so far, as they came."""
        return [push for push in self.log if push.get("room") == room and "offset" in push and "id" not in push]

    def position(self, where):
        """The place in `log` of the first object that `where` accepts."""
        return next(index for index, item in enumerate(self.log) if where(item))

    async def _until(self, find, wanted):
        async def search():
            async with self._news:
                while (found := find()) is None:
                    if self._reader.done():
                        raise AssertionError(f"the connection ended ({self.close_code}) before {wanted}")
                    await self._news.wait()
                return found

        return await wait(search(), wanted)

    # -- the end

    async def closed(self):
        """Close code and reason, once the connection has ended."""
        await wait(asyncio.shield(self._reader), "the end of the connection")
        self._keep_to_the_contract()
        return self.close_code, self.socket.close_reason

    @property
    def close_code(self):
        return self.socket.close_code

    async def _read(self):
        try:
            async for frame in self.socket:
                assert isinstance(frame, str), "the hub sent a binary frame"
                async with self._news:
                    for line in frame.split("\n"):
                        if line:
                            self._take(line)
                    self._news.notify_all()
        except ConnectionClosed:
            pass
        finally:
            async with self._news:
                for future in (future for futures in self._replies.values() for future in futures):
                    if not future.done():
                        future.cancel()
                self._news.notify_all()

    def _keep_to_the_contract(self):
        """Fails where the hub said anything that the schemas do not allow."""
        if self.broken:
            raise self.broken

    def _take(self, line):
        item = json.loads(line)
        assert isinstance(item, dict), line
        try:
            self._conversation.hears(item)
        except Broken as broken:
            self.broken = self.broken or broken
        self.log.append(item)
        self.lines.append(line)
        if "id" not in item:
            self._unseen.append(item)
            return
        assert ("ok" in item) != ("error" in item), line
        waiting = self._replies.get(item["id"], [])
        future = next((future for future in waiting if not future.done()), None)
        assert future is not None or item["id"] is None, f"a second reply: {line}"
        if future is not None:
            future.set_result(item)


def ok(command, reply):
    if "ok" not in reply:
        raise Refused(command, reply["error"])
    return reply["ok"]


CODES = {
    "bad_request", "unauthorized", "forbidden", "not_found", "conflict", "too_large",
    "rate_limited", "busy", "unavailable", "unsupported", "internal",
}  # fmt: skip


def error(command, reply):
    assert "error" in reply, f"{command} was not refused: {reply}"
    found = reply["error"]
    assert found["code"] in CODES, found
    assert isinstance(found["message"], str) and found["message"], found
    assert isinstance(found.get("field", ""), str), found
    assert isinstance(found.get("retry_after", 0), int), found
    return found


async def wait(awaitable, wanted):
    """Awaits with patience; names what did not come."""
    try:
        return await asyncio.wait_for(awaitable, PATIENCE)
    except TimeoutError:
        raise AssertionError(f"waited {PATIENCE} s in vain for {wanted}") from None
    except asyncio.CancelledError:
        if asyncio.current_task().cancelling():
            raise
        raise AssertionError(f"the connection ended before {wanted}") from None


async def every(futures, wanted="all replies"):
    """The results of all futures."""
    return await wait(asyncio.gather(*futures), wanted)


async def first(*futures):
    """The result of whichever future comes first."""
    done, _ = await asyncio.wait(futures, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
    assert done, "waited in vain for one of several replies"
    return done.pop().result()
