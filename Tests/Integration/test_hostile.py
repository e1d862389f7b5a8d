"""Peers that mean harm: each attack is answered or ended, costs a bounded amount of memory, and nobody else notices."""

import asyncio
import json
import os
import sys
import zlib
from contextlib import ExitStack, suppress

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from websockets.exceptions import ConnectionClosed

from api import events_path, problem, request
from client import Client, every
from raw import BINARY, CONTINUATION, PING, TEXT, RawSocket, frame
from test_send import NOTIFICATIONS, RESERVED

MIB = 1 << 20
RUSHED = {"APUS_LIMITS_HEAD_MS": 300, "APUS_LIMITS_BODY_MS": 300, "APUS_LIMITS_IDLE_MS": 300}


def resident(hub):
    """What the process holds in memory, in bytes."""
    with open(f"/proc/{hub.process.pid}/statm") as statm:
        return int(statm.read().split()[1]) * 4096


class Bounded:
    """Fails where the process has grown by more than this, or no longer serves, when the attack is over."""

    def __init__(self, hub, growth=48 * MIB):
        self.hub, self.growth = hub, growth

    def __enter__(self):
        self.before = resident(self.hub)
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            assert request(self.hub, "GET", "/healthz").status == 200
            grown = resident(self.hub) - self.before
            # A sanitizer keeps freed memory to find its late users.
            assert grown < self.growth or {"ASAN_OPTIONS", "TSAN_OPTIONS"} & set(os.environ), f"{grown / MIB:.1f} MiB"


def packed(text):
    codec = zlib.compressobj(9, wbits=-15)
    return (codec.compress(text) + codec.flush(zlib.Z_SYNC_FLUSH))[:-4]


def sent(peer, data):
    """Sends what the hub may no longer want to read."""
    with suppress(BrokenPipeError, ConnectionResetError):
        peer.write(data)


# -- slow on purpose


@pytest.mark.parametrize(
    "start",
    ["GET / HT", "GET /healthz HTTP/1.1\r\nHost: x\r\nX: ", "POST /api/v1/revocations HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{"],
    ids=["line", "head", "body"],
)
def test_a_request_that_comes_drop_by_drop_gets_408(start_hub, start):
    hub = start_hub(settings=RUSHED)
    with Bounded(hub), ExitStack() as stack:
        peers = [stack.enter_context(RawSocket(hub)) for _ in range(60)]
        for byte in start.encode():
            for peer in peers:
                sent(peer, bytes([byte]))
        for peer in peers:
            assert peer.response().status == 408
            assert peer.at_end()


def test_a_body_in_endless_chunks_ends(start_hub):
    hub = start_hub(settings=RUSHED)
    head = b"POST /demo/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    with RawSocket(hub) as slow:
        sent(slow, head + b"1\r\n{\r\n")
        assert slow.response().status == 408
        assert slow.at_end()
    with Bounded(hub), RawSocket(start_hub("patient")) as quick:
        sent(quick, head + b"1\r\n \r\n" * 200_000)
        assert quick.response().status == 413
        assert quick.at_end()


def test_who_says_nothing_between_two_requests_is_let_go(start_hub):
    hub = start_hub(settings=RUSHED)
    with RawSocket(hub) as peer:
        assert peer.request("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").status == 200
        assert peer.at_end()


def test_peers_that_have_vanished_are_closed_and_leave_their_rooms(start_hub, room):
    hub = start_hub(settings={"APUS_PING_INTERVAL_MS": 1000, "APUS_PRESENCE_LEAVE_DELAY_MS": 0})
    with ExitStack() as stack:
        peers = [
            stack.enter_context(RawSocket.joined(hub, hub.token(f"u{n}", "operator"), room)) for n in range(30)
        ]
        for peer in peers:
            assert peer.close_frame()[0] == 4408
        with RawSocket.joined(hub, hub.token("anna", "operator"), room) as anna:
            while [person["user"] for person in anna.call("presence", room=room)["people"]] != ["anna"]:
                pass


def test_a_socket_that_upgrades_and_goes_silent_in_a_frame_gets_no_longer_than_others(start_hub):
    hub = start_hub(settings={"APUS_LIMITS_HELLO_MS": 300})
    with Bounded(hub), ExitStack() as stack:
        peers = [stack.enter_context(RawSocket(hub)) for _ in range(100)]
        for peer in peers:
            assert peer.upgrade().status == 101
            peer.write(frame(TEXT, b"x" * 200_000, length=262_144))
        for peer in peers:
            assert peer.close_frame()[0] == 4401


