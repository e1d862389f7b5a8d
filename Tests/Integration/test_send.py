"""send: offsets, acknowledgements, keys, kinds, limits, and data that is never touched."""

import asyncio
import json
import sqlite3
import time
from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosed

from client import Client, every

NOTIFICATIONS = [
    "ticket_created", "ticket_assigned", "message_received", "status_changed", "priority_changed", "sla_breached",
]  # fmt: skip
RESERVED = [
    "stream", "delta", "snapshot", "usage", "presence", "read", "job", "status", *NOTIFICATIONS,
    "ticket_", "ticket_anything", "desk.", "desk.update", "map.x", "sys.x",
]  # fmt: skip


@pytest.fixture
def token(hub):
    return hub.token("anna", "operator")


async def test_an_event_reaches_everyone_as_the_contract_draws_it(hub, token, room):
    async with await Client.open(hub, token) as anna, await Client.open(hub, hub.token("boris", "operator")) as boris:
        epoch = (await anna.sub(room))["epoch"]
        await boris.sub(room)
        receipt = await anna.send(room, {"text": "привет"}, key="k1")
        assert receipt["offset"] == 1 and receipt["epoch"] == epoch
        assert "duplicate" not in receipt or receipt["duplicate"] is False
        assert abs(receipt["at"] - time.time() * 1000) < 60_000
        for reader in (anna, boris):
            (event,) = await reader.events(room, 1)
            assert event == {
                "room": room, "offset": 1, "at": receipt["at"], "by": "anna", "kind": "message", "key": "k1",
                "data": {"text": "привет"},
            }  # fmt: skip


async def test_a_sender_need_not_be_subscribed(hub, token, room):
    async with await Client.open(hub, token) as anna:
        assert (await anna.send(room, 1))["offset"] == 1
        assert (await anna.send(room, 2))["offset"] == 2
        assert not anna.kept(room)


@pytest.mark.parametrize("ack", ["accepted", "durable", None])
async def test_both_acknowledgements_give_the_offset(hub, token, room, ack):
    async with await Client.open(hub, token) as anna:
        await anna.sub(room)
        assert (await anna.send(room, 1, **({"ack": ack} if ack else {})))["offset"] == 1
        await anna.events(room, 1)


DATA = [
    "null", "true", "-0", "1.10", "1e400", "123456789012345678901234567890", '""', '"\\u0436 ж \\/ \\b"', "[]", "{}",
    '{ "b" : 1 , "a" : [ 1,2 ] }', '{"a":1,"a":2}', '"\\ud83d\\udc26"', '{"":{"":[[[[]]]]}}',
]  # fmt: skip


async def test_data_is_kept_byte_for_byte(hub, token, room):
    async with await Client.open(hub, token) as anna, await Client.open(hub, token) as boris:
        await anna.sub(room)
        for number, data in enumerate(DATA, 1):
            identifier = anna.next_id()
            line = f'{{"id":{identifier},"cmd":"send","room":"{room}","kind":"message","data":{data}}}'
            assert (await anna.text(line, identifier))["ok"]["offset"] == number
        await anna.events(room, len(DATA))
        await boris.history(room)
        pushed = [line for line in anna.lines if '"offset"' in line and '"id"' not in line]
        assert [line.partition('"data":')[2][:-1] for line in pushed] == DATA
        for data in DATA:
            assert f'"data":{data}}}' in boris.lines[-1], "history gives the same bytes"


async def test_data_up_to_64_kib_is_kept_and_more_is_too_large(hub, token, room):
    async with await Client.open(hub, token) as anna:
        await anna.sub(room)
        most = "x" * (65_536 - 2)
        assert (await anna.send(room, most))["offset"] == 1
        error = await anna.error("send", room=room, kind="message", data=most + "x")
        assert (error["code"], error["field"]) == ("too_large", "data")
        assert (await anna.events(room, 1))[0]["data"] == most
        assert (await anna.send(room, "next"))["offset"] == 2


@pytest.mark.parametrize("kind", RESERVED)
async def test_reserved_kinds_are_forbidden(hub, token, room, kind):
    async with await Client.open(hub, token) as anna:
        for command in ("send", "signal"):
            error = await anna.error(command, room=room, kind=kind, data={}, malformed=True)
            assert (error["code"], error["field"]) == ("forbidden", "kind")


@pytest.mark.parametrize("kind", ["", "x" * 65, "Message", "a b", "ж", "a:b", "a/b"])
async def test_ill_formed_kinds_are_bad_requests(hub, token, room, kind):
    async with await Client.open(hub, token) as anna:
        for command in ("send", "signal"):
            error = await anna.error(command, room=room, kind=kind, data={}, malformed=True)
            assert (error["code"], error["field"]) == ("bad_request", "kind")


