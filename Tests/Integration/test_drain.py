"""Stopping: notices, answers to everything, 1012, exit 0."""

import asyncio
import signal

import pytest

from client import Client
from raw import RawSocket


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
async def test_clients_are_told_and_closed_with_1012(start_hub, how):
    hub = start_hub(settings={"APUS_DRAIN_DEADLINE_MS": 3000})
    clients = [await Client.open(hub, hub.token(f"u{number}", "user")) for number in range(20)]
    hub.signal(how)
    notices = [await client.push(lambda push: "drain" in push) for client in clients]
    for client in clients:
        assert (await client.closed())[0] == 1012
    assert hub.wait() == 0
    for notice in notices:
        assert 0 <= notice["drain"]["reconnect_after"]
        assert 0 < notice["drain"]["deadline"] <= 3000


async def test_slots_are_spread_by_the_accept_rate(start_hub):
    hub = start_hub(settings={"APUS_DRAIN_ACCEPT_RATE": 10, "APUS_DRAIN_DEADLINE_MS": 1000})
    clients = [await Client.open(hub, hub.token(f"u{number}", "user")) for number in range(30)]
    hub.signal(signal.SIGTERM)
    slots = [(await client.push(lambda push: "drain" in push))["drain"]["reconnect_after"] for client in clients]
    assert max(slots) - min(slots) >= 1500, "30 clients at 10 a second take about 3 s"
    assert len(set(slots)) > 15
    for client in clients:
        await client.closed()
    assert hub.wait() == 0


async def test_everything_said_before_the_notice_is_answered(start_hub, room):
    hub = start_hub()
    token = hub.token("anna", "operator")
    anna = await Client.open(hub, token)
    futures = [await anna.post("send", room=room, kind="message", data=n, key=f"k{n}") for n in range(500)]
    await futures[0]
    hub.signal(signal.SIGTERM)
    assert (await anna.closed())[0] == 1012
    assert hub.wait() == 0
    assert all(not future.cancelled() and "ok" in future.result() for future in futures)
    hub.start()
    async with await Client.open(hub, token) as anna:
        assert (await anna.sub(room))["head"] == 500


async def test_one_may_go_on_during_a_drain(start_hub, room):
    hub = start_hub()
    token = hub.token("anna", "operator")
    anna = await Client.open(hub, token)
    await anna.sub(room)
    kept = 0
    hub.signal(signal.SIGTERM)
    while not anna._reader.done():
        try:
            reply = await asyncio.shield(await anna.post("send", room=room, kind="message", data=kept))
        except (Exception, asyncio.CancelledError):
            break
        if "ok" not in reply:
            break
        kept = reply["ok"]["offset"]
    assert (await anna.closed())[0] == 1012
    assert hub.wait() == 0
    hub.start()
    async with await Client.open(hub, token) as anna:
        assert (await anna.sub(room))["head"] >= kept


async def test_connections_without_hello_and_half_requests_do_not_hold_it_up(start_hub):
    hub = start_hub(settings={"APUS_DRAIN_DEADLINE_MS": 2000})
    with RawSocket(hub) as idle, RawSocket(hub) as half, RawSocket(hub) as upgraded:
        half.write(b"GET / HTTP/1.1\r\nHost: ")
        assert upgraded.upgrade().status == 101
        assert hub.stop() == 0
        assert idle.at_end() and half.at_end() and upgraded.at_end()


async def test_a_second_signal_ends_it_at_once(start_hub):
    hub = start_hub(settings={"APUS_DRAIN_DEADLINE_MS": 600_000})
    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        hub.signal(signal.SIGTERM)
        await anna.push(lambda push: "drain" in push)
        if hub.running:
            hub.signal(signal.SIGTERM)
        await anna.closed()
        assert hub.wait() in (0, 128 + signal.SIGTERM)
        hub.process = None


async def test_new_connections_are_not_taken_during_a_drain(start_hub, room):
    hub = start_hub()
    port = hub.port
    assert hub.stop() == 0
    with pytest.raises(OSError):
        RawSocket(hub)
    hub.start(port)
    with RawSocket(hub) as peer:
        assert peer.upgrade().status == 101