# -- frames


@pytest.mark.parametrize("payload", [b"", b"x", b"x" * 1000], ids=len)
def test_a_message_in_endless_fragments_is_1009(hub, payload):
    with Bounded(hub), RawSocket.joined(hub, hub.token("anna", "operator")) as peer:
        peer.write(frame(TEXT, b" ", fin=False))
        piece = frame(CONTINUATION, payload, fin=False) * 50
        for _ in range(100):
            sent(peer, piece)
        assert peer.close_frame()[0] == 1009


@pytest.mark.parametrize("role", ["user", "operator"])
def test_a_flood_of_pings_that_nobody_reads_the_answers_of(start_hub, role):
    hub = start_hub()
    with Bounded(hub), RawSocket.joined(hub, hub.token("anna", role), receive_buffer=4096) as peer:
        flood = frame(PING, b"x" * 125) * 500
        peer.socket.settimeout(0.2)
        with suppress(TimeoutError, BrokenPipeError, ConnectionResetError):
            for _ in range(400):
                peer.socket.sendall(flood)


def test_compression_bombs_are_1009_and_cost_no_memory(hub):
    bomb = frame(TEXT, packed(b" " * (128 * MIB)), rsv=4)
    with Bounded(hub):
        for greeted in (False, True) * 10:
            with RawSocket(hub) as peer:
                peer.upgrade(Sec_WebSocket_Extensions="permessage-deflate")
                if greeted:
                    peer.command("hello", token=hub.token("anna", "operator"))
                sent(peer, bomb)
                assert peer.close_frame()[0] == 1009


def test_a_bomb_in_fragments_and_one_of_many_small_messages(hub):
    bomb = packed(b" " * (16 * MIB))
    with Bounded(hub), RawSocket(hub) as peer, RawSocket(hub) as other:
        peer.upgrade(Sec_WebSocket_Extensions="permessage-deflate")
        peer.write(frame(TEXT, bomb[:100], rsv=4, fin=False))
        for start in range(100, len(bomb), 100):
            sent(peer, frame(CONTINUATION, bomb[start : start + 100], fin=False))
        assert peer.close_frame()[0] == 1009
        other.upgrade(Sec_WebSocket_Extensions="permessage-deflate")
        almost = frame(TEXT, packed(b" " * 200_000), rsv=4)
        sent(other, almost * 200)
        assert other.close_frame()[0] == 4400, "each is one malformed command"


def test_binary_messages_and_unmasked_ones_end_it(hub):
    for piece, code in ((frame(BINARY, b"x"), 1003), (frame(TEXT, b"{}", masked=False), 1002)):
        with RawSocket.joined(hub, hub.token("anna", "operator")) as peer:
            peer.write(piece)
            assert peer.close_frame()[0] == code


# -- JSON


async def test_json_of_64_levels_and_of_a_hundred_thousand_is_refused_and_spoils_nothing(hub, room):
    token = hub.token("anna", "operator")
    async with await Client.open(hub, token) as anna:
        for number, depth in enumerate((64, 1000, 100_000), start=1):
            deep = "[" * depth + "]" * depth
            line = f'{{"id":{100 * number},"cmd":"send","room":"{room}","kind":"message","data":{deep}}}'
            reply = await anna.text(line, 100 * number, malformed=True)
            assert reply["error"]["code"] in ("bad_request", "too_large"), reply
            assert reply["error"]["field"] == "data"
            body = f'{{"kind":"message","data":{deep}}}'.encode()
            answer = request(hub, "POST", events_path(room), body, token=token)
            assert answer.status == 413 or problem(answer, 400)["field"] == "data"
        anna.last_id = 1000
        assert (await anna.send(room, [[[[1]]]]))["offset"] == 1


NUMBERS = ["1e999999999", "-1E-999999999", "9" * 60_000, "0." + "3" * 60_000, "1e+" + "0" * 60_000 + "1"]


