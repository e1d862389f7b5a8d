"""sub and unsub: one atomic step from the past into the live room."""

import asyncio
import random

import pytest

from client import Client, every


@pytest.fixture
def token(hub):
    return hub.token("anna", "operator")


async def filled(client, room, count, data=lambda number: number, batch=50):
    replies = []
    for start in range(0, count, batch):
        numbers = range(start + 1, min(start + batch, count) + 1)
        sends = [("send", {"room": room, "kind": "message", "data": data(n), "ack": "accepted"}) for n in numbers]
        replies += await client.post_all(sends)
    await every(replies)


async def test_the_first_sub_of_an_empty_room(hub, token, room):
    async with await Client.open(hub, token) as anna:
        answer = await anna.sub(room)
        assert answer["epoch"]
        assert {name: answer[name] for name in ("head", "durable", "events", "more", "streams", "reads")} == {
            "head": 0, "durable": 0, "events": [], "more": False, "streams": [], "reads": {},
        }  # fmt: skip
        assert answer["recovered"] is False
        assert "truncated_to" not in answer and "presence" not in answer


async def test_the_newest_page_holds_fifty_by_default(hub, token, room):
    async with await Client.open(hub, token) as anna:
        await filled(anna, room, 120)
        answer = await anna.sub(room)
        assert [event["offset"] for event in answer["events"]] == list(range(71, 121))
        assert answer["head"] == 120 and answer["more"] is True


@pytest.mark.parametrize(
    ("limit", "first", "more"), [(0, None, True), (1, 20, True), (19, 2, True), (20, 1, False), (500, 1, False)]
)
async def test_limit_counts_from_the_newest(hub, token, room, limit, first, more):
    async with await Client.open(hub, token) as anna:
        await filled(anna, room, 20)
        answer = await anna.sub(room, limit=limit)
        assert [event["offset"] for event in answer["events"]] == (list(range(first, 21)) if first else [])
        assert answer["more"] is more
        assert answer["head"] == 20


async def test_an_event_is_the_same_pushed_and_read(hub, token, room):
    async with await Client.open(hub, token) as anna, await Client.open(hub, token) as boris:
        await anna.sub(room)
        await anna.send(room, {"text": "a"}, key="k")
        await anna.send(room, {"text": "b"})
        pushed = await anna.events(room, 2)
        assert (await boris.sub(room))["events"] == pushed
        assert (await boris.history(room))["events"] == pushed


async def test_nothing_of_a_room_comes_before_its_answer_or_after_unsub(hub, token, room):
    async with await Client.open(hub, token) as writer, await Client.open(hub, token) as reader:
        done = asyncio.Event()

        async def write():
            while not done.is_set():
                await writer.send(room, "x", ack="accepted")

        writing = asyncio.create_task(write())
        for _ in range(30):
            joined = await reader.sub(room)
            head = joined["head"]
            await reader.events(room, head + 3)
            await reader.call("unsub", room=room)
        done.set()
        await writing
        final = await reader.sub(room)
        assert final["head"] >= 90

        inside, last = False, None
        for item in reader.log:
            ok = item.get("ok", {})
            if "head" in ok:
                inside, last = True, ok["head"]
                if ok["events"]:
                    assert ok["events"][-1]["offset"] == ok["head"]
            elif ok == {} and "id" in item:
                inside = False
            elif "offset" in item and "id" not in item:
                assert inside, "a push outside of the subscription"
                assert item["offset"] == last + 1, "the first live push is head + 1"
                last = item["offset"]


async def test_unsub_of_a_room_one_is_not_in(hub, token, room):
    async with await Client.open(hub, token) as anna:
        reply = await anna.reply("unsub", room=room)
        assert reply.get("ok") == {} or reply["error"]["code"] in ("not_found", "bad_request")


