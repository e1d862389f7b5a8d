"""Where the hub is: what talkers wait for, and what the one who kills it waits for."""

import asyncio


class Stage:
    def __init__(self):
        self.hub = None
        self.life = -1
        # Nobody writes; they only read.
        self.is_lull = False
        self._news = asyncio.Event()
        self._lines = 0
        self._wanted = None

    def up(self, hub, life):
        self.hub, self.life, self.is_lull = hub, life, False
        self._tell()

    def down(self):
        self.hub = None
        self._tell()

    def _tell(self):
        self._news.set()
        self._news = asyncio.Event()

    async def until(self, holds):
        while not holds():
            await self._news.wait()

    # -- the moment of death is counted in lines that all talkers together have received

    def heard(self, count):
        self._lines += count
        if self._wanted and self._lines >= self._wanted[0] and not self._wanted[1].done():
            self._wanted[1].set_result(None)

    def lines(self, count):
        """A future that comes true with the so-manieth line from now on."""
        self._lines = 0
        self._wanted = (count, asyncio.get_running_loop().create_future())
        return self._wanted[1]
