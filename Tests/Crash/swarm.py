"""All clients of a run: talkers in this process, people with the SDK in processes of Node."""

import asyncio
import json
from pathlib import Path

from choices import Choices
from hub import PATIENCE
from poster import Poster
from record import Record
from stage import Stage
from talker import Talker
from weaver import Onlooker, Weaver

MAIN = Path(__file__).parent / "sdk" / "main.mjs"
LIFETIME = 7 * 24 * 3600


class Stalled(Exception):
    """Something that must come did not."""


class Swarm:
    def __init__(self, folder, seed, rooms, *, talkers, nodes, people, bulk):
        self.folder = Path(folder) / "clients"
        self.folder.mkdir()
        self.woven = Path(folder) / "streams"
        self.woven.mkdir()
        self.seed = seed
        self.rooms = rooms
        self.talkers = talkers
        self.nodes = nodes
        self.people = people
        self.bulk = bulk
        self.stage = Stage()
        self.raw = []
        self.tasks = []
        self.processes = []

    async def start(self, hub):
        """To be called with the first hub that runs: its key signs the tokens."""
        for number in range(self.talkers):
            name = f"raw-{number}"
            # The last one is the first one's other device.
            user = name if number < self.talkers - 1 else "raw-0"
            record = Record(self.folder / f"{name}.jsonl", name, user)
            choices = Choices(self.seed, name, self.rooms, bulk=self.bulk, is_faithful=number == 0)
            self.raw.append(Talker(name, user, self._token(hub, user), choices, record, self.stage))
        self.raw.append(self._poster(hub, "http-0"))
        for name, kind in (("weaver-0", Weaver), ("weaver-1", Weaver), ("onlooker-0", Onlooker), ("onlooker-1", Onlooker)):
            path = self.woven / f"{name}.jsonl"
            self.raw.append(kind(name, self._token(hub, name), path, self.stage, self.seed))
        self.tasks = [asyncio.create_task(client.run()) for client in self.raw]
        for number in range(self.nodes):
            self.processes.append(await self._node(hub, number))

    def _poster(self, hub, name):
        record = Record(self.folder / f"{name}.jsonl", name, name)
        return Poster(name, self._token(hub, name), Choices(self.seed, name, self.rooms), record, self.stage)

    def _token(self, hub, user):
        return hub.token(user, "operator", ttl=LIFETIME)

    async def _node(self, hub, number):
        people = []
        for person in range(self.people):
            name = f"sdk-{number}-{person}"
            people.append({
                "url": hub.ws, "name": name, "user": name, "token": self._token(hub, name),
                "rooms": self.rooms, "seed": str(self.seed), "path": str(self.folder / f"{name}.jsonl"),
            })  # fmt: skip
        errors = open(self.folder.parent / f"sdk-{number}.log", "wb")
        return await asyncio.create_subprocess_exec(
            "node", str(MAIN), json.dumps(people),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=errors,
        )  # fmt: skip

    # -- the end of the talk

    def hush(self):
        """Whoever comes back from now on says nothing new; `hushed` waits until all that was said is durable."""
        for talker in self.raw:
            talker.hush()

    async def hushed(self):
        said = [talker.has_said_all.wait() for talker in self.raw]
        await self._all([*said, *self._order("hush")], "everything said to be durable")

    def finish(self):
        """Whoever comes back from now on goes up to the heads and leaves; `finished` waits for it."""
        for talker in self.raw:
            talker.finish()

    async def finished(self):
        await self._all([*self.tasks, *self._order("finish")], "every client to be up to date")
        await asyncio.gather(*(process.wait() for process in self.processes))

    def _order(self, order):
        return [self._ordered(process, order) for process in self.processes]

    async def _ordered(self, process, order):
        try:
            process.stdin.write(order.encode() + b"\n")
            await process.stdin.drain()
            line = await process.stdout.readline()
        except ConnectionError:
            line = b""
        if line.decode().strip() != f"{order} done":
            raise Stalled(f"an SDK process did not {order}: see {self.folder.parent}/sdk-*.log")

    async def _all(self, waits, wanted):
        try:
            await asyncio.wait_for(asyncio.gather(*waits), 2 * PATIENCE)
        except TimeoutError:
            states = "; ".join(talker.state() for talker in self.raw if not talker.is_finished)
            raise Stalled(f"{wanted} ({states})") from None

    async def abandon(self):
        """Ends whatever is left."""
        for task in self.tasks:
            task.cancel()
        for process in self.processes:
            if process.returncode is None:
                process.kill()
        await asyncio.gather(*self.tasks, *(process.wait() for process in self.processes), return_exceptions=True)
        for talker in self.raw:
            talker.record.close()