@pytest.fixture
def giant_integers():
    """Python's own JSON reader takes no integer of more than 4300 digits."""
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    yield
    sys.set_int_max_str_digits(before)


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number[:12])
async def test_giant_numbers_are_kept_as_they_are_written_and_mean_nothing_to_the_hub(hub, room, number, giant_integers):
    token = hub.token("anna", "operator")
    with RawSocket.joined(hub, token, room) as peer:
        peer.text(f'{{"id":50,"cmd":"send","room":"{room}","kind":"message","data":{number}}}')
        texts = []
        while not any('"id":50' in text for text in texts):
            texts += peer.until(TEXT).payload.decode().split("\n")
        assert any(f'"data":{number}}}' in text for text in texts)
        for field in ("since", "limit", "upto", "before", "after"):
            peer.last_id = max(peer.last_id, 50) + 1
            command = {"upto": "read", "before": "history", "after": "history"}.get(field, "sub")
            peer.text(f'{{"id":{peer.last_id},"cmd":"{command}","room":"{room}","epoch":"x","{field}":{number}}}')
            error = peer.reply(peer.last_id)["error"]
            assert (error["code"], error["field"]) == ("bad_request", field)
        peer.text(f'{{"id":{number},"cmd":"ping"}}')
        assert peer.reply(None)["error"]["code"] == "bad_request"
    problem(request(hub, "GET", events_path(room, limit=number[:2000]), token=token), 400)


@pytest.mark.parametrize("text", ["\\ud800", "\\udfff\\ud800", "\\u0000", "a\\u0000b", "\\uD83D\\u0041"])
@pytest.mark.parametrize("field", ["data", "key", "kind", "room"])
async def test_lone_surrogates_and_nuls_are_refused_in_every_field(hub, room, field, text):
    token = hub.token("anna", "operator")
    fields = {"room": f'"{room}"', "kind": '"message"', "data": "1", "key": '"k"'} | {field: f'"{text}"'}
    body = ",".join(f'"{name}":{value}' for name, value in fields.items())
    async with await Client.open(hub, token) as anna:
        numbered, stray = anna.expect(7), anna.expect(None)
        await anna.say(f'{{"id":7,"cmd":"send",{body}}}', malformed=True)
        done, _ = await asyncio.wait([numbered, stray], return_when=asyncio.FIRST_COMPLETED)
        assert done.pop().result()["error"]["code"] == "bad_request"
        anna.last_id = 10
        if field != "room":
            posted = f'{{"kind":{fields["kind"]},"data":{fields["data"]},"key":{fields["key"]}}}'.encode()
            problem(request(hub, "POST", events_path(room), posted, token=token), 400)
        assert (await anna.history(room))["events"] == []


# -- forged kinds


FORGED = [*RESERVED, *NOTIFICATIONS, "ticket_closed", "desk.open", "desk.takeover", "map.moved", "sys.restart",
          "sys.", "map.", "ticket_x.y-z"]  # fmt: skip


@pytest.mark.parametrize("role", ["user", "operator", "admin", "worker"])
async def test_kinds_of_the_hub_are_forged_by_nobody_and_on_no_way(hub, room, role):
    token = hub.token("eve", role, rooms=[room])
    async with await Client.open(hub, hub.token("boris", "operator")) as boris, await Client.open(hub, token) as eve:
        await boris.sub(room)
        for kind in FORGED:
            for command in ("send", "signal"):
                error = await eve.error(command, room=room, kind=kind, data={"text": "x"}, malformed=True)
                assert (error["code"], error["field"]) == ("forbidden", "kind"), (command, kind)
            body = {"kind": kind, "data": {"text": "x"}}
            while (answer := request(hub, "POST", events_path(room), body, token=token)).status == 429:
                pass
            assert problem(answer, 403)["field"] == "kind", kind
        await boris.send(room, "the only one")
        await boris.events(room, 1)
        assert [push["kind"] for push in boris.log if push.get("room") == room and "kind" in push] == ["message"]


# -- tokens


