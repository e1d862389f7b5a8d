"""A worker's job: claimed with a lease that is renewed while the work goes on, reported on, ended once."""

import asyncio
import hashlib
import logging
import uuid
from collections import deque
from typing import TYPE_CHECKING, Any

from .errors import ApusError, LeaseLost, Refused
from .streams import Stream

if TYPE_CHECKING:
    from .hub import Hub

log = logging.getLogger("apus")


class Claim:
    """Waits for a job when entered, ends it when left: `async with hub.job(["project"]) as job: …`.

    Without an exception the job is done, with `job.result`. With one it failed: it is tried again where the exception
    has a true attribute `retry`. `LeaseLost` is swallowed: another worker has the job, nothing is left to be said.
    """

    def __init__(self, hub: "Hub", kinds: list[str], lease_ms: int):
        self._hub = hub
        self._kinds = kinds
        self._lease_ms = lease_ms
        self._job: Job | None = None

    async def __aenter__(self) -> "Job":
        while True:
            try:
                got = await self._hub.call("job.claim", kinds=self._kinds, lease_ms=self._lease_ms, wait_ms=30_000)
            except ConnectionError:
                # A job that was given out with the lost answer comes back when its lease has run out.
                continue
            if got["job"] is not None:
                self._job = Job(self._hub, got, self._lease_ms)
                self._job._start()
                return self._job

    async def __aexit__(self, _: object, error: BaseException | None, __: object) -> bool:
        job = self._job
        assert job is not None
        try:
            if isinstance(error, LeaseLost):
                return True
            if isinstance(error, (asyncio.CancelledError, KeyboardInterrupt, SystemExit)):
                return False
            await job._end(error)
            if error is not None:
                log.error("job %s failed", job.id, exc_info=error)
            return error is not None
        except LeaseLost:
            log.warning("job %s belongs to another worker by now", job.id)
            return True
        finally:
            job._stop()


class Job:
    """A job in hand. Reports never wait: they go out in order, in the background; `await job.flush()` waits for them."""

    def __init__(self, hub: "Hub", got: dict[str, Any], lease_ms: int):
        self.id: str = got["job"]
        self.room: str = got["room"]
        self.kind: str = got["kind"]
        self.input: Any = got["input"]
        self.attempt: int = got["attempt"]
        self.result: Any = None
        self.cancelled = asyncio.Event()
        self.cancelled_by: str | None = None
        self._hub = hub
        self._lease: str = got["lease"]
        self._pause = lease_ms / 3000
        self._reports: deque[dict[str, Any]] = deque()
        # How many of them are on their way: the first one, or none.
        self._saying = 0
        self._answers: dict[str, asyncio.Future[str]] = {}
        self._news = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._fault: ApusError | None = None
        self._tasks: list[asyncio.Task[None]] = []

    # -- reports

    def stage(self, name: str, *, done: float | None = None, total: float | None = None, eta_ms: int | None = None) -> None:
        """What is being done now."""
        self._report(stage=name, done=done, total=total, eta_ms=eta_ms)

    def progress(self, done: float, total: float | None = None, eta_ms: int | None = None) -> None:
        """How far it is. Only the latest numbers matter: those that wait are replaced."""
        if len(self._reports) > self._saying and "key" not in self._reports[-1]:
            self._reports.pop()
        self._report(kept=False, done=done, total=total, eta_ms=eta_ms)

    def log(self, line: str) -> None:
        """A line for the job's log; cut at 8 KiB."""
        self._report(log=line.encode()[:8192].decode(errors="ignore") or " ")

    def file(self, path: str, content: bytes | str, url: str | None = None) -> None:
        """A file was written: its path, size and SHA-256 are told."""
        body = content.encode() if isinstance(content, str) else content
        digest = "sha256-" + hashlib.sha256(body).hexdigest()
        self._report(file={"path": path, "size": len(body), "hash": digest, **({"url": url} if url else {})})

    def tell(self, data: Any) -> None:
        """Anything else to be kept in the job's room."""
        self._report(data=data)

    async def ask(self, text: str, **more: Any) -> str:
        """Asks whoever follows the job, and waits for the answer."""
        question = uuid.uuid4().hex[:16]
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._answers[question] = answer
        self._report(data={"question": {"id": question, "text": text, **more}})
        return await answer

    def stream(self, title: str | None = None, **fields: Any) -> Stream:
        """A text that grows in the job's room."""
        return self._hub.stream(self.room, title=title, **fields)

    async def flush(self) -> None:
        """Waits until every report is durable. Raises `LeaseLost` where the job is no longer ours."""
        while self._fault is None and not self._idle.is_set():
            await self._idle.wait()
        if self._fault is not None:
            raise self._fault

    def check(self) -> None:
        """Raises `LeaseLost` where the job is no longer ours, so that a long loop can end."""
        if self._fault is not None:
            raise self._fault

    # -- the rest

    def _report(self, *, kept: bool = True, **fields: Any) -> None:
        self.check()
        report = {name: value for name, value in fields.items() if value is not None}
        if kept:
            report["key"] = uuid.uuid4().hex
        self._reports.append(report)
        self._idle.clear()
        self._news.set()

    def _start(self) -> None:
        self._hub._jobs[self.id] = self
        self._tasks = [asyncio.create_task(self._send_all()), asyncio.create_task(self._renew())]

    def _stop(self) -> None:
        if self._hub._jobs.get(self.id) is self:
            del self._hub._jobs[self.id]
        for task in self._tasks:
            task.cancel()
        for answer in self._answers.values():
            answer.cancel()

    def _told(self, push: dict[str, Any]) -> None:
        if push.get("lease") != self._lease:
            return
        if "cancel" in push:
            self._cancel(push["cancel"].get("by"))
        elif (answer := self._answers.pop(push["answer"]["question"], None)) is not None and not answer.done():
            answer.set_result(push["answer"]["text"])

    def _cancel(self, by: str | None) -> None:
        self.cancelled_by = self.cancelled_by or by
        self.cancelled.set()

    async def _say(self, command: str, **fields: Any) -> dict[str, Any]:
        try:
            return await self._hub.call(command, again=True, job=self.id, lease=self._lease, **fields)
        except Refused as refusal:
            if refusal.code in ("conflict", "not_found"):
                raise LeaseLost(str(refusal)) from None
            raise

    async def _send_all(self) -> None:
        try:
            while True:
                await self._news.wait()
                self._news.clear()
                while self._reports:
                    self._saying = 1
                    ok = await self._say("job.progress", **self._reports[0])
                    self._reports.popleft()
                    self._saying = 0
                    if ok.get("cancel"):
                        self._cancel(None)
                self._idle.set()
        except ApusError as fault:
            self._lose(fault)

    async def _renew(self) -> None:
        try:
            while True:
                await asyncio.sleep(self._pause)
                if (await self._say("job.progress")).get("cancel"):
                    self._cancel(None)
        except ApusError as fault:
            self._lose(fault)

    def _lose(self, fault: ApusError) -> None:
        self._fault = fault
        self._idle.set()
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(fault)

    async def _end(self, error: BaseException | None) -> None:
        await self.flush()
        if error is None:
            await self._say("job.done", result=self.result if self.result is not None else {})
        else:
            retry = bool(getattr(error, "retry", False))
            described = {"code": type(error).__name__, "message": str(error)}
            await self._say("job.done", error=described, retry=retry)
