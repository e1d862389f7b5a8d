"""Recovery storms: everybody cut off at once comes back at once with offset and epoch. scripts/storm runs 10 000."""

import asyncio
import signal

from api import request
from client import Client, every

CLIENTS, ROOMS, MISSED = 500, 25, 10


def database_reads(hub):
    page = request(hub, "GET", "/metrics").body.decode()
    return int(float(next(line for line in page.splitlines() if line.startswith("apus_store_reads_total ")).split()[1]))


def room_of(number):
    return f"ticket:{number % ROOMS}"


async def come_back(hub, tokens, since, epoch):
    """Everybody at once: one command each, hello and room in one."""
    joins = [
        Client.open(hub, token, rooms={room_of(number): {"since": since, "epoch": epoch}})
        for number, token in enumerate(tokens)
    ]
    return await every([asyncio.ensure_future(join) for join in joins], "everybody to be back")


async def cut(clients):
    for client in clients:
        client.socket.transport.abort()
    for client in clients:
        await client.closed()


async def post(hub, texts):
    """Says as much in each room and waits until it is durable."""
    async with await Client.open(hub, hub.token("speaker", "operator")) as speaker:
        for room in sorted({room_of(number) for number in range(ROOMS)}):
            said = [("send", {"room": room, "kind": "message", "data": text}) for text in texts]
            await every(await speaker.post_all(said))


def check_back(clients, since, head):
    """Nothing is missing, nothing came twice, nobody was sent to load anew."""
    for number, client in enumerate(clients):
        answer = client.welcome["rooms"][room_of(number)]["ok"]
        assert (answer["recovered"], answer["head"], "truncated_to" in answer) == (True, head, False)
        assert [event["offset"] for event in answer["events"]] == list(range(since + 1, head + 1))


async def check_live(hub, clients, head):
    """The next thing said reaches everybody, as the next push."""
    await post(hub, ["live"])
    for number, client in enumerate(clients):
        assert [push["offset"] for push in await client.events(room_of(number), head + 1)] == [head + 1]


async def test_everybody_comes_back_at_once_from_memory_and_from_disk(start_hub):
    hub = start_hub()
    tokens = [hub.token(f"u{number}", "operator") for number in range(CLIENTS)]
    first = await Client.open(hub, tokens[0])
    epoch = (await first.sub(room_of(0)))["epoch"]
    await first.leave()
    clients = await come_back(hub, tokens, 0, epoch)
    check_back(clients, 0, 0)

    await cut(clients)
    await post(hub, range(MISSED))
    reads = database_reads(hub)
    clients = await come_back(hub, tokens, 0, epoch)
    check_back(clients, 0, MISSED)
    assert database_reads(hub) == reads, "what is in memory is not asked of the disk"
    await check_live(hub, clients, MISSED)

    await cut(clients)
    await post(hub, range(MISSED))
    hub.restart(signal.SIGKILL)
    clients = await come_back(hub, tokens, MISSED + 1, epoch)
    check_back(clients, MISSED + 1, 2 * MISSED + 1)
    assert database_reads(hub) <= ROOMS + 1, "one read a room, and the jobs that are open"
    await check_live(hub, clients, 2 * MISSED + 1)
    await cut(clients)
