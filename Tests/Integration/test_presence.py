"""Presence, signals and read marks: what is not kept as an event."""

import signal

import pytest

from client import Client, every


def people(answer):
    return [person["user"] for person in answer]


def changes(client, room):
    return [push for push in client.log if push.get("room") == room and push.get("kind") == "presence"]


async def test_join_and_leave_reach_those_who_asked(start_hub, room):
    hub = start_hub(settings={"APUS_PRESENCE_LEAVE_DELAY_MS": 50})
    async with (
        await Client.open(hub, hub.token("olga", "operator", name="Ольга")) as olga,
        await Client.open(hub, hub.token("oleg", "operator")) as oleg,
    ):
        answer = await olga.sub(room, presence=True)
        await oleg.sub(room)
        (first,) = [person for person in answer["presence"] if person["user"] == "olga"]
        assert first["name"] == "Ольга" and first["roles"] == ["operator"] and isinstance(first["since"], int)
        anna = await Client.open(hub, hub.token("anna", "user", rooms=[room], name="Анна"))
        await anna.sub(room)
        joined = await olga.push(lambda push: "anna" in people(push.get("join", [])), room=room, kind="presence")
        (person,) = [person for person in joined["join"] if person["user"] == "anna"]
        assert (person["name"], person["roles"]) == ("Анна", ["user"])
        assert sorted(people((await oleg.call("presence", room=room))["people"])) == ["anna", "oleg", "olga"]
        await anna.leave()
        await olga.push(lambda push: "anna" in push.get("leave", []), room=room, kind="presence")
        assert sorted(people((await oleg.call("presence", room=room))["people"])) == ["oleg", "olga"]
        assert not changes(oleg, room), "only those who asked"


async def test_a_person_is_there_while_one_connection_is(start_hub, room):
    hub = start_hub(settings={"APUS_PRESENCE_LEAVE_DELAY_MS": 0})
    async with await Client.open(hub, hub.token("olga", "operator")) as olga:
        await olga.sub(room, presence=True)
        token = hub.token("anna", "operator")
        one, two = await Client.open(hub, token), await Client.open(hub, token)
        await one.sub(room)
        await two.sub(room)
        await olga.push(lambda push: "anna" in people(push.get("join", [])), room=room)
        await one.leave()
        await two.send(room, "still here")
        await olga.events(room, 1)
        await two.leave()
        await olga.push(lambda push: "anna" in push.get("leave", []), room=room)
        seen = [push for push in changes(olga, room) if "anna" in people(push.get("join", [])) + push.get("leave", [])]
        assert len(seen) == 2


async def test_who_returns_within_the_delay_never_left(hub, room):
    token = hub.token("anna", "operator")
    async with await Client.open(hub, hub.token("olga", "operator")) as olga:
        await olga.sub(room, presence=True)
        anna = await Client.open(hub, token)
        await anna.sub(room)
        await olga.push(lambda push: "anna" in people(push.get("join", [])), room=room)
        since = {person["user"]: person["since"] for person in (await olga.call("presence", room=room))["people"]}
        await anna.leave()
        async with await Client.open(hub, token) as anna:
            await anna.sub(room)
            await anna.send(room, "back")
            await olga.events(room, 1)
            assert len([push for push in changes(olga, room) if "anna" in str(push)]) == 1
            again = {person["user"]: person["since"] for person in (await olga.call("presence", room=room))["people"]}
            assert again == since


async def test_unsub_leaves_too(start_hub, room):
    hub = start_hub(settings={"APUS_PRESENCE_LEAVE_DELAY_MS": 0})
    async with (
        await Client.open(hub, hub.token("olga", "operator")) as olga,
        await Client.open(hub, hub.token("anna", "operator")) as anna,
    ):
        await olga.sub(room, presence=True)
        await anna.sub(room)
        await anna.call("unsub", room=room)
        await olga.push(lambda push: "anna" in push.get("leave", []), room=room)


async def test_presence_of_two_tenants_is_apart(hub, room):
    async with (
        await Client.open(hub, hub.token("anna", "operator", tenant="t1")) as anna,
        await Client.open(hub, hub.token("boris", "operator", tenant="t2")) as boris,
    ):
        await anna.sub(room, presence=True)
        assert people((await boris.sub(room, presence=True))["presence"]) == ["boris"]
        assert people((await anna.call("presence", room=room))["people"]) == ["anna"]


