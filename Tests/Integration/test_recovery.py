"""Recovery: the three rules of the contract, within a start and across restarts of both kinds."""

import signal
import sqlite3

import pytest

from client import Client
from test_subscribe import filled


def offsets(events):
    return [event["offset"] for event in events]


# -- within one start


async def test_rule_1_the_current_epoch(hub, room):
    token = hub.token("anna", "operator")
    async with await Client.open(hub, token) as anna:
        epoch = (await anna.sub(room))["epoch"]
        await filled(anna, room, 30)
    for since in (0, 1, 29, 30):
        async with await Client.open(hub, token) as anna:
            answer = await anna.sub(room, since=since, epoch=epoch, limit=2)
            assert answer["recovered"] is True
            assert offsets(answer["events"]) == list(range(since + 1, 31)), "limit does not count here"
            assert "truncated_to" not in answer
            assert answer["epoch"] == epoch
            assert answer["more"] is (since > 0), "older kept events exist before the first"


async def test_since_0_needs_no_epoch_and_starts_with_the_first_kept(hub, room):
    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        await filled(anna, room, 3)
        answer = await anna.sub(room, since=0)
        assert (answer["recovered"], offsets(answer["events"]), answer["more"]) == (True, [1, 2, 3], False)


async def test_rule_3_an_offset_that_was_never_given(hub, room):
    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        epoch = (await anna.sub(room))["epoch"]
        await filled(anna, room, 3)
        answer = await anna.sub(room, since=4, epoch=epoch)
        assert (answer["recovered"], offsets(answer["events"])) == (False, [1, 2, 3])


async def test_rule_3_an_unknown_epoch(hub, room):
    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        await filled(anna, room, 60)
        answer = await anna.sub(room, since=2, epoch="never-minted")
        assert (answer["recovered"], offsets(answer["events"]), answer["more"]) == (False, list(range(11, 61)), True)
        assert "truncated_to" not in answer
        assert answer["epoch"] != "never-minted"


async def test_rule_3_too_far_behind(hub, room):
    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        epoch = (await anna.sub(room, limit=0))["epoch"]
        await filled(anna, room, 1100)
        far = await anna.sub(room, since=99, epoch=epoch)
        assert (far["recovered"], offsets(far["events"])) == (False, list(range(1051, 1101)))
        near = await anna.sub(room, since=100, epoch=epoch)
        assert near["recovered"] is True
        assert near["events"][0]["offset"] == 101


async def test_hello_recovers_like_sub(hub, room):
    token = hub.token("anna", "operator")
    async with await Client.open(hub, token) as anna:
        epoch = (await anna.sub(room))["epoch"]
        await filled(anna, room, 5)
    rooms = {room: {"since": 3, "epoch": epoch}}
    async with await Client.open(hub, token, rooms=rooms) as anna:
        answer = anna.welcome["rooms"][room]["ok"]
        assert (answer["recovered"], offsets(answer["events"])) == (True, [4, 5])


async def test_a_reader_cut_off_under_load_misses_nothing(hub, room):
    token = hub.token("anna", "operator")
    async with await Client.open(hub, token) as writer:
        epoch, seen = None, []
        for turn in range(10):
            reader = await Client.open(hub, token)
            if epoch is None:
                answer = await reader.sub(room, since=0)
            else:
                answer = await reader.sub(room, since=len(seen), epoch=epoch)
            assert answer["recovered"] is True
            epoch = answer["epoch"]
            seen += answer["events"]
            await filled(writer, room, 20)
            await reader.events(room, 20 * turn + 5)
            reader.socket.transport.abort()
            await reader.closed()
            seen += [event for event in reader.kept(room) if event["offset"] > len(seen)]
            await filled(writer, room, 0)
        assert offsets(seen) == list(range(1, len(seen) + 1))
        assert len(seen) >= 180


# -- across restarts

RESTARTS = [signal.SIGTERM, signal.SIGKILL]


@pytest.mark.parametrize("how", RESTARTS, ids=["SIGTERM", "SIGKILL"])
async def test_rule_1_an_earlier_epoch_in_which_nothing_was_lost(start_hub, room, how):
    hub = start_hub()
    token = hub.token("anna", "operator")
    async with await Client.open(hub, token) as anna:
        epoch = (await anna.sub(room))["epoch"]
        for number in range(1, 11):
            await anna.send(room, number)
    hub.restart(how)
    async with await Client.open(hub, token) as anna:
        answer = await anna.sub(room, since=4, epoch=epoch)
        assert answer["epoch"] != epoch, "every start mints a new epoch"
        assert (answer["recovered"], offsets(answer["events"]), answer["head"]) == (True, list(range(5, 11)), 10)
        assert answer["durable"] == 10
        assert "truncated_to" not in answer
        assert (await anna.send(room, 11))["offset"] == 11
    hub.restart(how)
    async with await Client.open(hub, token) as anna:
        answer = await anna.sub(room, since=10, epoch=epoch)
        assert (answer["recovered"], offsets(answer["events"])) == (True, [11]), "an epoch two starts ago is known too"


