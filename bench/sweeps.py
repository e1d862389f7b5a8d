"""Curves: the same case over a range, for what has to stay flat or to fall."""

from dataclasses import dataclass, field, replace

from cases import Case, fan_out
from figures import figure
from measure import Results, servers
from tables import TITLES

HUB = ("io_uring",)


@dataclass(frozen=True)
class Sweep:
    key: str
    title: str
    unit: str
    x_unit: str
    # Each with its place on the x axis.
    points: list[tuple[float, Case]]
    # A line a server where empty; else a line for each of these figures of the hub.
    figures: dict[str, str] = field(default_factory=dict)
    # The figure that says where a point lies, where that is measured, too.
    x_figure: str | None = None
    note: str = ""


def keyed(case: Case, key: str) -> Case:
    return replace(case, key=key, in_short=False)


def gathering(limit: int) -> Case:
    return Case(
        f"gather-{limit}", f"Gathering up to {limit} µs",
        ["fan-out", "--subscribers", "50", "--rate", "3000"], figure="cpu_us_per_delivery", unit="µs CPU per delivery",
        people=50, settings={"gather_us": limit},
    )


def subscribers(count: int) -> Case:
    return keyed(fan_out(count, 1, reactors=HUB, peers=("socketify",)), f"subscribers-{count}")


def chat(rooms: int) -> Case:
    load = ["rooms", "--rooms", str(rooms), "--people", "2", "--window", str(min(rooms, 64))]
    return Case(
        f"rooms-swept-{rooms}", f"{rooms} rooms of 2", load, figure="cpu_us_per_delivery", unit="µs CPU per delivery",
        people=rooms * 2, reactors=HUB, peers=("socketify",),
    )


def history(events: int) -> Case:
    return Case(
        f"history-{events}", f"A room with {events} events", ["history", "--events", str(events)],
        figure="sub_p50_ms", unit="ms", people=1, reactors=HUB,
    )


def asleep(rooms: int) -> Case:
    return Case(
        f"many-rooms-{rooms}", f"{rooms} rooms", ["many-rooms", "--rooms", str(rooms), "--idle", "5"],
        figure="bytes_per_room", unit="bytes", people=1, reactors=HUB, settings={"ring_idle_ms": 2000},
    )


def loops(count: int) -> Case:
    case = fan_out(1000, 1, reactors=HUB, loops=count)
    return replace(keyed(case, f"loops-{count}"), peers=())


SWEEPS = [
    Sweep(
        "gather", "Gathering: CPU against delay", "µs CPU per delivery", "ms from sender to screen, median",
        [(limit, gathering(limit)) for limit in (0, 250, 500, 1000, 2000, 4000)], x_figure="p50_ms",
        note="50 subscribers, 3000 messages a second in an open loop. From left to right a busy loop may hold its sends back for "
        "0, 0.25, 0.5, 1 (the default), 2 and 4 ms.",
    ),
    Sweep(
        "subscribers", "Subscribers of one room", "µs CPU per delivery", "subscribers",
        [(count, subscribers(count)) for count in (10, 100, 1000, 10_000)], note="One message in flight, 128 bytes.",
    ),
    Sweep(
        "rooms", "Rooms of two people", "µs CPU per delivery", "rooms",
        [(count, chat(count)) for count in (10, 100, 1000, 5000)],
        note="64 rooms at a time; the hub keeps and commits every message.",
    ),
    Sweep(
        "history", "A room's history", "ms, median", "events in the room",
        [(count, history(count)) for count in (1000, 10_000, 100_000, 1_000_000)],
        figures={
            "join, newest 50": "sub_p50_ms", "recover 50": "recover_p50_ms", "50 anywhere, from disk": "anywhere_p50_ms",
        },
        note="What stays flat: joining, recovering, and reading 50 events anywhere in the room.",
    ),
    Sweep(
        "sleep", "Memory of rooms", "bytes per room", "rooms used once",
        [(count, asleep(count)) for count in (1000, 10_000, 100_000)],
        figures={"in memory": "bytes_per_room", "asleep": "bytes_per_sleeping_room"},
        note="Each room got one event; asleep is 5 s later, with rooms leaving memory after 2 s. What stays is memory that the "
        "allocator keeps for the next rooms.",
    ),
    Sweep(
        "loops", "Loops", "deliveries a second", "loops",
        [(count, loops(count)) for count in (1, 2)], figures={"deliveries a second": "delivery_per_second"},
        note="1000 subscribers. With two loops the load has no core of its own, so on a machine of two cores this shows what "
        "the load leaves over, not how the hub scales.",
    ),
]


def curve(sweep: Sweep, results: Results) -> dict:
    """The sweep as the page draws it; points without samples are left out."""
    lines = []
    names = {name: name for _, case in sweep.points for name in servers(case)}
    if sweep.figures:
        wanted = [(title, "apus-io_uring", name) for title, name in sweep.figures.items()]
    else:
        wanted = [(TITLES[name], name, None) for name in names]
    for title, server, name in wanted:
        points = []
        for x, case in sweep.points:
            samples = results.samples.get(case.key, {}).get(server, [])
            y = figure(samples, name or case.figure)
            place = figure(samples, sweep.x_figure) if sweep.x_figure else None
            if y:
                points.append([place.median if place else x, y.median])
        if points:
            lines.append({"title": title, "server": server, "points": points})
    return {
        "key": sweep.key, "title": sweep.title, "unit": sweep.unit, "x_unit": sweep.x_unit, "note": sweep.note, "lines": lines,
    }