# -- signals


async def test_a_signal_reaches_all_and_is_kept_nowhere(hub, room):
    async with (
        await Client.open(hub, hub.token("anna", "operator")) as anna,
        await Client.open(hub, hub.token("boris", "operator")) as boris,
    ):
        await anna.sub(room)
        await boris.sub(room)
        assert await anna.call("signal", room=room, kind="typing") == {}
        await anna.call("signal", room=room, kind="cursor", data={"x": 1, "y": [2]})
        for client in (anna, boris):
            typing = await client.push(room=room, kind="typing")
            assert typing == {"room": room, "kind": "typing", "by": "anna"}
            cursor = await client.push(room=room, kind="cursor")
            assert cursor == {"room": room, "kind": "cursor", "by": "anna", "data": {"x": 1, "y": [2]}}
        assert (await anna.history(room))["events"] == []
        assert (await anna.sub(room))["head"] == 0


async def test_the_last_signal_of_a_kind_always_arrives(hub, room):
    async with (
        await Client.open(hub, hub.token("anna", "operator")) as anna,
        await Client.open(hub, hub.token("boris", "operator")) as boris,
    ):
        await boris.sub(room)
        for start in range(0, 500, 50):
            await every(
                await anna.post_all(
                    [("signal", {"room": room, "kind": "cursor", "data": n}) for n in range(start, start + 50)]
                )
            )
        await boris.push(room=room, kind="cursor", data=499)
        seen = [push["data"] for push in boris.log if push.get("kind") == "cursor"]
        assert seen == sorted(set(seen)), "conflated, but never reordered"


async def test_data_of_a_signal_has_the_limit_of_a_send(hub, room):
    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        error = await anna.error("signal", room=room, kind="cursor", data="x" * 65_536)
        assert (error["code"], error["field"]) == ("too_large", "data")


# -- read marks


async def test_a_read_mark_reaches_the_others_and_the_next_sub(hub, room):
    async with (
        await Client.open(hub, hub.token("anna", "operator")) as anna,
        await Client.open(hub, hub.token("boris", "operator")) as boris,
    ):
        for client in (anna, boris):
            await client.sub(room)
        for number in range(5):
            await anna.send(room, number)
        assert await boris.call("read", room=room, upto=3) == {}
        assert await anna.push(room=room, kind="read") == {"room": room, "kind": "read", "by": "boris", "upto": 3}
        assert (await anna.sub(room))["reads"]["boris"] == 3


async def test_a_read_mark_never_goes_down(hub, room):
    async with (
        await Client.open(hub, hub.token("anna", "operator")) as anna,
        await Client.open(hub, hub.token("boris", "operator")) as boris,
    ):
        await anna.sub(room)
        for number in range(5):
            await anna.send(room, number)
        for upto in (2, 4, 1, 4, 0, 5):
            await boris.call("read", room=room, upto=upto)
        await anna.push(room=room, kind="read", upto=5)
        marks = [push["upto"] for push in anna.log if push.get("kind") == "read"]
        assert marks == sorted(set(marks))
        assert (await anna.sub(room))["reads"]["boris"] == 5


async def test_a_read_mark_beyond_the_head_is_a_bad_request(hub, room):
    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        await anna.send(room, 1)
        error = await anna.error("read", room=room, upto=2)
        assert (error["code"], error["field"]) == ("bad_request", "upto")
        await anna.call("read", room=room, upto=1)


@pytest.mark.parametrize("how", [signal.SIGTERM])
async def test_read_marks_survive_a_restart(start_hub, room, how):
    hub = start_hub()
    token = hub.token("anna", "operator")
    async with await Client.open(hub, token) as anna:
        for number in range(5):
            await anna.send(room, number)
        await anna.call("read", room=room, upto=4)
    hub.restart(how)
    async with await Client.open(hub, token) as anna:
        assert (await anna.sub(room))["reads"] == {"anna": 4}
        await anna.call("read", room=room, upto=2)
    hub.restart(how)
    async with await Client.open(hub, token) as anna:
        assert (await anna.sub(room))["reads"] == {"anna": 4}
