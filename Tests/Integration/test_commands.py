"""Lines, ids and malformed commands: what one bad line costs, and what it may not touch."""

import json

import pytest

from client import Client, every, first


@pytest.fixture
def token(hub):
    return hub.token("anna", "operator")


async def test_several_lines_of_a_frame_stand_each_alone(hub, token, room):
    async with await Client.open(hub, token) as anna:
        first, bad, last, stray = anna.expect(10), anna.expect(11), anna.expect(12), anna.expect(None)
        await anna.say(
            "\n".join(
                [
                    "",
                    f'{{"id":10,"cmd":"send","room":"{room}","kind":"message","data":"one"}}',
                    '{"id":11,"cmd":"send","room":"no room","kind":"message","data":1}',
                    "this is no JSON",
                    "",
                    f'{{"id":12,"cmd":"send","room":"{room}","kind":"message","data":"two"}}',
                    "",
                ]
            ),
            malformed=True,
        )
        assert (await every([first]))[0]["ok"]["offset"] == 1
        assert (await every([bad]))[0]["error"]["field"] == "room"
        assert (await every([stray]))[0]["error"]["code"] == "bad_request"
        assert (await every([last]))[0]["ok"]["offset"] == 2


async def test_sixty_four_commands_a_frame_and_not_one_more(hub, token):
    async with await Client.open(hub, token) as anna:
        replies = await every(await anna.post_all([("ping", {})] * 64))
        assert all("ok" in reply for reply in replies)
    async with await Client.open(hub, token) as anna:
        futures = [anna.expect(number) for number in range(2, 66)]
        beyond = [anna.expect(66), anna.expect(None)]
        await anna.say("\n".join(f'{{"id":{number},"cmd":"ping"}}' for number in range(2, 67)))
        assert all("ok" in reply for reply in await every(futures))
        assert (await first(*beyond))["error"]["code"] == "bad_request"


async def test_ids_must_grow(hub, token):
    async with await Client.open(hub, token) as anna:
        anna.last_id = 100
        await anna.call("ping")
        for identifier in (101, 100, 1):
            reply = await anna.text(f'{{"id":{identifier},"cmd":"ping"}}', identifier)
            assert reply["error"]["code"] == "bad_request" and reply["error"]["field"] == "id"
        await anna.call("ping")


async def test_the_largest_id_is_two_to_the_53_less_one(hub, token):
    async with await Client.open(hub, token) as anna:
        assert "ok" in await anna.text('{"id":9007199254740991,"cmd":"ping"}', 9007199254740991)


@pytest.mark.parametrize("identifier", ['"7"', "null", "1.5", "true", "[]", "{}", None])
async def test_an_id_that_cannot_be_read_is_answered_with_null(hub, token, identifier):
    line = '{"cmd":"ping"}' if identifier is None else f'{{"id":{identifier},"cmd":"ping"}}'
    async with await Client.open(hub, token) as anna:
        error = (await anna.text(line, malformed=True))["error"]
        assert error["code"] == "bad_request" and error["field"] == "id"
        await anna.call("ping")


@pytest.mark.parametrize("identifier", ["0", "-1", "9007199254740992", "99999999999999999999999"])
async def test_an_id_out_of_range_is_a_bad_request(hub, token, identifier):
    async with await Client.open(hub, token) as anna:
        numbered, stray = anna.expect(int(identifier)), anna.expect(None)
        await anna.say(f'{{"id":{identifier},"cmd":"ping"}}', malformed=True)
        reply = await first(numbered, stray)
        await anna.call("ping")
        assert reply["error"]["code"] == "bad_request" and reply["error"]["field"] == "id"


