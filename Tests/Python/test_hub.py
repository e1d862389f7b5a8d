"""A hub that is restarted under the client: nothing lost, nothing doubled."""

import asyncio
import signal

import pytest
from apus import Closed, Event, Hub, Refused


async def events(subscription, count):
    """So many kept events of a subscription."""
    found = []
    async for event in subscription:
        if isinstance(event, Event) and event.offset is not None:
            found.append(event)
        if len(found) == count:
            return found


async def test_what_is_sent_is_kept_and_heard(process, name):
    room = f"ticket:{name}"
    async with Hub(process.ws, process.token("bot", "operator")) as hub, hub.subscribe(room) as heard:
        place = await hub.send(room, {"text": "привет"})
        assert place["offset"] == 1
        (event,) = await events(heard, 1)
        assert (event.kind, event.by, event.data, event.offset) == ("message", "bot", {"text": "привет"}, 1)
        assert [one["offset"] for one in await hub.history(room)] == [1]


async def test_kill_9_in_the_middle_loses_and_doubles_nothing(process, name):
    room = f"ticket:{name}"
    token = process.token("bot", "operator")
    async with Hub(process.ws, token) as hub, Hub(process.ws, token) as other, other.subscribe(room) as heard:
        listening = asyncio.create_task(events(heard, 60))
        sending = []
        for number in range(60):
            sending.append(asyncio.create_task(hub.send(room, number)))
            if number in (20, 40):
                await sending[number - 10]
                await asyncio.to_thread(process.restart, signal.SIGKILL)
        offsets = [(await sent)["offset"] for sent in sending]
        assert sorted(offsets) == list(range(1, 61))
        kept = await hub.history(room, after=0, limit=100)
        assert sorted(event["data"] for event in kept) == list(range(60))
        async with asyncio.timeout(60):
            told = {event.offset: event.data for event in await listening}
        assert {event["offset"]: event["data"] for event in kept}.items() >= told.items() and heard.missed == 0


async def test_a_refusal_says_what_is_wrong(process):
    async with Hub(process.ws, process.token("anna", "user")) as hub:
        with pytest.raises(Refused) as caught:
            await hub.send("ticket:1", 1)
        assert caught.value.code == "forbidden" and caught.value.field == "room"
        with pytest.raises(Refused) as caught:
            await hub.call("dance")
        assert caught.value.code == "unsupported"


async def test_a_bad_token_is_no_reason_to_come_back(process):
    with pytest.raises(Closed):
        async with Hub(process.ws, "nonsense"):
            pass


async def test_a_function_gives_the_token_of_each_connection(process, name):
    asked = []

    async def token():
        asked.append(1)
        return process.token("bot", "operator")

    async with Hub(process.ws, token) as hub:
        await asyncio.to_thread(process.restart, signal.SIGKILL)
        assert (await hub.send(f"ticket:{name}", 1))["offset"] == 1
    assert len(asked) == 2


async def test_a_closed_client_says_so(process):
    hub = Hub(process.ws, process.token("bot", "operator"))
    async with hub:
        pass
    with pytest.raises(Closed):
        await hub.call("ping")
