"""Many senders in many rooms at once: every reader sees the same sequence, whole, on whichever reactor it is."""

import asyncio
import random
from collections import Counter

from client import Client, every

SENDERS, READERS, ROOMS, EACH = 16, 12, 5, 60


async def test_every_reader_sees_the_same_gapless_order(hub, room):
    source = random.Random(42)
    rooms = [f"{room}-{number}" for number in range(ROOMS)]
    senders = [await Client.open(hub, hub.token(f"sender{n}", "operator")) for n in range(SENDERS)]
    readers = [await Client.open(hub, hub.token(f"reader{n}", "operator")) for n in range(READERS)]
    for reader in readers:
        for name in rooms:
            await reader.sub(name)

    async def write(number, client):
        futures = []
        for index in range(EACH):
            futures += await client.post_all(
                [
                    ("send", {"room": name, "kind": "message", "data": [number, index], "key": f"{index}",
                              "ack": source.choice(["accepted", "durable"])})
                    for name in rooms
                ]  # fmt: skip
            )
        return [reply["ok"]["offset"] for reply in await every(futures)]

    given = await asyncio.gather(*(write(number, client) for number, client in enumerate(senders)))
    total = SENDERS * EACH
    assert Counter(offset for offsets in given for offset in offsets) == {o: ROOMS for o in range(1, total + 1)}
    for name in rooms:
        logs = [await reader.events(name, total) for reader in readers]
        assert all(log == logs[0] for log in logs[1:])
        assert [event["offset"] for event in logs[0]] == list(range(1, total + 1))
        for number in range(SENDERS):
            mine = [event["data"][1] for event in logs[0] if event["by"] == f"sender{number}"]
            assert mine == list(range(EACH)), "commands of a connection take effect in order within a room"
        times = [event["at"] for event in logs[0]]
        assert max(times) - min(times) < 120_000
    for client in senders + readers:
        await client.leave()


async def test_commands_of_a_connection_take_effect_in_order_within_a_room(hub, room):
    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        replies = await every(
            await anna.post_all(
                [
                    ("send", {"room": room, "kind": "message", "data": 1, "ack": "accepted"}),
                    ("sub", {"room": room}),
                    ("send", {"room": room, "kind": "message", "data": 2, "ack": "accepted"}),
                    ("history", {"room": room}),
                    ("unsub", {"room": room}),
                    ("send", {"room": room, "kind": "message", "data": 3, "ack": "accepted"}),
                    ("sub", {"room": room}),
                ]
            )
        )
        assert replies[1]["ok"]["head"] == 1
        assert [event["data"] for event in replies[3]["ok"]["events"]] == [1, 2]
        assert replies[6]["ok"]["head"] == 3
        assert [event["data"] for event in anna.kept(room)] == [2]