MALFORMED = {
    "an array": "[1]",
    "a number": "7",
    "two objects": '{"id":2,"cmd":"ping"}{"id":3,"cmd":"ping"}',
    "a comma too many": '{"id":2,"cmd":"ping",}',
    "single quotes": "{'id':2,'cmd':'ping'}",
    "a comment": '{"id":2,"cmd":"ping"/**/}',
    "NaN": '{"id":2,"cmd":"ping","x":NaN}',
    "a leading zero": '{"id":02,"cmd":"ping"}',
    "an open string": '{"id":2,"cmd":"ping',
    "a raw tab in a string": '{"id":2,"cmd":"pi\tng"}',
    "a byte order mark": '\ufeff{"id":2,"cmd":"ping"}',
    "a double cmd": '{"id":2,"cmd":"ping","cmd":"ping"}',
    "a double id": '{"id":2,"id":3,"cmd":"ping"}',
    "a double unknown member": '{"id":2,"cmd":"ping","x":1,"x":2}',
    "NUL": '{"id":2,"cmd":"ping","x":"\\u0000"}',
    "a lone surrogate": '{"id":2,"cmd":"ping","x":"\\ud800"}',
    "surrogates in the wrong order": '{"id":2,"cmd":"ping","x":"\\udc00\\ud800"}',
    "a carriage return": '{"id":2,"cmd":\r"ping"}',
    "too deep": '{"id":2,"cmd":"ping","x":' + "[" * 2000 + "]" * 2000 + "}",
    "no cmd": '{"id":2}',
    "cmd is a number": '{"id":2,"cmd":7}',
}


@pytest.mark.parametrize("name", MALFORMED)
async def test_malformed_lines_get_one_bad_request(hub, token, name):
    async with await Client.open(hub, token) as anna:
        numbered = anna.expect(2)
        stray = anna.expect(None)
        await anna.say(MALFORMED[name], malformed=True)
        assert (await first(numbered, stray))["error"]["code"] == "bad_request"
        anna.last_id = 10
        await anna.call("ping")
        assert not (numbered.done() and stray.done())


async def test_unknown_commands_are_unsupported(hub, token):
    async with await Client.open(hub, token) as anna:
        for name in ("dance", "PING", "stream.nothing"):
            error = await anna.error(name, malformed=True)
            assert error["code"] in ("unsupported", "bad_request"), name


async def test_unknown_members_are_ignored(hub, token):
    async with await Client.open(hub, token) as anna:
        await anna.call("ping", future={"deep": [1, {"a": None}]}, twin=1)


async def test_members_may_come_in_any_order_and_with_escapes(hub, token):
    async with await Client.open(hub, token) as anna:
        assert "ok" in await anna.text(' { "c\\u006dd" : "p\\u0069ng" , "id" : 5 } ', 5)


WRONG = [
    ("sub", {}, "room"),
    ("sub", {"room": 7}, "room"),
    ("sub", {"room": "ticket:1", "limit": -1}, "limit"),
    ("sub", {"room": "ticket:1", "limit": 501}, "limit"),
    ("sub", {"room": "ticket:1", "limit": "5"}, "limit"),
    ("sub", {"room": "ticket:1", "limit": 1.5}, "limit"),
    ("sub", {"room": "ticket:1", "since": "0"}, "since"),
    ("sub", {"room": "ticket:1", "since": -1, "epoch": "x"}, "since"),
    ("sub", {"room": "ticket:1", "since": 5}, "epoch"),
    ("sub", {"room": "ticket:1", "epoch": 5, "since": 1}, "epoch"),
    ("sub", {"room": "ticket:1", "presence": 1}, "presence"),
    ("sub", {"room": "ticket:1", "durable": "yes"}, "durable"),
    ("send", {"room": "ticket:1", "kind": "message"}, "data"),
    ("send", {"room": "ticket:1", "data": 1}, "kind"),
    ("send", {"kind": "message", "data": 1}, "room"),
    ("send", {"room": "ticket:1", "kind": 1, "data": 1}, "kind"),
    ("send", {"room": "ticket:1", "kind": "message", "data": 1, "key": ""}, "key"),
    ("send", {"room": "ticket:1", "kind": "message", "data": 1, "key": "x" * 65}, "key"),
    ("send", {"room": "ticket:1", "kind": "message", "data": 1, "key": "ж" * 33}, "key"),
    ("send", {"room": "ticket:1", "kind": "message", "data": 1, "key": 7}, "key"),
    ("send", {"room": "ticket:1", "kind": "message", "data": 1, "ack": "never"}, "ack"),
    ("send", {"room": "ticket:1", "kind": "message", "data": 1, "ack": 1}, "ack"),
    ("signal", {"room": "ticket:1"}, "kind"),
    ("read", {"room": "ticket:1"}, "upto"),
    ("read", {"room": "ticket:1", "upto": "1"}, "upto"),
    ("read", {"room": "ticket:1", "upto": -1}, "upto"),
    ("history", {"room": "ticket:1", "before": "x"}, "before"),
    ("history", {"room": "ticket:1", "after": -1}, "after"),
    ("history", {"room": "ticket:1", "limit": 501}, "limit"),
    ("history", {"room": "ticket:1", "before": 5, "after": 1}, None),
    ("presence", {}, "room"),
    ("unsub", {}, "room"),
    ("auth", {"token": 7}, "token"),
]


