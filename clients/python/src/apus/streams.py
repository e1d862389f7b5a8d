"""A producer's stream: tokens go out as they come, none is lost, none is doubled."""

import asyncio
from typing import TYPE_CHECKING, Any

from .errors import ApusError, Refused
from .tokens import TokenLog

if TYPE_CHECKING:
    from .hub import Hub


class Stream:
    """`async with hub.stream(room) as stream: async for token in model: stream.append(token)`.

    Leaving the block closes the stream as `done`; with an exception as `failed`, where somebody cancelled it as
    `cancelled`. `append` never waits; `await stream.flush()` waits until the hub has everything.
    """

    # A command's line stays well below the hub's largest frame.
    MOST_TOKENS = 1000
    MOST_CHARACTERS = 16_384

    def __init__(self, hub: "Hub", room: str, stream: str, title: str | None, fields: dict[str, Any]):
        self.hub = hub
        self.room = room
        self.id = stream
        self.usage: dict[str, Any] | None = None
        self.cancelled_by: str | None = None
        self.cancelled = asyncio.Event()
        self.offset: int | None = None
        self._title = title
        self._fields = fields
        self._attempt = 1
        self._log = TokenLog()
        self._must_open = True
        self._news = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._fault: Exception | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Stream":
        self.hub._streams[self.id] = self
        try:
            await self._open()
        except BaseException:
            self.hub._streams.pop(self.id, None)
            raise
        self._task = asyncio.create_task(self._send_all(), name=f"stream {self.id}")
        return self

    async def __aexit__(self, _: object, error: BaseException | None, __: object) -> None:
        if error is None:
            await self.close("cancelled" if self.cancelled.is_set() else "done")
        elif isinstance(error, (asyncio.CancelledError, GeneratorExit)):
            self._leave()
        else:
            await self.close("cancelled" if self.cancelled.is_set() else "failed", error=str(error) or type(error).__name__)

    def append(self, text: str) -> None:
        """Adds one token. Raises what ended the stream, if something did."""
        if self._fault is not None:
            raise self._fault
        if text:
            self._log.append(text)
            self._idle.clear()
            self._news.set()

    async def flush(self) -> None:
        """Waits until the hub has taken every token."""
        while self._fault is None and not self._idle.is_set():
            await self._idle.wait()
        if self._fault is not None:
            raise self._fault

    async def restart(self) -> None:
        """Begins again as a new attempt: what was shown is superseded by what comes."""
        await self.flush()
        self._attempt += 1
        self._log = TokenLog()
        await self._open()

    async def close(self, state: str = "done", *, error: Any = None) -> None:
        """Ends the stream as `done`, `failed` or `cancelled`; returns when the whole text is durable."""
        asked = False
        try:
            while True:
                try:
                    await self.flush()
                    asked = True
                    ok = await self.hub.call(
                        "stream.close", stream=self.id, state=state, usage=self.usage, error=error
                    )
                    self.offset = ok["offset"]
                    return
                except ConnectionError:
                    # Nobody knows whether it was done: the stream is taken up again, and its end tells.
                    self._reconnected()
                except Refused as refusal:
                    if asked and self._is_over(refusal):
                        return
                    if not self._is_lost(refusal):
                        raise
        finally:
            self._leave()

    def _is_lost(self, refusal: Refused) -> bool:
        """Whether it was refused only because the stream has to be taken up again on this connection first."""
        return self._must_open and refusal.code in ("conflict", "not_found")

    @staticmethod
    def _is_over(refusal: Refused) -> bool:
        """Whether the stream has ended before: what was asked had been done."""
        return refusal.code == "conflict" and refusal.current in ("done", "failed", "cancelled", "interrupted")

    def _leave(self) -> None:
        self.hub._streams.pop(self.id, None)
        if self._task is not None:
            self._task.cancel()

    # -- from the connection

    def _reconnected(self) -> None:
        self._must_open = True
        self._idle.clear()
        self._news.set()

    def _cancelled(self, by: str) -> None:
        self.cancelled_by = by
        self.cancelled.set()

    # -- sending

    async def _open(self) -> None:
        self._must_open = False
        try:
            ok = await self.hub.call(
                "stream.open",
                again=True,
                room=self.room,
                stream=self.id,
                title=self._title,
                attempt=self._attempt,
                **self._fields,
            )
        except BaseException:
            self._must_open = True
            raise
        if not self._log.resume(ok["next"]):
            raise ApusError(f"the hub has {ok['next']} tokens of {self.id}, this producer {self._log.end}")

    async def _send_all(self) -> None:
        try:
            while True:
                await self._news.wait()
                self._news.clear()
                while self._must_open or self._log.unsent:
                    await self._send_some()
                self._idle.set()
        except (ApusError, ConnectionError) as fault:
            self._fault = fault
            self._idle.set()

    async def _send_some(self) -> None:
        if self._must_open:
            await self._open()
        start, parts = self._log.take(self.MOST_TOKENS, self.MOST_CHARACTERS)
        if not parts:
            return
        try:
            ok = await self.hub.call(
                "stream.append", stream=self.id, attempt=self._attempt, **{"from": start, "parts": parts}
            )
            self._log.durable(ok["durable"])
        except ConnectionError:
            self._must_open = True
        except Refused as refusal:
            if self._is_lost(refusal):
                return
            at = refusal.current if isinstance(refusal.current, int) else (refusal.current or {}).get("next")
            if refusal.code == "rate_limited" or refusal.code in ("busy", "unavailable"):
                await asyncio.sleep((refusal.retry_after or 1000) / 1000)
                self._log.resume(start)
            elif refusal.code != "conflict" or not isinstance(at, int) or not self._log.resume(at):
                raise
