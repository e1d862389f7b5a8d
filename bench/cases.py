"""What is measured: each case is one way to call the load generator, and the figure that stands for it."""

from dataclasses import dataclass, field

from hub import REACTORS
from peers.catalog import PEERS

CPU = "CPU of the server, user and system, in µs"


@dataclass(frozen=True)
class Case:
    key: str
    title: str
    # The load generator's scenario and its options.
    load: list[str]
    # The figure that is compared; less is better, unless `more`.
    figure: str
    unit: str
    more: bool = False
    # Connections, and so tokens, it needs.
    people: int = 1000
    # Beside the hub on its own reactor: on the others, and the peers.
    reactors: tuple[str, ...] = tuple(REACTORS)
    peers: tuple[str, ...] = ()
    deflate: bool = False
    in_short: bool = False
    # Settings of the hub, and how many loops it has.
    settings: dict = field(default_factory=dict)
    loops: int = 1
    # The figure's members of user and system time, where it has them.
    parts: tuple[str, str] | None = None
    latency: bool = False
    # Not one rate but ever higher ones, until deliveries take longer than 50 ms at p99 or fall behind.
    climbs: bool = False
    note: str = ""


ALL_PEERS = tuple(peer.name for peer in PEERS)
ECHO_PEERS = tuple(peer.name for peer in PEERS if peer.has_echo)
DEFLATE_PEERS = tuple(peer.name for peer in PEERS if peer.has_deflate)


def delivery(key: str, title: str, load: list[str], people: int, **more) -> Case:
    defaults = dict(
        figure="cpu_us_per_delivery", unit="µs CPU per delivery", peers=ALL_PEERS,
        parts=("user_us_per_delivery", "system_us_per_delivery"), latency=True,
    )
    return Case(key, title, load, people=people, **{**defaults, **more})


def fan_out(subscribers: int, window: int, size: int = 128, **more) -> Case:
    title = f"Fan-out: {subscribers} subscribers, {window} in flight, {size} bytes"
    load = ["fan-out", "--subscribers", str(subscribers), "--window", str(window), "--size", str(size)]
    return delivery(f"fan-out-{subscribers}-w{window}-{size}", title, load, subscribers, **more)


def rooms(count: int, **more) -> Case:
    return delivery(
        f"rooms-{count}", f"Chat: {count} rooms of 5 people, 64 rooms at a time",
        ["rooms", "--rooms", str(count), "--people", "5", "--window", "64"], count * 5,
        note="The hub keeps and commits every one of these messages; the peers keep none.", **more,
    )


CASES = [
    fan_out(1000, 1, in_short=True),
    fan_out(1000, 16, in_short=True),
    fan_out(200, 16),
    fan_out(1000, 4, size=1024),
    fan_out(100, 4, size=16384),
    rooms(200, in_short=True),
    rooms(1000),
    delivery(
        "deflate", "Fan-out compressed: 200 subscribers, 4 in flight, 600 bytes",
        ["fan-out", "--subscribers", "200", "--window", "4", "--size", "600", "--deflate"], 200,
        peers=DEFLATE_PEERS, deflate=True,
        note="permessage-deflate, no context takeover. The load inflates every message, so it is the busier side.",
    ),
    Case(
        "echo", "Echo round trip: 100 connections, one message each under way", ["echo", "--connections", "100"],
        figure="cpu_us_per_echo", unit="µs CPU per round trip", peers=ECHO_PEERS, people=100,
        parts=("user_us_per_echo", "system_us_per_echo"), latency=True, in_short=True,
    ),
    Case(
        "connect", "Connect, join a room, leave: 50 at a time", ["connect", "--connections", "3000"],
        figure="cpu_us_per_connect", unit="µs CPU per connection", peers=ALL_PEERS, people=3000,
        parts=("user_us_per_connect", "system_us_per_connect"), latency=True, in_short=True,
        note="The hub verifies a signed token and answers with the room's state; the peers ask nobody who they are.",
    ),
    Case(
        "idle", "Idle connections in one room: memory", ["idle", "--connections", "5000"],
        figure="bytes_per_connection", unit="bytes of memory per connection", peers=ALL_PEERS, people=5000,
        in_short=True, note="Growth of resident memory from 100 to 5000 connections; the kernel's share is not in it.",
    ),
    Case(
        "idle-10000", "10 000 idle connections: memory", ["idle", "--connections", "10000"],
        figure="bytes_per_connection", unit="bytes of memory per connection", people=10000, peers=("socketify",),
    ),
    Case(
        "idle-cpu", "10 000 idle connections: CPU, pings every 25 s", ["idle", "--connections", "10000", "--hold", "30"],
        figure="cpu_us_per_connection_second", unit="µs CPU per connection and second", people=10000,
        peers=("socketify",),
    ),
    Case(
        "sustained", "The most that one loop sustains: 200 subscribers, open loop, p99 under 50 ms",
        ["fan-out", "--subscribers", "200"], figure="delivery_per_second", unit="deliveries a second", more=True,
        peers=ALL_PEERS, people=200, climbs=True, latency=True,
        note="The load generator has one core, too: where load_cores is near 1 it is what limits.",
    ),
    Case(
        "durable", "Durable writes: 64 rooms, 16 sends each under way", ["durable"],
        figure="write_per_second", unit="writes a second, fsynced", more=True, people=64, latency=True, in_short=True,
        peers=("c-loop",), note="The C loop makes the same inserts in transactions of 1000, with no hub around them.",
    ),
    Case(
        "durable-keys", "Durable writes with a key each, as an outbox sends them", ["durable", "--keys"],
        figure="write_per_second", unit="writes a second, fsynced", more=True, people=64, latency=True,
        peers=("c-loop",),
    ),
    Case(
        "day", "A support team's day: 1000 people in 200 rooms", ["day", "--seconds", "4"],
        figure="screen_p99_ms", unit="ms from sender to screen, p99", people=1000, in_short=True,
    ),
    Case(
        "day-busy", "The same day ten times as busy", ["day", "--seconds", "6", "--pace", "10"],
        figure="screen_p99_ms", unit="ms from sender to screen, p99", people=1000,
    ),
]
