"""Files that are not what was written: a page that makes no sense, a log that was torn."""

import os
import random

import pytest

from client import Client, every
from damage import leaves, page_with, spoil
from hub import run
from signs import metric, until_ready

TEXT = "x" * 400


async def fill(hub, rooms, count=100):
    """Writes so many events into each room and stops the hub, so that all of it is in the database."""
    hub.start()
    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        for name in rooms:
            for number in range(count):
                await anna.send(name, f"{name} {number} {TEXT}", key=f"k{number}", ack="accepted")
            await anna.send(name, f"{name} last {TEXT}", key="last")
    assert hub.stop() == 0


async def test_a_damaged_page_costs_one_room(hub):
    await fill(hub, ["ticket:good", "ticket:bad", "ticket:end"])
    mend = spoil(hub.database, page_with(hub.database, leaves(hub.database, "events"), b"ticket:bad 99"))
    checked = run("doctor", "--data", str(hub.data))
    assert checked.returncode == 1 and "restore" in checked.stdout + checked.stderr, checked.stdout
    hub.start(hub.port)
    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        assert (await anna.error("sub", room="ticket:bad"))["code"] == "unavailable"
        assert (await anna.error("send", room="ticket:bad", kind="message", data=1))["code"] == "unavailable"
        good = await anna.sub("ticket:good")
        assert (good["head"], len(good["events"])) == (101, 50)
        assert (await anna.send("ticket:good", "goes on"))["offset"] == 102
        assert (await anna.send("ticket:new", "goes on"))["offset"] == 1
        assert "doctor" in until_ready(hub, 503)
        assert metric(hub, "apus_store_rooms_unreadable") == 1
        assert metric(hub, "apus_store_ready") == 1, "all other rooms take sends"
        mend()
        until_ready(hub, 200)
        assert metric(hub, "apus_store_rooms_unreadable") == 0
        assert (await anna.sub("ticket:bad"))["head"] == 101


async def break_page(hub, anna):
    """Damages the page that the next commit of `ticket:bad` must touch, then sends there and elsewhere at once. What
    mends it, and the reply that waits."""
    # In memory before the damage, both: the beginning of `ticket:end` lies on that page, too.
    for room in ("ticket:bad", "ticket:end"):
        assert (await anna.sub(room))["head"] == 101
    page = page_with(hub.database, leaves(hub.database, "events"), b"ticket:bad last", b"ticket:end 0 ")
    mend = spoil(hub.database, page)
    rooms = ["ticket:good", "ticket:bad", "ticket:end", "ticket:new"]
    said = [("send", {"room": name, "kind": "message", "data": name, "key": "at once"}) for name in rooms]
    good, promised, end, new = await anna.post_all(said)
    replies = await every([good, end, new])
    assert [reply["ok"]["offset"] for reply in replies] == [102, 102, 1]
    assert "doctor" in until_ready(hub, 503)
    assert not promised.done(), "once an offset is given the reply is never an error: it waits"
    return mend, promised


async def test_a_damaged_page_under_a_commit_costs_one_room_until_it_is_mended(hub):
    await fill(hub, ["ticket:good", "ticket:bad", "ticket:end"])
    hub.start(hub.port)
    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        mend, promised = await break_page(hub, anna)
        assert metric(hub, "apus_store_rooms_unwritable") == 1
        assert metric(hub, "apus_store_lag_events") == 1
        assert metric(hub, "apus_store_ready") == 1
        assert (await anna.error("send", room="ticket:bad", kind="message", data=1))["code"] == "unavailable"
        assert (await anna.send("ticket:bad", "again", key="last"))["duplicate"] is True
        assert (await anna.history("ticket:bad", limit=1))["events"][0]["data"] == "ticket:bad"
        for number in range(20):
            assert (await anna.send("ticket:good", "goes on"))["offset"] == 103 + number
        mend()
        assert (await promised)["ok"]["offset"] == 102
        until_ready(hub, 200)
        assert metric(hub, "apus_store_lag_events") == 0
        assert (await anna.send("ticket:bad", "after"))["offset"] == 103
    assert hub.stop() == 0
    checked = run("doctor", "--data", str(hub.data))
    assert checked.returncode == 0, checked.stdout


async def test_a_death_with_a_room_set_aside_loses_only_what_was_never_durable(hub):
    await fill(hub, ["ticket:good", "ticket:bad", "ticket:end"])
    hub.start(hub.port)
    token = hub.token("anna", "operator")
    async with await Client.open(hub, token) as anna:
        epoch = (await anna.sub("ticket:bad"))["epoch"]
        mend, _ = await break_page(hub, anna)
        hub.kill()
    mend()
    hub.start(hub.port)
    async with await Client.open(hub, token) as anna:
        back = await anna.sub("ticket:bad", since=102, epoch=epoch)
        assert (back["recovered"], back["truncated_to"]) == (True, 101)
        assert (await anna.send("ticket:bad", "ticket:bad", key="at once"))["offset"] == 102
        again = await anna.send("ticket:good", "ticket:good", key="at once")
        assert (again["offset"], again["duplicate"]) == (102, True)


