"""People and rights: who may do what with which room."""

import pytest

from api import events_path, request
from client import Client

ALL = {"read", "send", "signal"}
READ = {"read"}
NONE = set()

# Who (roles, patterns of the token's `rooms`), then what they may do in each room.
TABLE = {
    "user without rooms": (["user"], [], {}),
    "user with ticket:*": (["user"], ["ticket:*"], {"ticket": ALL}),
    "user with one ticket": (["user"], ["ticket:42"], {"ticket": ALL}),
    "user with everything named": (["user"], ["*"], {"ticket": ALL, "job": ALL, "map": ALL}),
    "helper with ticket:*": (["helper"], ["ticket:*"], {"ticket": ALL, "notes": ALL}),
    "helper without rooms": (["helper"], [], {}),
    "operator": (["operator"], [], {"ticket": ALL, "notes": ALL, "queue": ALL, "job": ALL, "map": ALL}),
    "moderator": (["moderator"], [], {"ticket": ALL, "notes": ALL, "queue": ALL, "job": ALL, "map": ALL}),
    "admin": (["admin"], [], {"ticket": ALL, "notes": ALL, "queue": ALL, "job": ALL, "map": ALL}),
    "viewer with ticket:*": (["viewer"], ["ticket:*"], {"ticket": READ}),
    "user and operator": (["user", "operator"], [], {"ticket": ALL, "notes": ALL, "queue": ALL, "job": ALL, "map": ALL}),
    "an unknown role": (["king"], ["ticket:*"], {}),
}
ROOMS = {"ticket": "ticket:42", "notes": "ticket:42/notes", "queue": "queue:support", "job": "job:j7", "map": "map:m3"}


@pytest.mark.parametrize("who", TABLE)
async def test_the_table(hub, who):
    roles, patterns, rights = TABLE[who]
    async with await Client.open(hub, hub.token("someone", *roles, rooms=patterns)) as client:
        for name, room in ROOMS.items():
            allowed = rights.get(name, NONE)
            for action, command, fields in [
                ("read", "sub", {"limit": 0}),
                ("read", "history", {"limit": 0}),
                ("read", "presence", {}),
                ("send", "send", {"kind": "message", "data": 1}),
                ("signal", "signal", {"kind": "typing"}),
            ]:
                reply = await client.reply(command, room=room, **fields)
                if action in allowed:
                    assert "ok" in reply, (name, command, reply)
                else:
                    assert reply["error"]["code"] == "forbidden", (name, command, reply)
                    assert reply["error"]["field"] == "room", (name, command, reply)


@pytest.mark.parametrize("roles", [["user"], ["helper"], ["viewer"], ["worker"], ["developer"], ["operator"]], ids=str)
async def test_everyone_has_their_own_notifications(hub, roles):
    async with await Client.open(hub, hub.token("u7", *roles)) as client:
        await client.sub("user:u7", limit=0)


@pytest.mark.parametrize("roles", [["user"], ["helper"], ["viewer"], ["worker"]], ids=str)
async def test_nobody_has_anothers_notifications(hub, roles):
    async with await Client.open(hub, hub.token("u7", *roles, rooms=["user:*"])) as client:
        for command, fields in [("sub", {}), ("history", {}), ("send", {"kind": "message", "data": 1})]:
            assert (await client.error(command, room="user:u8", **fields))["code"] == "forbidden"


async def test_a_pattern_is_a_beginning_only_with_a_star(hub):
    token = hub.token("anna", "user", rooms=["ticket:42", "map:m*"])
    async with await Client.open(hub, token) as anna:
        for room in ("ticket:42", "map:m", "map:m3"):
            await anna.sub(room, limit=0)
        for room in ("ticket:421", "ticket:4", "map:n3"):
            assert (await anna.error("sub", room=room))["code"] == "forbidden"


async def test_a_worker_works_in_job_rooms(hub):
    async with await Client.open(hub, hub.token("bot", "worker")) as bot:
        await bot.sub("job:j7", limit=0)
        for room in ("queue:support", "ticket:42/notes"):
            assert (await bot.error("sub", room=room))["code"] == "forbidden"


async def test_a_tenant_never_sees_anothers_rooms(hub, room):
    async with (
        await Client.open(hub, hub.token("anna", "admin", tenant="t1")) as one,
        await Client.open(hub, hub.token("boris", "admin", tenant="t2")) as two,
    ):
        await one.sub(room)
        assert (await two.sub(room))["head"] == 0
        assert (await two.send(room, "of t2"))["offset"] == 1
        assert (await one.send(room, "of t1"))["offset"] == 1
        await two.call("signal", room=room, kind="typing")
        await one.call("signal", room=room, kind="cursor")
        await one.push(room=room, kind="cursor")
        await one.events(room, 1)
        assert [event["data"] for event in one.kept(room)] == ["of t1"]
        assert not any(push.get("by") == "boris" for push in one.log)
        assert [event["data"] for event in (await two.history(room))["events"]] == ["of t2"]


async def test_no_tenant_means_the_default_one(hub, room):
    async with (
        await Client.open(hub, hub.token("anna", "admin")) as one,
        await Client.open(hub, hub.token("boris", "admin", tenant="default")) as two,
    ):
        await one.send(room, 1)
        assert (await two.sub(room))["head"] == 1


async def test_http_has_the_same_rights(hub, room):
    cases = [
        (hub.token("anna", "user", rooms=[room]), 201, 200),
        (hub.token("boris", "user", rooms=[]), 403, 403),
        (hub.token("vera", "viewer", rooms=[room]), 403, 200),
        (hub.token("olga", "operator"), 201, 200),
    ]
    for token, posted, read in cases:
        body = {"kind": "message", "data": 1}
        assert request(hub, "POST", events_path(room), body, token=token).status == posted
        assert request(hub, "GET", events_path(room), token=token).status == read
