"""`apus backup`: copies of a hub that runs, rests or has died; what clients see once a copy is restored."""

import asyncio
import errno
import shutil
import signal
import sqlite3
import subprocess

import pytest

from client import Client
from hub import BINARY, PATIENCE, Hub, environment, run
from signs import metric


@pytest.fixture
def shelf(tmp_path):
    """Where copies go: a folder that must never hold anything but them."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    return folder


def backup(hub, copy, *flags, **settings):
    return run("backup", str(copy), "--data", str(hub.data), *flags, **settings)


def copied(done, shelf, *names):
    """Checks that a backup succeeded and left these files; the heads it listed."""
    assert done.returncode == 0, done.stderr
    assert {path.name for path in shelf.iterdir()} == set(names)
    first, *heads = done.stdout.splitlines()
    assert first.endswith("sound"), first
    return {room: int(head) for _, room, head in (line.split() for line in heads)}


def refused(done, status, shelf, *words):
    """Checks that a backup was refused with a sentence and left nothing."""
    assert done.returncode == status, (done.returncode, done.stderr)
    for word in words:
        assert word in done.stderr, done.stderr
    assert list(shelf.iterdir()) == []


def restore(hub, copy):
    """What docs/durability.md says: the hub has ended, its log goes, the copy takes the database's place."""
    for name in ("apus.sqlite-wal", "apus.sqlite-shm"):
        (hub.data / name).unlink(missing_ok=True)
    shutil.copyfile(copy, hub.database)
    checked = run("doctor", "--data", str(hub.data))
    assert checked.returncode == 0, checked.stdout


async def test_a_copy_under_sends_is_a_moment_of_the_hub(hub, shelf):
    hub.start()
    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        for number in range(1, 21):
            await anna.send("ticket:1", number, key=str(number))
        making = asyncio.create_task(asyncio.to_thread(backup, hub, shelf / "copy", "--heads"))
        sent = 20
        while not making.done() or sent < 40:
            sent = (await anna.send("ticket:1", sent + 1, key=str(sent + 1)))["offset"]
        heads = copied(await making, shelf, "copy")
        assert 20 <= heads["ticket:1"] <= sent
        assert metric(hub, "apus_store_checkpoint_failures_total") == 0
    second = Hub(hub.data.parent / "second", flags=(), reactor=hub.reactor, reactors=hub.reactors)
    second.data.mkdir()
    restore(second, shelf / "copy")
    second.start()
    async with await Client.open(second, second.token("anna", "operator")) as anna:
        kept = (await anna.history("ticket:1", after=0, limit=500))["events"]
        assert [event["data"] for event in kept] == list(range(1, heads["ticket:1"] + 1))
    assert second.stop() == 0


async def test_a_hub_that_rests_or_has_died_is_copied_too(hub, shelf):
    hub.start()
    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        await anna.send("ticket:1", 1)
        hub.stop()
    assert copied(backup(hub, shelf / "resting", "--heads"), shelf, "resting") == {"ticket:1": 1}
    hub.start(hub.port)
    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        await anna.send("ticket:1", 2)
        hub.kill()
    assert copied(backup(hub, shelf / "dead", "--heads"), shelf, "resting", "dead") == {"ticket:1": 2}
    hub.start(hub.port)
    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        assert (await anna.sub("ticket:1"))["head"] == 2