async def test_a_stop_with_a_room_set_aside_says_what_is_lost(hub):
    hub.settings |= {"APUS_DRAIN_DEADLINE_MS": 0}
    await fill(hub, ["ticket:good", "ticket:bad", "ticket:end"])
    hub.start(hub.port)
    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        await break_page(hub, anna)
        assert hub.stop() == 1
    assert "1 accepted writes did not reach the disk" in hub.errors()


async def test_what_lies_on_other_pages_of_a_damaged_room_can_be_read(hub):
    await fill(hub, ["ticket:good", "ticket:bad", "ticket:end"])
    spoil(hub.database, page_with(hub.database, leaves(hub.database, "events"), b"ticket:bad 3 "))
    hub.settings |= {"APUS_RING_EVENTS": 20}
    hub.start(hub.port)
    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        assert (await anna.sub("ticket:bad"))["head"] == 101
        assert (await anna.error("history", room="ticket:bad", after=0))["code"] == "unavailable"
        assert (await anna.history("ticket:bad"))["events"][-1]["offset"] == 101
        assert (await anna.send("ticket:bad", "goes on"))["offset"] == 102


def rubbish_behind(log):
    with open(log, "ab") as file:
        file.write(random.Random(0).randbytes(5000))


def torn_at_the_end(log):
    os.truncate(log, log.stat().st_size - 100)


def a_sector_spoilt_in_the_middle(log):
    with open(log, "r+b") as file:
        file.seek(log.stat().st_size // 2 // 512 * 512)
        file.write(random.Random(0).randbytes(512))


def cut_in_half(log):
    os.truncate(log, log.stat().st_size // 2)


@pytest.mark.parametrize("spoil_log", [rubbish_behind, torn_at_the_end, a_sector_spoilt_in_the_middle, cut_in_half])
async def test_a_torn_log_is_read_up_to_the_tear(hub, spoil_log):
    hub.start()
    token = hub.token("anna", "operator")
    async with await Client.open(hub, token) as anna:
        held = await anna.sub("ticket:1")
        for number in range(1, 41):
            await anna.send("ticket:1", number, key=str(number))
        hub.kill()
    spoil_log(hub.database.with_name("apus.sqlite-wal"))
    hub.start(hub.port)
    async with await Client.open(hub, token) as anna:
        back = await anna.sub("ticket:1", since=40, epoch=held["epoch"])
        head = back["head"]
        assert head == 40 if spoil_log is rubbish_behind else 0 < head < 40
        assert back["recovered"] and back.get("truncated_to", 40) == head and back["events"] == []
        # The outbox brings back what was lost, and only that.
        for number in range(1, 41):
            sent = await anna.send("ticket:1", number, key=str(number))
            assert (sent["offset"], sent.get("duplicate", False)) == (number, number <= head)
        kept = (await anna.history("ticket:1", after=0, limit=500))["events"]
        assert [event["data"] for event in kept] == list(range(1, 41))
    assert hub.stop() == 0
    assert run("doctor", "--data", str(hub.data)).returncode == 0


def spoil_beginning(log, count):
    with open(log, "r+b") as file:
        file.write(random.Random(0).randbytes(count))


@pytest.mark.parametrize("count", [4, 32, 512, 4096])
async def test_a_log_whose_beginning_is_damaged_is_not_taken_for_an_empty_one(hub, count):
    hub.start()
    token = hub.token("anna", "operator")
    async with await Client.open(hub, token) as anna:
        held = await anna.sub("ticket:1")
        for number in range(1, 11):
            await anna.send("ticket:1", number, key=str(number))
        hub.kill()
    log = hub.database.with_name("apus.sqlite-wal")
    spoil_beginning(log, count)
    for command in (["serve", "--port", "0"], ["backup", str(hub.data / "copy")], ["doctor"]):
        refused = run(*command, "--data", str(hub.data))
        said = refused.stdout + refused.stderr
        assert refused.returncode == 1 and "commits that the database does not have" in said, said
    assert not (hub.data / "copy").exists()
    # Who goes on without them says so, and clients are told.
    log.unlink()
    hub.start(hub.port)
    async with await Client.open(hub, token) as anna:
        back = await anna.sub("ticket:1", since=10, epoch=held["epoch"])
        assert back["head"] == 0 and not (back["recovered"] and "truncated_to" not in back)


@pytest.mark.parametrize("count", [4, 32, 512])
async def test_a_log_that_the_database_has_whole_may_have_any_beginning(hub, count):
    hub.start()
    token = hub.token("anna", "operator")
    async with await Client.open(hub, token) as anna:
        for number in range(40):
            await anna.send("ticket:1", "x" * 60_000, ack="accepted")
        held = await anna.sub("ticket:1", limit=0)
        await anna.send("ticket:1", "last")
        while metric(hub, "apus_store_database_bytes") < 40 * 60_000:
            await anna.call("ping")
        hub.kill()
    spoil_beginning(hub.database.with_name("apus.sqlite-wal"), count)
    hub.start(hub.port)
    async with await Client.open(hub, token) as anna:
        back = await anna.sub("ticket:1", since=41, epoch=held["epoch"])
        assert (back["recovered"], back["head"], back.get("truncated_to")) == (True, 41, None)