@pytest.mark.parametrize("how", RESTARTS, ids=["SIGTERM", "SIGKILL"])
async def test_an_acknowledged_event_is_never_lost_nor_doubled(start_hub, room, how):
    hub = start_hub()
    token = hub.token("anna", "operator")
    durable = {}
    for round_ in range(4):
        client = await Client.open(hub, token)
        futures = {}
        for number in range(200):
            key = f"{round_}-{number}"
            futures[key] = await client.post("send", room=room, kind="message", data=key, key=key)
        await futures[f"{round_}-{20 * round_}"]
        hub.restart(how)
        await client.closed()
        for key, future in futures.items():
            if not future.cancelled() and "ok" in future.result():
                durable[key] = future.result()["ok"]["offset"]
    async with await Client.open(hub, token) as client:
        answer = await client.sub(room, since=0)
        await client.events(room, answer["head"]) if len(answer["events"]) < answer["head"] else None
        events = answer["events"] + client.kept(room)
    assert offsets(events) == list(range(1, answer["head"] + 1))
    keys = [event["key"] for event in events]
    assert len(keys) == len(set(keys)), "a key is kept once"
    assert {key: offset for offset, key in enumerate(keys, 1) if key in durable} == durable


async def lose(hub, room, kept, lost):
    """Keeps `kept` events, accepts `lost` more that never reach the disk, and kills the hub."""
    lock = sqlite3.connect(hub.database, isolation_level=None, timeout=30)
    client = await Client.open(hub, hub.token("anna", "operator"))
    answer = await client.sub(room)
    for number in range(kept):
        await client.send(room, f"kept {number}")
    lock.execute("BEGIN IMMEDIATE")
    for number in range(lost):
        await client.send(room, f"lost {number}", ack="accepted", key=f"lost {answer['head']} {number}")
    await client.events(room, answer["head"] + kept + lost)
    hub.kill()
    lock.close()
    await client.closed()
    return answer["epoch"]


async def test_rule_2_what_was_lost_is_named(start_hub, room):
    hub = start_hub()
    token = hub.token("anna", "operator")
    epoch = await lose(hub, room, kept=3, lost=2)
    hub.start(hub.port)
    async with await Client.open(hub, token) as anna:
        answer = await anna.sub(room, since=5, epoch=epoch)
        assert (answer["recovered"], answer["truncated_to"], answer["events"]) == (True, 3, [])
        assert (answer["head"], answer["durable"]) == (3, 3)
        again = await anna.send(room, "lost 0, again", key="lost 0 0")
        assert (again["offset"], again.get("duplicate", False)) == (4, False), "its key was lost with it"
        await anna.send(room, "new")
    async with await Client.open(hub, token) as anna:
        answer = await anna.sub(room, since=5, epoch=epoch)
        assert (answer["truncated_to"], offsets(answer["events"])) == (3, [4, 5]), "the same offsets, other events"
        answer = await anna.sub(room, since=3, epoch=epoch)
        assert "truncated_to" not in answer and offsets(answer["events"]) == [4, 5]


async def test_the_cut_of_an_epoch_is_the_smallest_since(start_hub, room):
    hub = start_hub()
    token = hub.token("anna", "operator")
    first = await lose(hub, room, kept=4, lost=3)
    hub.start(hub.port)
    second = await lose(hub, room, kept=2, lost=4)
    hub.start(hub.port)
    async with await Client.open(hub, token) as anna:
        await anna.send(room, "after")
        answer = await anna.sub(room, since=7, epoch=first)
        assert (answer["truncated_to"], offsets(answer["events"])) == (4, [5, 6, 7])
        answer = await anna.sub(room, since=10, epoch=second)
        assert (answer["truncated_to"], offsets(answer["events"])) == (6, [7])
        answer = await anna.sub(room, since=6, epoch=second)
        assert "truncated_to" not in answer and offsets(answer["events"]) == [7]


async def test_a_restored_copy_is_recognised(start_hub, room, tmp_path):
    import shutil

    hub = start_hub()
    token = hub.token("anna", "operator")
    async with await Client.open(hub, token) as anna:
        await anna.send(room, "in the copy")
    hub.stop()
    shutil.copytree(hub.data, tmp_path / "copy")
    hub.start(hub.port)
    async with await Client.open(hub, token) as anna:
        epoch = (await anna.sub(room))["epoch"]
        await anna.send(room, "not in the copy")
    hub.stop()
    copy = start_hub("copy")
    async with await Client.open(copy, token) as anna:
        answer = await anna.sub(room, since=2, epoch=epoch)
        assert (answer["recovered"], offsets(answer["events"])) == (False, [1])