async def test_clients_recognise_a_copy_that_was_restored(hub, shelf):
    hub.start()
    token = hub.token("anna", "operator")
    async with await Client.open(hub, token) as anna:
        before = await anna.sub("ticket:1")
        for number in range(1, 11):
            await anna.send("ticket:1", number, key=str(number))
        copied(backup(hub, shelf / "copy"), shelf, "copy")
        for number in range(11, 16):
            await anna.send("ticket:1", number, key=str(number))
    hub.restart()
    async with await Client.open(hub, token) as anna:
        later = await anna.sub("ticket:1")
        await anna.send("ticket:1", 16, key="16")
    assert hub.stop() == 0
    restore(hub, shelf / "copy")
    hub.start(hub.port)
    async with await Client.open(hub, token) as anna:
        # The copy knows this start: what came after the copy did not survive.
        back = await anna.sub("ticket:1", since=15, epoch=before["epoch"])
        assert (back["recovered"], back["truncated_to"], back["head"], back["events"]) == (True, 10, 10, [])
        back = await anna.sub("ticket:1", since=8, epoch=before["epoch"])
        assert (back["recovered"], "truncated_to" in back) == (True, False)
        assert [event["offset"] for event in back["events"]] == [9, 10]
        # It does not know this one, so nobody can say what of it is true.
        back = await anna.sub("ticket:1", since=16, epoch=later["epoch"])
        assert (back["recovered"], back["head"]) == (False, 10)
        assert [event["data"] for event in back["events"]] == list(range(1, 11))
        # An outbox sends again what the copy does not have, and only that counts as new.
        for number in (10, 11):
            again = await anna.send("ticket:1", number, key=str(number))
            assert (again["offset"], again.get("duplicate", False)) == (number, number == 10)


async def test_a_copy_replaces_nothing(hub, shelf):
    hub.start()
    copied(backup(hub, shelf / "copy"), shelf, "copy")
    before = (shelf / "copy").read_bytes()
    again = backup(hub, shelf / "copy")
    assert again.returncode == 2 and "exists" in again.stderr
    assert (shelf / "copy").read_bytes() == before
    assert [path.name for path in shelf.iterdir()] == ["copy"]


@pytest.mark.parametrize(
    ("fault", "said"),
    [({"is_full": 1}, "disk is full"), ({"write_error": errno.EIO}, "copy cannot be made"), ({"sync_error": errno.EIO}, "copy cannot be made")],
    ids=["full", "writes fail", "syncs fail"],
)
async def test_a_copy_that_cannot_be_written_leaves_nothing(hub, disk, shelf, fault, said):
    hub.settings.clear()
    hub.start()
    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        await anna.send("ticket:1", "x" * 20_000)
        disk.fail(**fault)
        refused(backup(hub, shelf / "copy", **disk.settings(shelf, ".copy")), 1, shelf, said)
        assert (await anna.send("ticket:1", "goes on"))["offset"] == 2


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
async def test_a_copy_that_is_told_to_end_leaves_nothing(hub, disk, shelf, how):
    hub.settings.clear()
    hub.start()
    disk.fail(sync_delay=10_000)
    making = subprocess.Popen(
        [BINARY, "backup", str(shelf / "copy"), "--data", str(hub.data)],
        env=environment(**disk.settings(shelf, ".copy")),
    )
    while not any(path.stat().st_size for path in shelf.iterdir()):
        assert making.poll() is None
    making.send_signal(how)
    assert making.wait(timeout=PATIENCE) == 128 + how
    assert list(shelf.iterdir()) == []


def test_a_copy_needs_a_database_and_right_flags(hub, shelf):
    refused(backup(hub, shelf / "copy"), 1, shelf, "no database")
    refused(backup(hub, shelf / "copy", "--wal-limit", "0"), 2, shelf, "--wal-limit")


async def test_a_reader_that_holds_its_snapshot_lets_the_log_grow_only_meanwhile(hub, shelf):
    hub.start()

    async def fill(anna, count):
        for _ in range(count):
            await anna.send("ticket:1", "x" * 60_000, ack="accepted")
        await anna.send("ticket:1", "last")

    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        await anna.send("ticket:1", "first")
        reader = sqlite3.connect(f"file:{hub.database}?mode=ro", uri=True, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM events").fetchone()
        await fill(anna, 300)
        held = metric(hub, "apus_store_wal_bytes")
        assert held > 300 * 60_000
        refused(backup(hub, shelf / "copy", "--wal-limit", "1"), 1, shelf, "--wal-limit")
        reader.close()
        while metric(hub, "apus_store_database_bytes") < 300 * 60_000:
            await anna.call("ping")
        # All of it is in the database: the log begins again at its beginning.
        await fill(anna, 200)
        assert metric(hub, "apus_store_wal_bytes") == held