@pytest.mark.parametrize("kind", ["x" * 64, "a.b-c_d9", "streams", "jobs", "statuses", "maps", "system"])
async def test_other_kinds_are_kept(hub, token, room, kind):
    async with await Client.open(hub, token) as anna:
        await anna.send(room, {}, kind=kind)
        assert (await anna.history(room))["events"][0]["kind"] == kind


# -- keys


async def test_a_second_send_with_a_key_returns_the_first_offset(hub, token, room):
    async with await Client.open(hub, token) as anna:
        await anna.sub(room)
        first = await anna.send(room, "first", key="k")
        second = await anna.send(room, "second", key="k")
        assert second["duplicate"] is True
        assert (second["offset"], second["at"]) == (first["offset"], first["at"])
        await anna.send(room, "third")
        assert [event["data"] for event in await anna.events(room, 2)] == ["first", "third"]


async def test_keys_are_scoped_to_room_and_sender(hub, token, room):
    async with await Client.open(hub, token) as anna, await Client.open(hub, hub.token("boris", "operator")) as boris:
        assert (await anna.send(room, 1, key="k"))["offset"] == 1
        assert (await boris.send(room, 2, key="k"))["offset"] == 2
        assert (await anna.send(f"{room}-2", 3, key="k"))["offset"] == 1


async def test_keys_are_scoped_to_the_tenant(hub, room):
    async with (
        await Client.open(hub, hub.token("anna", "operator", tenant="t1")) as one,
        await Client.open(hub, hub.token("anna", "operator", tenant="t2")) as two,
    ):
        assert "duplicate" not in await one.send(room, 1, key="k")
        assert "duplicate" not in await two.send(room, 1, key="k")


async def test_one_key_sent_by_two_connections_at_once_is_kept_once(hub, token, room):
    async with await Client.open(hub, token) as one, await Client.open(hub, token) as two:
        futures = []
        for number in range(50):
            for client in (one, two):
                futures.append(
                    await client.post("send", room=room, kind="message", data=number, key=f"k{number}", ack="accepted")
                )
        receipts = [reply["ok"] for reply in await every(futures)]
        assert sorted(receipt["offset"] for receipt in receipts) == sorted(list(range(1, 51)) * 2)
        assert sum(receipt.get("duplicate", False) for receipt in receipts) == 50


@pytest.mark.parametrize("how", ["TERM", "KILL"])
async def test_keys_survive_a_restart(start_hub, room, how):
    import signal

    hub = start_hub()
    token = hub.token("anna", "operator")
    async with await Client.open(hub, token) as anna:
        first = await anna.send(room, "first", key="k")
    hub.restart(getattr(signal, f"SIG{how}"))
    async with await Client.open(hub, token) as anna:
        again = await anna.send(room, "again", key="k")
        assert (again["offset"], again["at"], again["duplicate"]) == (first["offset"], first["at"], True)
        assert (await anna.send(room, "second"))["offset"] == 2


async def test_keys_are_any_text_of_up_to_64_bytes(hub, token, room):
    async with await Client.open(hub, token) as anna:
        for key in ('"\\', "ж" * 32, " ", "x" * 64, "'; drop table events; --"):
            first = await anna.send(room, key, key=key)
            assert (await anna.send(room, key, key=key))["offset"] == first["offset"]
        assert [event["key"] for event in (await anna.history(room))["events"]][0] == '"\\'


# -- accepted and durable, told apart by holding the database's write lock


@pytest.fixture
def held(start_hub):
    """A hub and a lock on its database: while it is held nothing becomes durable."""
    hub = start_hub()
    lock = sqlite3.connect(hub.database, isolation_level=None, timeout=30, check_same_thread=False)
    yield hub, lock
    lock.close()


async def test_the_push_means_accepted_and_the_reply_durable(held, room):
    hub, lock = held
    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        await anna.sub(room, durable=True)
        await anna.send(room, "before")
        await anna.push(room=room, durable=1)
        lock.execute("BEGIN IMMEDIATE")
        durable = await anna.post("send", room=room, kind="message", data=1, key="k")
        await anna.events(room, 2)
        assert not durable.done()
        twin = await anna.post("send", room=room, kind="message", data=1, key="k")
        accepted = await anna.send(room, 2, ack="accepted")
        assert accepted["offset"] == 3
        same = await anna.send(room, 2, ack="accepted", key="k")
        assert (same["offset"], same["duplicate"]) == (2, True)
        assert not durable.done() and not twin.done(), "a duplicate waits for the first's durability"
        assert not any(push.get("durable", 0) > 1 for push in anna.log)
        page = await anna.history(room)
        assert [event["data"] for event in page["events"]] == ["before", 1, 2], "reads see what is accepted"
        lock.execute("ROLLBACK")
        first, second = await every([durable, twin])
        assert first["ok"]["offset"] == second["ok"]["offset"] == 2
        assert second["ok"]["duplicate"] is True
        await anna.push(lambda push: push.get("durable") == 3, room=room)