def forged(hub):
    claims = {"sub": "anna", "exp": 4_000_000_000, "roles": ["admin"]}
    rsa = generate_private_key(65537, 2048)
    body = hub.sign(claims).split(".")[1]

    def part(value):
        return jwt.utils.base64url_encode(json.dumps(value).encode()).decode()

    for name in ("none", "None", "NONE", "nOnE", ""):
        for signature in ("", "x", "AAAA"):
            yield f"{part({'alg': name, 'typ': 'JWT'})}.{body}.{signature}"
    for algorithm in ("RS256", "PS256", "RS512"):
        yield jwt.encode(claims, rsa, algorithm=algorithm)
        yield jwt.encode(claims, rsa, algorithm=algorithm, headers={"kid": "local"})
    for algorithm in ("HS384", "HS512"):
        yield hub.sign(claims, algorithm=algorithm)
    good = hub.sign(claims)
    yield hub.sign(claims, key=b"x" * 32)
    yield good.rpartition(".")[0] + "."
    yield good[:-2] + ("AA" if good[-2:] != "AA" else "BB")
    header, payload, signature = good.split(".")
    yield f"{header}.{part(claims | {'sub': 'root'})}.{signature}"
    yield f"{part({'alg': 'HS256', 'typ': 'JWT', 'jwk': {'kty': 'oct', 'k': 'eA'}, 'jku': 'http://127.0.0.1/'})}.{payload}.{signature}"
    yield "x" * 9000


async def test_forged_tokens_are_refused_by_hello_auth_and_http(hub, room):
    async with await Client.open(hub, hub.token("anna", "user")) as anna:
        for token in forged(hub):
            async with await Client.open(hub) as eve:
                assert (await eve.error("hello", token=token))["code"] == "unauthorized", token
                assert (await eve.closed())[0] == 4401
            problem(request(hub, "GET", events_path(room), token=token), 401)
            reply = await anna.reply("auth", token=token)
            assert reply["error"]["code"] in ("unauthorized", "rate_limited"), token
        await anna.call("ping")


async def test_a_page_of_another_site_opens_no_socket(hub):
    for origin in ("https://evil.example", "null", f"http://{hub.host}.evil.example:{hub.port}", f"http://{hub.host}:1", ""):
        with RawSocket(hub) as peer:
            assert peer.upgrade(Origin=origin).status == 403, origin
    with RawSocket(hub) as peer:
        assert peer.upgrade(Origin=f"http://{hub.host}:{hub.port}").status == 101


# -- other tenants, other rooms


async def test_no_command_reaches_a_room_of_another_tenant(hub, room):
    ours, theirs = hub.token("anna", "admin", tenant="t1"), hub.token("eve", "admin", tenant="t2")
    async with await Client.open(hub, ours) as anna, await Client.open(hub, theirs) as eve:
        await anna.sub(room, presence=True, durable=True)
        for number in range(3):
            await anna.send(room, f"secret {number}", key=f"k{number}")
        await anna.call("read", room=room, upto=3)
        async with await Client.open(hub, theirs, rooms={room: {"presence": True}}) as greeted:
            answers = [greeted.welcome["rooms"][room]["ok"], await eve.sub(room, presence=True, since=0)]
        for answer in answers:
            assert (answer["head"], answer["events"], answer["reads"]) == (0, [], {})
            assert {person["user"] for person in answer["presence"]} == {"eve"}
        assert (await eve.history(room, after=0))["events"] == []
        assert {person["user"] for person in (await eve.call("presence", room=room))["people"]} == {"eve"}
        assert (await eve.error("read", room=room, upto=1))["code"] == "bad_request"
        assert "duplicate" not in await eve.send(room, "theirs", key="k0")
        await eve.call("signal", room=room, kind="typing")
        await eve.call("unsub", room=room)
        assert [e["data"] for e in request(hub, "GET", events_path(room), token=theirs).json["events"]] == ["theirs"]
        posted = request(hub, "POST", events_path(room), {"kind": "message", "data": 1, "key": "k1"}, token=theirs)
        assert (posted.status, posted.json["offset"]) == (201, 2)
        assert (await anna.send(room, "last"))["offset"] == 4
        await anna.events(room, 4)
        heard = json.dumps(anna.log)
        assert '"theirs"' not in heard and '"eve"' not in heard


