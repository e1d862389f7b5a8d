"""A run: rounds of a hub that lives among its clients and is killed, until all of them come to rest and are compared."""

import asyncio
import json
import random
import signal
import socket
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Integration"))

from backends import backends  # noqa: E402
from disk import snapshot  # noqa: E402
from hub import PATIENCE, Hub, HubError  # noqa: E402
from plan import REACH, Round, rounds  # noqa: E402
from swarm import Stalled, Swarm  # noqa: E402

ROOMS = ["ticket:1", "ticket:2", "ticket:2/notes", "conversation:c3", "job:j4", "queue:support"]


@dataclass
class Size:
    """How much of everything: the load is bounded by counts, not by time."""

    rounds: int = 10
    talkers: int = 8
    nodes: int = 2
    people: int = 2
    most_lines: int = 20_000
    bulk: float = 0.005


class Campaign:
    def __init__(self, folder, seed, size, *, synchronous="full", power=None, say=print):
        self.folder = Path(folder)
        self.seed = seed
        self.size = size
        self.synchronous = synchronous
        self.power = power
        self.say = say
        self.port = free_port()
        self.heads = {}
        self.life = -1
        self.swarm = Swarm(
            folder, seed, ROOMS, talkers=size.talkers, nodes=size.nodes, people=size.people, bulk=size.bulk
        )
        self.lives = open(self.folder / "lives.jsonl", "w", encoding="utf-8")
        self.disk = open(self.folder / "disk.jsonl", "w", encoding="utf-8")

    async def run(self):
        """Everything, to the last look at the disk; what went wrong is in the records."""
        details = {"seed": self.seed, "reach": REACH, "size": asdict(self.size), "synchronous": self.synchronous}
        (self.folder / "run.json").write_text(json.dumps(details))
        plan = rounds(
            self.seed, self.size.rounds, backends=backends(), synchronous=self.synchronous, most_lines=self.size.most_lines
        )
        try:
            for one in plan:
                if not await self._round(one):
                    return
            await self._rest(plan[-1])
        finally:
            await self.swarm.abandon()
            self.lives.close()
            self.disk.close()

    # -- lives

    async def _round(self, one: Round):
        if one.stillborn_ms is not None:
            await self._stillborn(one)
        self.say(f"round {one.number}: {one.reactor}, {one.reactors} loops, dies after {one.lines} lines")
        hub = await self._start(one)
        if hub is None:
            return False
        reached = self.swarm.stage.lines(one.lines)
        stalled = await self._first(hub, reached, f"{one.lines} lines")
        if stalled is None and hub.running:
            # A moment more, so that deaths do not stick to the arrival of lines.
            loop = asyncio.get_running_loop()
            moment = loop.create_future()
            loop.call_later(one.delay_ms / 1000, moment.set_result, None)
            await moment
        await self._kill(hub, one, stalled)
        return stalled is None

    async def _rest(self, one: Round):
        """A last life to get everything onto the disk, and one more for everyone to come back and compare."""
        self.swarm.hush()
        if await self._await(one, self.swarm.hushed):
            self.swarm.finish()
            await self._await(one, self.swarm.finished, last=True)

    async def _await(self, one: Round, wanted, last=False):
        """One more life, until the clients have what they want."""
        hub = await self._start(one)
        if hub is None:
            return False
        stalled = None
        try:
            await wanted()
        except Stalled as error:
            stalled = str(error)
        await self._kill(hub, one, stalled, last)
        return stalled is None

    async def _start(self, one: Round):
        hub = self._hub(one)
        try:
            await asyncio.to_thread(hub.start, self.port)
        except HubError as error:
            self._lived(one, hub.process.poll(), stalled=str(error)[-2000:])
            return None
        if not self.swarm.tasks:
            await self.swarm.start(hub)
        self.swarm.stage.up(hub, self.life)
        return hub

    async def _stillborn(self, one: Round):
        """A process that dies somewhere on the way to its listening."""
        hub = self._hub(one)
        loop = asyncio.get_running_loop()
        starting = asyncio.create_task(asyncio.to_thread(hub.start, self.port))

        def end():
            if hub.process:
                hub.signal(signal.SIGKILL)

        loop.call_later(one.stillborn_ms / 1000, end)
        try:
            await starting
        except HubError:
            pass
        status = await asyncio.to_thread(hub.wait)
        self._lived(one, status, stillborn=True)
        await self._look()

    def _hub(self, one: Round):
        self.life += 1
        settings = dict(one.settings)
        if self.power:
            settings |= self.power.settings(self.life)
        return Hub(self.folder / "data", reactor=one.reactor, reactors=one.reactors, settings=settings, flags=())

    async def _first(self, hub, reached, wanted):
        """Waits for the moment, or for the end of the process; says what was waited for in vain."""
        ended = asyncio.create_task(asyncio.to_thread(self._wait, hub))
        await asyncio.wait({reached, ended}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        return None if reached.done() or not hub.running else wanted

    def _wait(self, hub):
        hub.process.wait()

    async def _kill(self, hub, one, stalled, last=False):
        self.swarm.stage.down()
        if hub.running:
            hub.signal(signal.SIGKILL)
        status = await asyncio.to_thread(hub.wait)
        self._lived(one, status, stalled=stalled)
        await self._look(whole=last or bool(stalled))

    def _lived(self, one, status, **more):
        line = {"life": self.life, "round": one.number, "reactor": one.reactor, "reactors": one.reactors,
                "settings": one.settings, "status": status, **more}  # fmt: skip
        self.lives.write(json.dumps({name: value for name, value in line.items() if value is not None}) + "\n")

    async def _look(self, whole=False):
        """Writes down what the death has left on the disk."""
        database = self.folder / "data" / "apus.sqlite"
        if self.power:
            await asyncio.to_thread(self.power.strike, self.life)
        heads = {} if whole else self.heads
        found = await asyncio.to_thread(snapshot, database, self.life, heads, self.folder / "look")
        self.heads = found["heads"]
        self.disk.write(json.dumps(found, ensure_ascii=False) + "\n")


def free_port():
    """A port below those that the system gives to clients: nobody takes it while the hub is dead, and no client that
    dials a dead hub can happen to connect to itself."""
    least = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    while True:
        port = random.randrange(10_000, least)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port


def folder_for(seed):
    return Path(tempfile.mkdtemp(prefix=f"apus-crash-{seed}-"))
