"""A disk that stops writing for a while: what was accepted waits, what is new is refused, all else goes on, and the
hub recovers without a restart."""

import errno
import json
import sqlite3

import pytest

from api import events_path, problem, request
from client import Client
from hub import run
from signs import metric, until_ready

FAULTS = {
    "the disk is full": {"is_full": 1},
    "writes find no space": {"write_error": errno.ENOSPC},
    "the disk is read-only": {"write_error": errno.EROFS},
    "writes fail": {"write_error": errno.EIO},
    "syncs fail": {"sync_error": errno.EIO},
}


@pytest.fixture(params=FAULTS.values(), ids=FAULTS)
def fault(request):
    return request.param


async def break_down(hub, disk, fault, client, room):
    """Lets the disk fail under a durable send; comes back once the hub has noticed, with the future of its reply."""
    disk.fail(**fault)
    promised = await client.post("send", room=room, kind="message", data="promised", key="promised")
    assert "write" in until_ready(hub, 503)
    assert disk.failed > 0
    assert not promised.done(), "once an offset is given the reply is never an error: it waits"
    return promised


async def test_what_must_be_kept_is_refused_and_the_rest_goes_on(hub, disk, fault, room):
    hub.start()
    token = hub.token("anna", "operator")
    async with await Client.open(hub, token) as anna, await Client.open(hub, hub.token("boris", "operator")) as boris:
        await anna.sub(room, durable=True, presence=True)
        await anna.send(room, "before", key="before")
        promised = await break_down(hub, disk, fault, anna, room)
        assert (await anna.error("send", room=room, kind="message", data=1))["code"] == "unavailable"
        assert (await anna.error("send", room=room, kind="message", data=1, ack="accepted"))["code"] == "unavailable"
        assert (await anna.error("read", room=room, upto=1))["code"] == "unavailable"
        refusal = request(hub, "POST", events_path(room), {"kind": "message", "data": 1}, token=token)
        assert problem(refusal, 503)
        # A key that is known is answered all the same.
        assert (await anna.send(room, "again", key="before"))["duplicate"] is True

        assert (await boris.sub(room, durable=True))["head"] == 2
        assert (await boris.sub(f"{room}/notes"))["head"] == 0, "a room that was not in memory"
        assert [event["data"] for event in (await boris.history(room))["events"]] == ["before", "promised"]
        await boris.call("signal", room=room, kind="typing")
        await anna.push(room=room, kind="typing", by="boris")

        disk.mend()
        assert (await promised)["ok"]["offset"] == 2
        await boris.push(room=room, durable=2)
        until_ready(hub, 200)
        assert (await anna.send(room, "after"))["offset"] == 3


async def test_health_and_metrics_tell_the_truth(hub, disk, fault, room):
    hub.start()
    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        await anna.send(room, "before")
        assert metric(hub, "apus_store_ready") == 1
        promised = await break_down(hub, disk, fault, anna, room)
        assert request(hub, "GET", "/healthz").status == 200
        assert metric(hub, "apus_store_ready") == 0
        assert metric(hub, "apus_store_lag_events") == 1
        assert metric(hub, "apus_store_lag_seconds") > 0
        assert metric(hub, "apus_store_commit_failures_total") >= 1
        disk.mend()
        await promised
        until_ready(hub, 200)
        assert metric(hub, "apus_store_ready") == 1
        assert metric(hub, "apus_store_lag_events") == 0


async def test_a_death_during_the_outage_loses_only_what_was_never_durable(hub, disk, fault, room):
    hub.start()
    token = hub.token("anna", "operator")
    async with await Client.open(hub, token) as anna:
        held = await anna.sub(room)
        await anna.send(room, "before", key="before")
        await break_down(hub, disk, fault, anna, room)
        await anna.events(room, 2)
        hub.kill()
    disk.mend()
    hub.start(hub.port)
    async with await Client.open(hub, token) as anna:
        back = await anna.sub(room, since=2, epoch=held["epoch"])
        assert back["recovered"]
        # A write that the hub was told had failed may have reached the disk; then it is there, once.
        assert back.get("truncated_to", 2) == back["head"] in (1, 2)
        again = await anna.send(room, "promised", key="promised")
        assert again["offset"] == 2
        assert [event["data"] for event in (await anna.history(room))["events"]] == ["before", "promised"]
    assert hub.stop() == 0
    assert run("doctor", "--data", str(hub.data)).returncode == 0


async def test_a_stop_during_the_outage_says_what_is_lost(hub, disk, room):
    hub.settings |= {"APUS_DRAIN_DEADLINE_MS": 0, "APUS_LOG_FORMAT": "json"}
    hub.start()
    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        await anna.send(room, "before")
        await break_down(hub, disk, {"write_error": errno.ENOSPC}, anna, room)
        hub.stop()
    said = [json.loads(line) for line in hub.errors().splitlines() if '"critical"' in line]
    assert said, hub.errors()


def test_a_start_on_a_disk_that_takes_nothing_is_refused_with_a_sentence(hub, disk):
    disk.fail(write_error=errno.ENOSPC)
    command = ["serve", "--port", "0", "--data", str(hub.data)]
    refused = run(*command, **hub.settings)
    assert refused.returncode == 1
    assert "disk is full" in refused.stderr and "free some space" in refused.stderr, refused.stderr
    disk.mend()
    hub.start()
    assert hub.stop() == 0


async def test_a_slow_disk_holds_up_only_who_waits_for_it(hub, disk, room):
    hub.start()
    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        await anna.sub(room)
        await anna.send(room, "before")
        disk.fail(sync_delay=3000)
        durable = await anna.post("send", room=room, kind="message", data="waits")
        for number in range(50):
            await anna.send(room, number, ack="accepted")
        assert not durable.done()
        assert request(hub, "GET", "/readyz").status == 200
        disk.mend()
        assert (await durable)["ok"]["offset"] == 2
        assert disk.slowed >= 1
        assert (await anna.send(room, "after"))["offset"] == 53


async def test_reads_that_fail_concern_only_rooms_that_are_not_in_memory(hub, disk, room):
    hub.start()
    other = f"{room}-cold"
    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        for number in range(50):
            await anna.send(other, {"number": number, "text": "x" * 1000}, ack="accepted")
        await anna.send(other, "last")
        hub.restart()
    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        await anna.sub(room)
        disk.fail(read_error=errno.EIO)
        assert (await anna.error("sub", room=other))["code"] == "unavailable"
        assert "read" in until_ready(hub, 503)
        assert metric(hub, "apus_store_rooms_unreadable") == 1
        assert (await anna.send(room, "goes on", ack="accepted"))["offset"] == 1
        disk.mend()
        until_ready(hub, 200)
        assert (await anna.sub(other))["head"] == 51
        assert (await anna.send(other, "goes on", ack="durable"))["offset"] == 52


async def test_a_program_that_locks_the_database_is_waited_for(hub, room):
    hub.start()
    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        await anna.sub(room)
        await anna.send(room, "before")
        shell = sqlite3.connect(hub.database, isolation_level=None)
        shell.execute("BEGIN IMMEDIATE")
        promised = await anna.post("send", room=room, kind="message", data="promised")
        assert "write" in until_ready(hub, 503)
        assert (await anna.error("send", room=room, kind="message", data=1))["code"] == "unavailable"
        assert (await anna.sub(f"{room}-cold"))["head"] == 0
        assert not promised.done()
        shell.close()
        assert (await promised)["ok"]["offset"] == 2
        until_ready(hub, 200)
        assert (await anna.send(room, "after"))["offset"] == 3
