"""The first command: hello, what follows it, and how a connection without it ends."""

import asyncio
import json
import time

import jwt
import pytest

from client import Client, Refused, every
from raw import RawSocket


async def test_hello_answers_with_everything_the_contract_names(hub):
    token = hub.token("anna", "operator", "developer", name="Анна")
    before = time.time() * 1000
    async with await Client.open(hub, token, client="tests/1") as anna:
        welcome = anna.welcome
    assert welcome["user"] == "anna"
    assert sorted(welcome["roles"]) == ["developer", "operator"]
    assert isinstance(welcome["session"], str) and welcome["session"]
    assert before - 1000 <= welcome["now"] <= time.time() * 1000 + 1000
    assert welcome["ping"] == 25_000
    assert abs(welcome["expires"] - (welcome["now"] + 3_600_000)) < 60_000
    assert welcome["limits"] == {
        "frame": 262_144, "data": 65_536, "rooms": 200, "key": 64, "history": 500, "stream": 1_048_576,
    }  # fmt: skip
    assert welcome["rooms"] == {}


async def test_hello_joins_rooms_and_answers_each_alone(hub, room):
    async with await Client.open(hub, hub.token("olga", "operator")) as olga:
        await olga.send(room, 1)
        await olga.send(room, 2)
    token = hub.token("anna", "user", rooms=[room])
    rooms = {room: {"limit": 1}, "queue:support": {}, "no room": {}, f"{room}-2": {}}
    async with await Client.open(hub, token, rooms=rooms, malformed=True) as anna:
        answers = anna.welcome["rooms"]
        assert set(answers) == set(rooms)
        joined = answers[room]["ok"]
        assert joined["head"] == 2 and [event["data"] for event in joined["events"]] == [2] and joined["more"]
        assert answers["queue:support"]["error"]["code"] == "forbidden"
        assert answers["no room"]["error"]["code"] == "bad_request"
        assert answers[f"{room}-2"]["error"]["code"] == "forbidden"
        await anna.send(room, 3)
        assert (await anna.events(room, 3))[0]["offset"] == 3


async def test_commands_behind_hello_wait_for_it(hub, room):
    client = await Client.open(hub)
    async with client:
        replies = await client.post_all(
            [
                ("hello", {"token": hub.token("anna", "operator")}),
                ("sub", {"room": room}),
                ("send", {"room": room, "kind": "message", "data": "first"}),
                ("ping", {}),
            ]
        )
        hello, sub, send, ping = await every(replies)
        assert hello["ok"]["user"] == "anna"
        assert sub["ok"]["head"] == 0
        assert send["ok"]["offset"] == 1
        assert room in ping["ok"]["heads"]


async def test_a_command_before_hello_is_unauthorized(hub, room):
    async with await Client.open(hub) as client:
        assert (await client.error("sub", room=room))["code"] == "unauthorized"


async def test_a_connection_without_hello_is_closed_with_4401(start_hub):
    hub = start_hub(settings={"APUS_LIMITS_HELLO_MS": 300})
    async with await Client.open(hub) as silent, await Client.open(hub) as eager:
        assert (await eager.error("ping"))["code"] == "unauthorized"
        assert (await silent.closed())[0] == 4401
        assert (await eager.closed())[0] == 4401


async def test_a_connection_with_hello_outlives_the_deadline(start_hub):
    hub = start_hub(settings={"APUS_LIMITS_HELLO_MS": 300})
    async with await Client.open(hub, hub.token("anna", "operator")) as anna, await Client.open(hub) as silent:
        assert (await silent.closed())[0] == 4401
        await anna.call("ping")


def hostile_tokens(hub):
    claims = {"sub": "eve", "exp": int(time.time()) + 3600, "roles": ["admin"]}
    none = jwt.encode(claims, None, algorithm="none")
    body = hub.token("eve", "user").split(".")
    forged = hub.token("eve", "admin").split(".")
    return {
        "no JWT": "let me in",
        "alg none": none,
        "another key": hub.sign(claims, key=b"x" * 32),
        "another algorithm": hub.sign(claims, key=hub.key * 2, algorithm="HS512"),
        "payload of one, signature of another": ".".join([body[0], forged[1], body[2]]),
        "no signature": ".".join(body[:2]) + ".",
        "expired": hub.sign(claims | {"exp": int(time.time()) - 10}),
        "no exp": hub.sign(claims | {"exp": None}),
        "no sub": hub.sign(claims | {"sub": None}),
        "not yet": hub.sign(claims | {"nbf": int(time.time()) + 3600}),
        "unknown kid": hub.sign(claims, headers={"kid": "../../etc/passwd"}),
        "roles is a text": hub.sign(claims | {"roles": "admin"}),
    }


async def test_hostile_tokens_get_an_error_and_4401(hub):
    for name, token in hostile_tokens(hub).items():
        async with await Client.open(hub) as client:
            error = await client.error("hello", token=token)
            assert error["code"] in ("unauthorized", "bad_request"), name
            assert not token or token not in error["message"], name
            assert (await client.closed())[0] == 4401, name


async def test_hello_without_a_credential_is_refused_with_4401(start_hub):
    hub = start_hub(settings={"APUS_LIMITS_HELLO_MS": 300})
    for fields in ({}, {"token": 7}, {"token": None}, {"token": ""}, {"telegram": "x"}):
        async with await Client.open(hub) as client:
            await client.error("hello", malformed=True, **fields)
            assert (await client.closed())[0] == 4401, fields


