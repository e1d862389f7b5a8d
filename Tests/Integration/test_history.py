"""history: pages in both directions, and their edges."""

import pytest

from client import Client
from test_subscribe import filled


def offsets(page):
    return [event["offset"] for event in page["events"]]


PAGES = [
    ({}, range(51, 101), True),
    ({"limit": 500}, range(1, 101), False),
    ({"limit": 100}, range(1, 101), False),
    ({"limit": 99}, range(2, 101), True),
    ({"limit": 1}, [100], True),
    ({"before": 101, "limit": 3}, [98, 99, 100], True),
    ({"before": 100, "limit": 3}, [97, 98, 99], True),
    ({"before": 4, "limit": 3}, [1, 2, 3], False),
    ({"before": 5, "limit": 3}, [2, 3, 4], True),
    ({"before": 1}, [], False),
    ({"before": 9007199254740991, "limit": 2}, [99, 100], True),
    ({"after": 0, "limit": 3}, [1, 2, 3], True),
    ({"after": 0, "limit": 100}, range(1, 101), False),
    ({"after": 97, "limit": 3}, [98, 99, 100], False),
    ({"after": 96, "limit": 3}, [97, 98, 99], True),
    ({"after": 99}, [100], False),
    ({"after": 100}, [], False),
    ({"after": 9007199254740991}, [], False),
]


@pytest.fixture(scope="module")
def filled_rooms():
    return {}


@pytest.mark.parametrize(("asked", "expected", "more"), PAGES, ids=str)
async def test_a_page(hub, filled_rooms, room, asked, expected, more):
    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        known = filled_rooms.setdefault(hub, room)
        if known == room:
            await filled(anna, room, 100)
        page = await anna.history(known, **asked)
        assert offsets(page) == list(expected)
        assert page["more"] is more
        assert page["epoch"]


async def test_a_room_nobody_wrote_to(hub, room):
    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        for asked in ({}, {"after": 0}, {"before": 5}):
            page = await anna.history(room, **asked)
            assert (page["events"], page["more"]) == ([], False)


async def test_it_needs_no_subscription_and_makes_none(hub, room):
    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        await anna.send(room, 1)
        assert offsets(await anna.history(room)) == [1]
        assert (await anna.call("ping"))["heads"] == {}


async def walk(client, room, forwards, limit):
    events, asked = [], {"after": 0} if forwards else {}
    while True:
        page = await client.history(room, limit=limit, **asked)
        events = events + page["events"] if forwards else page["events"] + events
        if not page["more"]:
            return events
        asked = {"after": events[-1]["offset"]} if forwards else {"before": events[0]["offset"]}


@pytest.mark.parametrize("forwards", [True, False], ids=["forwards", "backwards"])
async def test_walking_page_by_page_visits_each_event_once(hub, room, forwards):
    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        await filled(anna, room, 1234)
        events = await walk(anna, room, forwards, 97)
        assert [event["offset"] for event in events] == list(range(1, 1235))
        assert [event["data"] for event in events] == list(range(1, 1235))


@pytest.mark.parametrize("forwards", [True, False], ids=["forwards", "backwards"])
async def test_pages_of_large_events_are_cut_and_say_more(hub, room, forwards):
    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        await filled(anna, room, 30, data=lambda number: "x" * 60_000, batch=4)
        assert len(await walk(anna, room, forwards, 500)) == 30
        assert max(len(line) for line in anna.lines) <= (256 << 10) + 70_000


async def test_it_reaches_what_memory_no_longer_holds(start_hub, room):
    hub = start_hub(settings={"APUS_RING_EVENTS": 10})
    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        await filled(anna, room, 200)
        await anna.send(room, 201)
        for forwards in (True, False):
            events = await walk(anna, room, forwards, 7)
            assert [event["offset"] for event in events] == list(range(1, 202))


async def test_it_reaches_what_an_earlier_start_kept(start_hub, room):
    hub = start_hub()
    token = hub.token("anna", "operator")
    async with await Client.open(hub, token) as anna:
        await anna.send(room, "before")
    hub.restart()
    async with await Client.open(hub, token) as anna:
        await anna.send(room, "after")
        assert [event["data"] for event in (await anna.history(room))["events"]] == ["before", "after"]
