"""What the process takes and what the hub says about itself, every few seconds, with the life it belongs to."""

import asyncio
import os
import time
import urllib.request
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass
class Sample:
    # Seconds since the beginning of the run, and the number of the hub's life.
    at: float
    life: int
    # Bytes.
    resident: int
    anonymous: int
    wal: int
    files: int
    connections: int
    rooms: int
    # Events and seconds that the disk is behind.
    lag_events: int
    lag_seconds: float
    cpu_seconds: float
    # Clients closed in this life because they read too slowly.
    too_slow: int

    as_dict = asdict


class Sampler:
    def __init__(self, hub, *, every=1.0):
        self.hub = hub
        self.every = every
        self.began = time.monotonic()
        self.life = 0
        self.is_up = False
        self.samples = []

    async def run(self):
        while True:
            if self.is_up:
                await self.take()
            await asyncio.sleep(self.every)

    async def take(self):
        """One sample, kept where the hub answered."""
        life = self.life
        try:
            figures = await asyncio.to_thread(metrics, self.hub)
            resident, anonymous, files = memory_and_files(self.hub.process.pid)
        except (OSError, ValueError):
            return None
        if life != self.life:
            return None
        self.samples.append(
            Sample(
                at=time.monotonic() - self.began, life=life, resident=resident, anonymous=anonymous, files=files,
                wal=int(figures["apus_store_wal_bytes"]), connections=int(figures["apus_connections_open"]),
                rooms=int(figures["apus_rooms_active"]), lag_events=int(figures["apus_store_lag_events"]),
                lag_seconds=figures["apus_store_lag_seconds"], cpu_seconds=figures["apus_process_cpu_seconds_total"],
                too_slow=int(figures["apus_queue_drops_total"]),
            )  # fmt: skip
        )
        return self.samples[-1]


def metrics(hub):
    """Metric → value, summed over the labels."""
    with urllib.request.urlopen(f"{hub.http}/metrics", timeout=10) as reply:
        page = reply.read().decode()
    figures = {}
    for line in page.splitlines():
        if line and not line.startswith("#"):
            name, _, value = line.rpartition(" ")
            name = name.partition("{")[0]
            figures[name] = figures.get(name, 0.0) + float(value)
    return figures


def memory_and_files(process):
    fields = dict(line.split(":", 1) for line in Path(f"/proc/{process}/status").read_text().splitlines())
    kib = {name: int(fields[name].split()[0]) * 1024 for name in ("VmRSS", "RssAnon")}
    return kib["VmRSS"], kib["RssAnon"], len(os.listdir(f"/proc/{process}/fd"))