async def test_nothing_of_a_refused_connection_takes_effect(hub, room):
    async with await Client.open(hub) as eve:
        await eve.post_all(
            [("hello", {"token": "x"}), ("send", {"room": room, "kind": "message", "data": 1})],
        )
        assert (await eve.closed())[0] == 4401
    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        assert (await anna.sub(room))["head"] == 0


async def test_a_second_hello_is_a_bad_request(hub):
    token = hub.token("anna", "operator")
    async with await Client.open(hub, token) as anna:
        assert (await anna.error("hello", token=token))["code"] == "bad_request"
        await anna.call("ping")


async def test_auth_renews_for_the_same_user_only(hub, room):
    async with await Client.open(hub, hub.token("anna", "user", rooms=[room], ttl=100)) as anna:
        renewed = await anna.call("auth", token=hub.token("anna", "user", rooms=[room], ttl=5000))
        assert renewed["expires"] > anna.welcome["expires"]
        assert renewed["roles"] == ["user"]
        assert (await anna.error("auth", token=hub.token("boris", "admin")))["code"] == "forbidden"
        assert (await anna.error("auth", token="x"))["code"] == "unauthorized"
        assert (await anna.error("auth", malformed=True))["code"] == "bad_request"
        await anna.sub(room)


async def test_auth_of_another_tenant_is_forbidden(hub):
    async with await Client.open(hub, hub.token("anna", "user", tenant="t1")) as anna:
        assert (await anna.error("auth", token=hub.token("anna", "user", tenant="t2")))["code"] == "forbidden"


async def test_new_rights_count_from_auth_on(hub, room):
    async with await Client.open(hub, hub.token("anna", "user", rooms=[])) as anna:
        assert (await anna.error("sub", room=room))["code"] == "forbidden"
        await anna.call("auth", token=hub.token("anna", "user", rooms=[room]))
        await anna.sub(room)


async def test_losing_a_right_by_auth_takes_the_person_out_of_the_room(hub, room):
    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        await anna.sub(room)
        await anna.call("auth", token=hub.token("anna", "user", rooms=[]))
        gone = await anna.push(room=room)
        assert gone["gone"]["code"] == "forbidden"
        async with await Client.open(hub, hub.token("olga", "operator")) as olga:
            await olga.send(room, "not for anna")
        assert (await anna.error("send", room=room, kind="message", data=1))["code"] == "forbidden"
        assert not anna.kept(room)


async def test_an_ending_token_is_announced_and_then_closes_with_4401(hub):
    async with await Client.open(hub, hub.token("anna", "operator", ttl=2)) as anna:
        notice = await anna.push(lambda push: "expiring" in push)
        assert 0 <= notice["expiring"]["in"] <= 60_000
        assert (await anna.closed())[0] == 4401


async def test_a_renewed_token_outlives_its_first_end(hub):
    token = hub.token("boris", "operator", ttl=2)
    async with (
        await Client.open(hub, hub.token("anna", "operator", ttl=2)) as anna,
        await Client.open(hub, token) as boris,
    ):
        await anna.push(lambda push: "expiring" in push)
        await anna.call("auth", token=hub.token("anna", "operator", ttl=3600))
        # Both tokens end in the same second: once the one that was not renewed is closed, the other's end has passed.
        assert (await boris.closed())[0] == 4401
        await anna.call("ping")


async def test_a_session_taken_over_keeps_the_person_present(hub, room):
    async with await Client.open(hub, hub.token("olga", "operator")) as olga:
        await olga.sub(room, presence=True)
        first = await Client.open(hub, hub.token("anna", "operator"))
        await first.sub(room)
        join = await olga.push(lambda push: any(p["user"] == "anna" for p in push.get("join", [])), room=room)
        assert join["kind"] == "presence"
        second = await Client.open(hub, hub.token("anna", "operator"), session=first.welcome["session"])
        async with second:
            assert (await first.closed())[0] == 4409
            assert second.welcome["session"] == first.welcome["session"]
            await second.sub(room)
            await second.send(room, "still here")
            await olga.events(room, 1)
            changes = [push for push in olga.log if push.get("kind") == "presence" and "anna" in json.dumps(push)]
            assert changes == [join]
        await first.leave()


async def test_a_session_of_another_person_is_not_taken_over(hub):
    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        try:
            async with await Client.open(
                hub, hub.token("boris", "operator"), session=anna.welcome["session"]
            ) as boris:
                assert boris.welcome["session"] != anna.welcome["session"]
        except Refused:
            pass
        await anna.call("ping")


async def test_an_unknown_session_is_no_error(hub):
    async with await Client.open(hub, hub.token("anna", "operator"), session="from-before-the-restart") as anna:
        assert anna.welcome["session"]


def test_tokens_may_not_stand_in_the_address(hub):
    with RawSocket(hub) as peer:
        peer.upgrade(path=f"/ws?token={hub.token('anna', 'operator')}")
        assert peer.reply(peer.command("ping"))["error"]["code"] == "unauthorized"


@pytest.mark.parametrize("count", [50])
async def test_many_sign_in_at_once(hub, count):
    tokens = [hub.token(f"person{number}", "user") for number in range(count)]
    clients = await asyncio.gather(*(Client.open(hub, token) for token in tokens))
    assert [client.welcome["user"] for client in clients] == [f"person{number}" for number in range(count)]
    assert len({client.welcome["session"] for client in clients}) == count
    for client in clients:
        await client.leave()