async def test_the_watermark_is_pushed_only_to_those_who_asked(hub, token, room):
    async with await Client.open(hub, token) as anna, await Client.open(hub, token) as boris:
        assert (await anna.sub(room, durable=True))["durable"] == 0
        await boris.sub(room)
        for number in range(5):
            await anna.send(room, number)
        await anna.push(room=room, durable=5)
        marks = [push["durable"] for push in anna.log if push.get("room") == room and "durable" in push]
        assert marks == sorted(set(marks)), "a watermark only rises"
        await boris.events(room, 5)
        await boris.call("ping")
        assert not any("durable" in push for push in boris.log if push.get("room") == room)


async def test_sub_tells_how_far_the_room_is_durable(held, room):
    hub, lock = held
    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        await anna.send(room, 1)
        lock.execute("BEGIN IMMEDIATE")
        await anna.send(room, 2, ack="accepted")
        answer = await anna.sub(room)
        assert (answer["head"], answer["durable"]) == (2, 1)
        lock.execute("ROLLBACK")


# -- rate limits


async def flood(client, room, count):
    replies = await every(
        [await client.post("send", room=room, kind="message", data=n, ack="accepted") for n in range(count)]
    )
    return [reply for reply in replies if "ok" in reply], [reply["error"] for reply in replies if "error" in reply]


async def test_a_user_has_a_burst_of_fifty_and_then_waits(hub, room):
    async with await Client.open(hub, hub.token("anna", "user", rooms=[room])) as anna:
        kept, refused = await flood(anna, room, 90)
        assert 50 <= len(kept) < 90
        assert all(error["code"] == "rate_limited" and error["retry_after"] > 0 for error in refused)
        page = await anna.history(room, limit=500)
        assert [event["offset"] for event in page["events"]] == list(range(1, len(kept) + 1))


async def test_staff_and_workers_are_not_limited(hub, room):
    for token in (hub.token("olga", "operator"), hub.token("bot", "worker", rooms=["ticket:*"])):
        async with await Client.open(hub, token) as client:
            kept, refused = await flood(client, room, 300)
            assert len(kept) == 300 and not refused


async def test_the_limit_is_lifted_again(start_hub, room):
    hub = start_hub(settings={"APUS_LIMITS_SENDS_PER_SECOND": 200, "APUS_LIMITS_SENDS_BURST": 1})
    async with await Client.open(hub, hub.token("anna", "user", rooms=[room])) as anna:
        kept, refused = await flood(anna, room, 20)
        assert kept and refused
        for _ in range(90):
            if "ok" in await anna.reply("send", room=room, kind="message", data="later", ack="accepted"):
                break
        else:
            pytest.fail("the bucket never filled again")


async def test_breaking_the_limit_again_and_again_closes_with_4429(hub, room):
    async with await Client.open(hub, hub.token("anna", "user", rooms=[room])) as anna:
        frame = [("send", {"room": room, "kind": "message", "data": 1})] * 50
        with suppress(ConnectionClosed):
            for _ in range(40):
                await asyncio.wait(await anna.post_all(frame))
        code, reason = await anna.closed()
        assert code == 4429
        assert reason.startswith("retry_after=") and int(reason.removeprefix("retry_after=")) > 0


async def test_rate_limits_off_lifts_them(start_hub, room):
    hub = start_hub(flags=["--demo", "--rate-limits", "off"])
    async with await Client.open(hub, hub.token("anna", "user", rooms=[room])) as anna:
        kept, refused = await flood(anna, room, 500)
        assert len(kept) == 500 and not refused


async def test_what_a_refused_send_carried_is_never_kept(hub, room):
    async with await Client.open(hub, hub.token("anna", "user", rooms=[room])) as anna:
        kept, refused = await flood(anna, room, 80)
        await anna.leave()
    async with await Client.open(hub, hub.token("olga", "operator")) as olga:
        page = await olga.history(room, limit=500)
        assert len(page["events"]) == len(kept)
        assert json.dumps([event["data"] for event in page["events"]]) == json.dumps(
            sorted(event["data"] for event in page["events"])
        )
