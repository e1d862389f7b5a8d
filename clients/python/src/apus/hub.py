"""The hub as a program sees it: one connection that comes back by itself."""

import asyncio
import contextlib
import inspect
import logging
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from .backoff import Backoff
from .errors import Closed, Refused
from .jobs import Claim, Job
from .streams import Stream
from .subscriptions import Subscription
from .wire import Conversation, Fields, Push, Reply

log = logging.getLogger("apus")
TokenSource = str | Callable[[], str] | Callable[[], Awaitable[str]]


class Hub:
    """A connection to the hub that lasts: it reconnects with backoff, takes its session and rooms up again, and says
    again what had no answer, where saying it twice does no harm.

    Use it as an asynchronous context manager, from one event loop. `token` is a JWT or a function that gives one, which
    is asked at every connection, so that short-lived tokens can be renewed.
    """

    def __init__(
        self,
        url: str,
        token: TokenSource,
        *,
        client: str = "apus-python/0.1.0",
        backoff: Backoff | None = None,
    ):
        self.url = url
        self.client = client
        self.welcome: Fields = {}
        self._token = token
        self._backoff = backoff or Backoff()
        self._conversation = Conversation()
        self._socket: ClientConnection | None = None
        self._session: str | None = None
        self._replies: dict[int, tuple[asyncio.Future[Fields], Callable[[Fields], None] | None]] = {}
        self._ready = asyncio.Event()
        self._end: Closed | None = None
        self._task: asyncio.Task[None] | None = None
        self._subscriptions: dict[str, Subscription] = {}
        self._streams: dict[str, Stream] = {}
        self._jobs: dict[str, Job] = {}

    async def __aenter__(self) -> "Hub":
        self._task = asyncio.create_task(self._run(), name="apus")
        await self._connected()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Says good-bye; what waits gets `Closed`."""
        self._finish(Closed(None, "the client was closed"))
        if self._socket is not None:
            await self._socket.close()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    # -- commands

    async def call(
        self, command: str, *, again: bool = False, at_once: Callable[[Fields], None] | None = None, **fields: Any
    ) -> Fields:
        """Sends a command and returns its `ok`. Raises `Refused`, or `Closed` where the hub does not want us.

        Where the connection is lost before the answer: with `again` the command is said once more on the next one
        (right for what has a key or a lease), otherwise `ConnectionError`: nobody knows whether it was done. `at_once`
        gets the `ok` before anything that the hub said behind it.
        """
        while True:
            await self._connected()
            try:
                return await self._ask(command, fields, at_once)
            except ConnectionError:
                if not again:
                    raise
            except Refused as refusal:
                if not again or refusal.code not in ("busy", "unavailable", "rate_limited"):
                    raise
                await asyncio.sleep((refusal.retry_after or 1000) / 1000)

    async def send(self, room: str, data: Any, *, kind: str = "message", key: str | None = None, **fields: Any) -> Fields:
        """Keeps an event, once, and returns its place when it is durable: however often the connection is lost."""
        key = key or uuid.uuid4().hex
        return await self.call("send", again=True, room=room, kind=kind, data=data, key=key, **fields)

    async def history(self, room: str, **fields: Any) -> list[Fields]:
        """A page of the past: `before` or `after`, `limit`."""
        return (await self.call("history", again=True, room=room, **fields))["events"]

    def subscribe(self, room: str, *, since: int | None = None, epoch: str | None = None) -> Subscription:
        """The events of a room from now on, or after `since`; an asynchronous context manager and iterator."""
        return Subscription(self, room, since, epoch)

    # -- streams and jobs

    def stream(self, room: str, *, stream: str | None = None, title: str | None = None, **fields: Any) -> Stream:
        """A text that grows before everybody in a room; an asynchronous context manager."""
        return Stream(self, room, stream or uuid.uuid4().hex, title, fields)

    async def submit(self, kind: str, value: Any, *, key: str | None = None, **fields: Any) -> Fields:
        """Submits a job, once, and returns its `job` and `room`. `priority` and `limit_ms` may be given."""
        key = key or uuid.uuid4().hex
        return await self.call("job.submit", again=True, kind=kind, input=value, key=key, **fields)

    def job(self, kinds: list[str], *, lease_ms: int = 30_000) -> Claim:
        """Waits for a job of these kinds and does it: `async with hub.job(["project"]) as job: …`."""
        return Claim(self, kinds, lease_ms)

    # -- the connection

    async def _connected(self) -> None:
        while self._end is None and not self._ready.is_set():
            await self._ready.wait()
        if self._end is not None:
            raise self._end

    async def _ask(
        self, command: str, fields: Fields, at_once: Callable[[Fields], None] | None = None
    ) -> Fields:
        socket = self._socket
        if socket is None:
            raise ConnectionError("not connected")
        identifier, line = self._conversation.command(command, fields)
        reply: asyncio.Future[Fields] = asyncio.get_running_loop().create_future()
        self._replies[identifier] = (reply, at_once)
        try:
            await socket.send(line)
            return await reply
        except ConnectionClosed:
            raise ConnectionError("the connection was lost") from None
        except Refused as refusal:
            raise Refused(command, vars(refusal)) from None
        finally:
            self._replies.pop(identifier, None)

    async def _run(self) -> None:
        while self._end is None:
            wait = 0.0
            try:
                wait = await self._live()
            except Refused as refusal:
                if refusal.code in ("unauthorized", "forbidden") and isinstance(self._token, str):
                    return self._finish(Closed(4401, refusal.message))
            except (OSError, WebSocketException, ValueError) as error:
                log.info("no connection: %s", error)
            if self._end is None:
                await asyncio.sleep(wait + self._backoff.next())

    async def _live(self) -> float:
        """One connection from its opening to its end; how long to stay away afterwards, in seconds."""
        self._conversation = Conversation()
        async with connect(self.url, subprotocols=["apus.v1"], max_size=None, ping_interval=None) as socket:
            self._socket = socket
            reader = asyncio.create_task(self._read(socket))
            try:
                await self._hello()
                self._backoff.reset()
                self._ready.set()
                await reader
            finally:
                self._ready.clear()
                self._socket = None
                reader.cancel()
                with contextlib.suppress(asyncio.CancelledError, Exception):
                    await reader
                for reply, _ in self._replies.values():
                    if not reply.done():
                        reply.set_exception(ConnectionError("the connection was lost"))
        code, reason = socket.close_code, socket.close_reason or ""
        wait = self._conversation.way_back(code, reason)
        if wait is None or (code == 4401 and isinstance(self._token, str)):
            self._finish(Closed(code, reason))
        return wait or 0.0

    async def _hello(self) -> None:
        rooms = {room: subscription._wish() for room, subscription in self._subscriptions.items()}
        fields = {"token": await self._credential(), "client": self.client, "session": self._session}
        await self._ask("hello", {**fields, "rooms": rooms or None}, self._welcomed)

    def _welcomed(self, welcome: Fields) -> None:
        self.welcome = welcome
        self._session = welcome.get("session")
        for room, answer in welcome.get("rooms", {}).items():
            if (subscription := self._subscriptions.get(room)) is not None:
                subscription._joined(answer)
        for stream in list(self._streams.values()):
            stream._reconnected()

    async def _credential(self) -> str:
        if isinstance(self._token, str):
            return self._token
        token = self._token()
        return await token if inspect.isawaitable(token) else token

    async def _read(self, socket: ClientConnection) -> None:
        try:
            async for frame in socket:
                for item in self._conversation.received(frame if isinstance(frame, str) else frame.decode()):
                    if isinstance(item, Reply):
                        self._replied(item)
                    else:
                        self._pushed(item)
        except ConnectionClosed:
            pass

    def _replied(self, item: Reply) -> None:
        reply, at_once = self._replies.get(item.id, (None, None))
        if reply is None or reply.done():
            return
        if item.error is not None:
            reply.set_exception(Refused("", item.error))
            return
        ok = item.ok or {}
        if at_once is not None:
            at_once(ok)
        reply.set_result(ok)

    def _pushed(self, item: Push) -> None:
        push = item.object
        if (subscription := self._subscriptions.get(push.get("room", ""))) is not None:
            subscription._pushed(push)
        elif "job" in push and (job := self._jobs.get(push["job"])) is not None:
            job._told(push)
        elif "cancel" in push and (stream := self._streams.get(push.get("stream", ""))) is not None:
            stream._cancelled(push["cancel"].get("by", ""))
        elif "expiring" in push and not isinstance(self._token, str):
            task = asyncio.create_task(self._renew())
            task.add_done_callback(lambda done: done.cancelled() or done.exception())

    async def _renew(self) -> None:
        await self._ask("auth", {"token": await self._credential()})

    def _finish(self, end: Closed) -> None:
        self._end = self._end or end
        self._ready.set()
        for subscription in list(self._subscriptions.values()):
            subscription._ended()
