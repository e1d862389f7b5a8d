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
from power.cut import PowerCut  # noqa: E402
from swarm import Stalled, Swarm  # noqa: E402

ROOMS = ["ticket:1", "ticket:2", "ticket:2/notes", "conversation:c3", "job:j4", "queue:support"]

# At rest the hub copies its log after 0.1 s; it has this long to do so, and to die of it.
LULL = 0.8


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
    """`library` is that of power cuts: with it every death is one. Where they are `thorough` none is aimed at a write.
    Where it `drains` nothing dies: every life is stopped by SIGTERM, in full flow."""

    def __init__(
        self, folder, seed, size, *, synchronous="full", library=None, thorough=False, drains=False, say=print
    ):
        self.folder = Path(folder)
        self.seed = seed
        self.size = size
        self.synchronous = synchronous
        self.power = PowerCut(self.folder / "data", seed, library, thorough=thorough) if library else None
        self.drains = drains
        self.say = say
        self.port = free_port()
        self.heads = {}
        self.life = -1
        self.hub = None
        self.swarm = Swarm(
            folder, seed, ROOMS, talkers=size.talkers, nodes=size.nodes, people=size.people, bulk=size.bulk
        )
        self.lives = open(self.folder / "lives.jsonl", "w", encoding="utf-8")
        self.disk = open(self.folder / "disk.jsonl", "w", encoding="utf-8")

    async def run(self):
        """Everything, to the last look at the disk; what went wrong is in the records."""
        size = self.size
        details = {"seed": self.seed, "reach": REACH, "size": asdict(size), "synchronous": self.synchronous}
        details |= {"faults": self.power is not None, "drains": self.drains}
        plan = rounds(
            self.seed, size.rounds, backends=backends(), synchronous=self.synchronous, most_lines=size.most_lines,
            power=self.power is not None and not self.power.thorough,
        )  # fmt: skip
        try:
            for one in plan:
                if not await self._round(one):
                    return
            await self._rest(plan[-1])
        finally:
            if self.hub and self.hub.running:
                self.hub.kill()
            await self.swarm.abandon()
            self.lives.close()
            self.disk.close()
            details["power"] = dict(self.power.figures) if self.power else {}
            (self.folder / "run.json").write_text(json.dumps(details))

    # -- lives

    async def _round(self, one: Round):
        if one.stillborn_ms is not None and not self.drains:
            await self._stillborn(one)
        death = f"after {one.lines} lines" + (f" or before {one.die}" if one.die else "")
        death += f", syncs fail from {one.fail}" if one.fail else ""
        self.say(f"round {one.number}: {one.reactor}, {one.reactors} loops, dies {death}")
        hub, died = await self._start(one, one.die, one.fail)
        if hub is None:
            return died
        ended = asyncio.create_task(asyncio.to_thread(hub.process.wait))
        stalled = await self._hear(one.lines, ended)
        if one.has_lull and not stalled:
            self.swarm.stage.is_lull = True
            await asyncio.wait({ended}, timeout=LULL)
            self.swarm.stage.is_lull = False
            if one.goes_on:
                stalled = await self._hear(one.lines, ended)
        if not stalled:
            # A moment more, so that deaths do not stick to the arrival of lines.
            await asyncio.wait({ended}, timeout=one.delay_ms / 1000)
        await self._kill(hub, one, stalled, died=one.die if ended.done() else None)
        return stalled is None

    async def _hear(self, lines, ended):
        """Waits for so many lines or the end of the process; says what it waited for in vain."""
        reached = self.swarm.stage.lines(lines)
        await asyncio.wait({reached, ended}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        return None if reached.done() or ended.done() else f"{lines} lines"

    async def _rest(self, one: Round):
        """A last life to get everything onto the disk, and one more for everyone to come back and compare."""
        self.swarm.hush()
        if await self._await(one, self.swarm.hushed):
            self.swarm.finish()
            await self._await(one, self.swarm.finished, last=True)

    async def _await(self, one: Round, wanted, last=False):
        """One more life, until the clients have what they want."""
        hub, _ = await self._start(one)
        if hub is None:
            return False
        stalled = None
        try:
            await wanted()
        except Stalled as error:
            stalled = str(error)
        await self._kill(hub, one, stalled, last)
        return stalled is None

    async def _start(self, one: Round, die=None, fail=None):
        """The hub, or None and whether it died of what the round has in store for it."""
        self.hub = hub = self._hub(one, die, fail)
        try:
            await asyncio.to_thread(hub.start, self.port)
        except HubError as error:
            died = die is not None and hub.process.poll() == -signal.SIGKILL
            if died:
                hub.wait()
            stalled = None if died else str(error)[-2000:]
            self._lived(one, hub.process.poll(), stalled=stalled, died=die if died else None)
            await self._look(whole=not died)
            return None, died
        if not self.swarm.tasks:
            await self.swarm.start(hub)
        self.swarm.stage.up(hub, self.life)
        return hub, False

    async def _stillborn(self, one: Round):
        """A process that dies somewhere on the way to its listening."""
        hub = self._hub(one)
        starting = asyncio.create_task(asyncio.to_thread(hub.start, self.port))
        await asyncio.wait({starting}, timeout=one.stillborn_ms / 1000)
        if hub.process:
            hub.signal(signal.SIGKILL)
        try:
            await starting
            # There was no process yet at that moment.
            hub.signal(signal.SIGKILL)
        except HubError:
            pass
        status = await asyncio.to_thread(hub.wait)
        self._lived(one, status, stillborn=True)
        await self._look()

    def _hub(self, one: Round, die=None, fail=None):
        self.life += 1
        settings = dict(one.settings)
        if self.drains:
            # Who never falls silent is closed at the deadline, whatever is still to be answered.
            settings["APUS_DRAIN_DEADLINE_MS"] = 300
        if self.power:
            settings |= self.power.settings(self.life, die, fail)
        return Hub(self.folder / "data", reactor=one.reactor, reactors=one.reactors, settings=settings, flags=())

    async def _kill(self, hub, one, stalled, last=False, died=None):
        self.swarm.stage.down()
        if hub.running:
            hub.signal(signal.SIGTERM if self.drains and not stalled else signal.SIGKILL)
        status = await asyncio.to_thread(hub.wait)
        expected = 0 if self.drains and not stalled else None
        self._lived(one, status, stalled=stalled, died=died, expected=expected)
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
