"""The disk falls behind or refuses: what is promised is kept, and who asks is told."""

import sqlite3

from api import events_path, problem, request
from client import Client


async def test_a_store_too_far_behind_says_busy_and_recovers(start_hub, room):
    hub = start_hub(settings={"APUS_STORE_LAG_MS": 100})
    token = hub.token("anna", "operator")
    lock = sqlite3.connect(hub.database, isolation_level=None, timeout=30)
    async with await Client.open(hub, token) as anna:
        await anna.sub(room)
        await anna.send(room, "before")
        lock.execute("BEGIN IMMEDIATE")
        promised = await anna.post("send", room=room, kind="message", data="promised")
        await anna.events(room, 2)
        accepted = 2
        while True:
            reply = await anna.reply("send", room=room, kind="message", data="more", ack="accepted")
            if "error" in reply:
                break
            accepted = reply["ok"]["offset"]
        assert reply["error"]["code"] in ("busy", "unavailable")
        if reply["error"]["code"] == "busy":
            assert reply["error"]["retry_after"] > 0
        assert not promised.done(), "once an offset is given the reply is never an error: it waits"
        assert request(hub, "GET", "/readyz").status == 503
        assert request(hub, "GET", "/healthz").status == 200
        refusal = request(hub, "POST", events_path(room), {"kind": "message", "data": 1}, token=token)
        problem(refusal, 503)
        assert refusal.headers["Retry-After"] or reply["error"]["code"] == "unavailable"
        await anna.call("signal", room=room, kind="typing")
        await anna.push(room=room, kind="typing")
        assert (await anna.history(room))["events"][-1]["offset"] == accepted, "reads go on"
        lock.execute("ROLLBACK")
        assert (await promised)["ok"]["offset"] == 2
        while "error" in await anna.reply("send", room=room, kind="message", data="after"):
            pass
        while request(hub, "GET", "/readyz").status != 200:
            pass
    lock.close()
    hub.restart()
    async with await Client.open(hub, token) as anna:
        assert (await anna.sub(room))["head"] == accepted + 1


async def test_a_stop_writes_what_was_only_accepted(start_hub, room):
    hub = start_hub(settings={"APUS_STORE_COMMIT_INTERVAL_MS": 1000})
    token = hub.token("anna", "operator")
    async with await Client.open(hub, token) as anna:
        for number in range(300):
            await anna.send(room, number, ack="accepted")
    assert hub.stop() == 0
    hub.start()
    async with await Client.open(hub, token) as anna:
        assert (await anna.sub(room))["head"] == 300


async def test_retention_is_the_operators_setting(start_hub):
    hub = start_hub(settings={"APUS_RETENTION_LOG_EVENTS": 10})
    token = hub.token("anna", "operator")
    async with await Client.open(hub, token) as anna:
        for kind in ("log", "ticket"):
            for number in range(30):
                await anna.send(f"{kind}:r", number)
    hub.restart()
    async with await Client.open(hub, token) as anna:
        assert (await anna.history("ticket:r", after=0))["events"][0]["offset"] == 1
        assert (await anna.history("log:r"))["events"][-1]["offset"] == 30
        assert (await anna.send("log:r", "next"))["offset"] == 31