async def test_rights_that_change_while_subscribed_count_at_once(hub, room):
    side = f"{room}/notes"
    async with (
        await Client.open(hub, hub.token("anna", "helper", rooms=[room])) as anna,
        await Client.open(hub, hub.token("boris", "operator")) as boris,
    ):
        for name in (room, side):
            await anna.sub(name, presence=True, durable=True)
        # From helper to viewer: reads the ticket, no more notes, sends nothing.
        await anna.call("auth", token=hub.token("anna", "viewer", rooms=[room]))
        assert (await anna.push(room=side))["gone"] == {"code": "forbidden"}
        for command, fields in (("send", {"kind": "message", "data": 1}), ("signal", {"kind": "typing"})):
            assert (await anna.error(command, room=room, **fields))["code"] == "forbidden"
        for command in ("sub", "history", "presence"):
            assert (await anna.error(command, room=side))["code"] == "forbidden"
        for name in (side, room):
            await boris.sub(name)
            await boris.send(name, f"in {name}")
            await boris.call("signal", room=name, kind="typing")
            await boris.call("read", room=name, upto=1)
        await anna.events(room, 1)
        await anna.push(room=room, kind="read")
        # And to nothing at all.
        await anna.call("auth", token=hub.token("anna", "viewer", rooms=["ticket:none"]))
        await anna.push(lambda push: "gone" in push, room=room)
        await boris.send(room, "more")
        await boris.call("signal", room=room, kind="typing")
        await anna.call("ping")
        gone = {name: anna.position(lambda item: "gone" in item and item["room"] == name) for name in (room, side)}
        for name, place in gone.items():
            assert [item for item in anna.log[place + 1 :] if item.get("room") == name] == []


# -- floods


def test_who_asks_and_never_reads_is_not_answered_for_ever(start_hub, room):
    hub = start_hub()
    token = hub.token("olga", "operator")
    for number in range(20):
        body = {"kind": "message", "data": [number, "x" * 60_000], "ack": "accepted"}
        assert request(hub, "POST", events_path(room), body, token=token).status == 201
    with Bounded(hub), ExitStack() as stack:
        for _ in range(10):
            peer = stack.enter_context(RawSocket.joined(hub, token, receive_buffer=4096))
            peer.socket.settimeout(0.2)
            with suppress(TimeoutError, BrokenPipeError, ConnectionResetError):
                for number in range(10, 2000):
                    peer.text(json.dumps({"id": number, "cmd": "history", "room": room, "limit": 500}))


def test_pipelined_requests_whose_answers_nobody_reads(start_hub, room):
    hub = start_hub()
    token = hub.token("olga", "operator")
    body = {"kind": "message", "data": "x" * 60_000, "ack": "accepted"}
    for _ in range(10):
        assert request(hub, "POST", events_path(room), body, token=token).status == 201
    ask = f"GET {events_path(room)} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    with Bounded(hub), ExitStack() as stack:
        for _ in range(10):
            peer = stack.enter_context(RawSocket(hub, receive_buffer=4096))
            peer.socket.settimeout(0.2)
            with suppress(TimeoutError, BrokenPipeError, ConnectionResetError):
                for _ in range(400):
                    peer.socket.sendall(ask * 50)


async def test_signals_of_a_thousand_kinds_do_not_pile_up_for_a_reader_that_does_not_read(start_hub, room):
    hub = start_hub()
    async with await Client.open(hub, hub.token("eve", "operator")) as eve:
        with Bounded(hub), RawSocket.joined(hub, hub.token("slow", "operator"), room, receive_buffer=4096):
            for start in range(0, 3000, 50):
                await every(
                    [
                        await eve.post("signal", room=room, kind=f"kind{number}", data="x" * 60_000)
                        for number in range(start, start + 50)
                    ]
                )


async def test_rooms_that_are_only_asked_about_do_not_stay(start_hub):
    hub = start_hub()
    async with await Client.open(hub, hub.token("eve", "operator")) as eve:
        with Bounded(hub):
            for start in range(0, 10_000, 500):
                await every([await eve.post("history", room=f"ticket:{n}", limit=0) for n in range(start, start + 500)])

            def active():
                page = request(hub, "GET", "/metrics").body.decode().splitlines()
                return sum(float(row.rsplit(" ", 1)[1]) for row in page if row.startswith("apus_rooms_active{"))

            while active() > 100:
                await eve.call("ping")


async def test_a_flood_of_sessions_leaves_nothing(start_hub, room):
    hub = start_hub()
    token = hub.token("anna", "operator")
    with Bounded(hub):
        for _ in range(10):
            clients = await asyncio.gather(*(Client.open(hub, token, rooms={room: {}}) for _ in range(50)))
            for client in clients:
                client.socket.transport.abort()
            for client in clients:
                with suppress(ConnectionClosed):
                    await client.closed()