@pytest.mark.parametrize(("command", "fields", "field"), WRONG, ids=str)
async def test_a_wrong_field_is_named(hub, token, command, fields, field):
    async with await Client.open(hub, token) as anna:
        error = await anna.error(command, malformed=True, **fields)
        assert error["code"] == "bad_request"
        if field:
            assert error.get("field") == field, error


ROOMS = [
    "", "ticket", "ticket:", ":42", "ticket:..", "ticket:a/..", "ticket:a//b", "ticket:a/", "ticket:a b", "ticket:ж",
    "ticket:a\n", "ticket:a\u007f", "ticket:" + "x" * 122, "../etc:passwd", "ticket:a%2f", "ticket:*",
]  # fmt: skip


@pytest.mark.parametrize("name", ROOMS, ids=repr)
async def test_names_that_are_no_room_are_refused(hub, token, name):
    async with await Client.open(hub, token) as anna:
        for command, fields in [("sub", {}), ("send", {"kind": "message", "data": 1}), ("history", {})]:
            error = await anna.error(command, room=name, malformed=True, **fields)
            assert (error["code"], error["field"]) == ("bad_request", "room"), command


@pytest.mark.parametrize(
    "name", ["ticket:" + "x" * 121, "conversation:c9", "job:j7", "map:m3", "ticket:42/notes", "custom:A_b.c@d-e"]
)
async def test_names_that_are_rooms_are_taken(hub, token, name):
    async with await Client.open(hub, token) as anna:
        assert "head" in await anna.sub(name)


async def test_eleven_malformed_commands_close_with_4400(hub, token):
    async with await Client.open(hub, token) as anna:
        for _ in range(10):
            assert (await anna.text("no JSON", malformed=True))["error"]["code"] == "bad_request"
        await anna.call("ping")
        await anna.say("no JSON", malformed=True)
        assert (await anna.closed())[0] == 4400


async def test_the_tolerance_is_a_setting(start_hub):
    hub = start_hub(settings={"APUS_LIMITS_MALFORMED_COMMANDS": 0})
    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        await anna.say("no JSON", malformed=True)
        assert (await anna.closed())[0] == 4400


async def test_ping_tells_the_heads_of_the_rooms_of_this_connection(hub, token, room):
    async with await Client.open(hub, token) as anna:
        assert (await anna.call("ping"))["heads"] == {}
        await anna.sub(room)
        await anna.sub(f"{room}-2")
        await anna.send(room, 1)
        await anna.send(room, 2)
        await anna.send(f"{room}-3", 1)
        answer = await anna.call("ping")
        assert isinstance(answer["now"], int)
        assert answer["heads"] == {room: 2, f"{room}-2": 0}
        await anna.call("unsub", room=room)
        assert (await anna.call("ping"))["heads"] == {f"{room}-2": 0}


async def test_replies_are_one_line_each(hub, token, room):
    async with await Client.open(hub, token) as anna:
        await anna.sub(room)
        await anna.send(room, "line\nbreak\r\nand \u2028 more")
        (event,) = await anna.events(room, 1)
        assert event["data"] == "line\nbreak\r\nand \u2028 more"
        assert all(json.loads(line) for line in anna.lines)
