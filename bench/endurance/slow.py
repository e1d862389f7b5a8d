"""A reader that takes far less than it is sent: it is closed with 4408 and comes back for the rest."""

import asyncio
import random
import socket
from urllib.parse import urlsplit

from watcher import Watcher

# Bytes that the kernel may hold for it, asleep and awake.
NARROW, WIDE = 16 << 10, 1 << 20


class SlowReader(Watcher):
    """Stops reading for `naps` seconds at a time, most of the time, until it is told to leave."""

    naps = (30, 60)
    is_awake = False
    socket = None

    def options(self):
        """A socket with a narrow window: what is not read waits in the hub."""
        address = urlsplit(self.hub.ws)
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, WIDE if self.is_awake else NARROW)
        self.socket.connect((address.hostname, address.port))
        return {"sock": self.socket}

    def __init__(self, *of):
        super().__init__(*of)
        self._woken = asyncio.Event()

    async def read(self):
        transport = self.link.socket.transport
        while self.link.is_open and not self.is_awake:
            transport.pause_reading()
            await self._for(random.uniform(*self.naps))
            transport.resume_reading()
            await self._for(2)
        await self.link.ended()

    async def _for(self, seconds):
        """So long, or until the connection ends or it is to wake up."""
        events = {asyncio.ensure_future(self.link.ended()), asyncio.ensure_future(self._woken.wait())}
        await asyncio.wait(events, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for event in events:
            event.cancel()

    async def leave(self, heads):
        self.is_awake = True
        self._woken.set()
        if self.socket.fileno() >= 0:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, WIDE)
        await super().leave(heads)