async def test_a_second_sub_answers_anew_and_doubles_nothing(hub, token, room):
    async with await Client.open(hub, token) as anna:
        first = await anna.sub(room)
        await filled(anna, room, 5)
        await anna.events(room, 5)
        second = await anna.sub(room, since=5, epoch=first["epoch"])
        assert (second["recovered"], second["events"], second["head"]) == (True, [], 5)
        await anna.send(room, 6)
        await anna.events(room, 6)
        assert [event["offset"] for event in anna.kept(room)] == [1, 2, 3, 4, 5, 6]


async def test_a_second_sub_changes_what_was_asked(hub, token, room):
    async with await Client.open(hub, token) as anna:
        await anna.sub(room)
        assert [person["user"] for person in (await anna.sub(room, presence=True, durable=True))["presence"]] == ["anna"]
        await anna.send(room, 1)
        await anna.push(room=room, durable=1)


async def test_many_connections_get_the_same(hub, token, room):
    clients = [await Client.open(hub, token) for _ in range(40)]
    await every([asyncio.ensure_future(client.sub(room)) for client in clients])
    await filled(clients[0], room, 100)
    logs = [await client.events(room, 100) for client in clients]
    assert all([event["data"] for event in log] == list(range(1, 101)) for log in logs)
    for client in clients:
        await client.leave()


async def test_two_hundred_rooms_a_connection_and_not_one_more(hub, token, room):
    async with await Client.open(hub, token) as anna:
        subs = [("sub", {"room": f"{room}-{number}", "limit": 0}) for number in range(200)]
        for start in range(0, 200, 50):
            assert all("ok" in reply for reply in await every(await anna.post_all(subs[start : start + 50])))
        error = await anna.error("sub", room=f"{room}-200")
        assert error["code"] == "too_large" and error["message"]
        await anna.sub(f"{room}-7")
        await anna.call("unsub", room=f"{room}-7")
        await anna.sub(f"{room}-200")
        assert len((await anna.call("ping"))["heads"]) == 200


async def test_an_answer_holds_256_kib_of_events_and_the_rest_follows_before_anything_newer(hub, token, room):
    text = "x" * 8000
    async with await Client.open(hub, token) as writer, await Client.open(hub, token) as reader:
        await filled(writer, room, 100, data=lambda number: text, batch=20)
        done = asyncio.Event()

        async def write():
            while not done.is_set():
                await writer.send(room, "newer", ack="accepted")

        writing = asyncio.create_task(write())
        answer = await reader.sub(room, since=0)
        upto = answer["head"] + 5
        await reader.events(room, upto)
        done.set()
        await writing
        assert answer["recovered"] is True and answer["events"][0]["offset"] == 1
        assert len(reader.lines[reader.position(lambda item: "epoch" in item.get("ok", {}))]) <= (256 << 10) + 2000
        offsets = [event["offset"] for event in answer["events"] + reader.kept(room)]
        assert offsets == list(range(1, len(offsets) + 1))
        assert offsets[-1] >= upto


async def test_random_joins_and_leaves_never_see_a_gap(hub, token, room):
    source = random.Random(7)
    async with await Client.open(hub, token) as writer:
        readers = [await Client.open(hub, token) for _ in range(8)]
        done = asyncio.Event()

        async def write():
            while not done.is_set():
                await writer.send(room, "x" * source.randrange(2000), ack="accepted")

        async def read(client):
            epoch, seen = None, 0
            for _ in range(15):
                here = len(client.kept(room))
                answer = await (client.sub(room, since=seen, epoch=epoch) if epoch else client.sub(room, since=0))
                epoch = answer["epoch"]
                assert answer["recovered"] is True
                for event in answer["events"]:
                    assert event["offset"] == seen + 1
                    seen += 1
                await client.events(room, max(seen, answer["head"]) + source.randrange(1, 5))
                await client.call("unsub", room=room)
                for event in client.kept(room)[here:]:
                    if event["offset"] > seen:
                        assert event["offset"] == seen + 1
                        seen += 1
            return seen

        writing = asyncio.create_task(write())
        seen = await asyncio.gather(*(read(client) for client in readers))
        done.set()
        await writing
        assert min(seen) > 15
        for client in readers:
            await client.leave()
