"""permessage-deflate, RFC 7692, against an independent client and on a bare socket."""

import json
import zlib

import pytest
from websockets.asyncio.client import connect
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory

from client import Client
from contract import check_received
from raw import TEXT, RawSocket, frame

LONG = "the quick brown fox jumps over the lazy dog " * 100


async def test_a_compressed_and_a_plain_client_read_the_same(hub, room):
    token = hub.token("anna", "operator")
    async with (
        await Client.open(hub, token, compression="deflate") as packed,
        await Client.open(hub, token) as plain,
    ):
        assert packed.socket.protocol.extensions and not plain.socket.protocol.extensions
        for client in (packed, plain):
            await client.sub(room)
        for number in range(50):
            await packed.send(room, {"n": number, "text": LONG[: number * 90]})
            await plain.send(room, {"n": number, "text": "short"})
        assert await packed.events(room, 100) == await plain.events(room, 100)


@pytest.mark.parametrize("server_bits", [None, 15, 12, 9])
@pytest.mark.parametrize("client_bits", [None, 15, 10])
@pytest.mark.parametrize("takeover", [False, True])
async def test_every_offer_of_an_independent_client_is_honoured(hub, room, server_bits, client_bits, takeover):
    offer = ClientPerMessageDeflateFactory(
        server_no_context_takeover=not takeover,
        client_no_context_takeover=not takeover,
        server_max_window_bits=server_bits,
        client_max_window_bits=client_bits if client_bits else True,
    )
    socket = await connect(hub.ws, subprotocols=["apus.v1"], extensions=[offer], compression=None, proxy=None)
    client = Client(socket)
    async with client:
        (agreed,) = socket.protocol.extensions
        if server_bits:
            assert agreed.remote_max_window_bits <= server_bits
        await client.call("hello", token=hub.token("anna", "operator"))
        await client.sub(room)
        for number in range(20):
            await client.send(room, {"n": number, "text": LONG})
        assert [event["data"]["n"] for event in await client.events(room, 20)] == list(range(20))


@pytest.mark.parametrize(
    "offer",
    [
        "permessage-deflate; server_max_window_bits=7",
        "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; server_max_window_bits=010",
        "permessage-deflate; server_max_window_bits",
        "permessage-deflate; client_max_window_bits=x",
        "permessage-deflate; server_no_context_takeover=1",
        "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
        "permessage-deflate; unknown",
        "x-webkit-deflate-frame",
    ],
)
def test_declines_an_invalid_offer_and_serves_without(hub, offer):
    with RawSocket(hub) as peer:
        answer = peer.upgrade(Sec_WebSocket_Extensions=offer)
    assert answer.status == 101
    assert answer["sec-websocket-extensions"] is None


def test_takes_the_first_valid_of_several_offers(hub):
    with RawSocket(hub) as peer:
        answer = peer.upgrade(
            Sec_WebSocket_Extensions="permessage-deflate; unknown, permessage-deflate; server_max_window_bits=10"
        )
    assert "server_max_window_bits=10" in answer["sec-websocket-extensions"]
    assert "client_max_window_bits" not in answer["sec-websocket-extensions"], "only where it was offered"


def packed(text):
    codec = zlib.compressobj(wbits=-15)
    return (codec.compress(text) + codec.flush(zlib.Z_SYNC_FLUSH))[:-4]


@pytest.fixture
def peer(hub):
    with RawSocket(hub) as peer:
        answer = peer.upgrade(Sec_WebSocket_Extensions="permessage-deflate")
        assert "server_no_context_takeover" in answer["sec-websocket-extensions"]
        yield peer


def hello(peer, hub):
    peer.last_id = 1
    peer.send(TEXT, packed(json.dumps({"id": 1, "cmd": "hello", "token": hub.token("anna", "operator")}).encode()), rsv=4)
    while True:
        found = peer.frame()
        text = zlib.decompress(found.payload + b"\x00\x00\xff\xff", wbits=-15) if found.rsv1 else found.payload
        if found.opcode == TEXT and b'"id":1' in text:
            welcome = json.loads(text.split(b"\n")[0])
            check_received(welcome, "hello")
            return welcome


def test_inflates_what_a_client_deflated(hub, peer):
    assert "ok" in hello(peer, hub)


def test_inflates_a_message_in_compressed_fragments(hub, peer):
    whole = packed(b'{"id":1,"cmd":"ping"}')
    peer.send(TEXT, whole[:5], rsv=4, fin=False)
    peer.send(0, whole[5:])
    assert json.loads(peer.until(TEXT).payload)["error"]["code"] == "unauthorized"


def test_small_answers_go_out_plain(hub, peer):
    peer.send(TEXT, b'{"id":1,"cmd":"ping"}')
    assert not peer.until(TEXT).rsv1


def test_a_bomb_is_stopped_at_the_message_limit(peer):
    peer.send(TEXT, packed(b" " * (64 << 20)), rsv=4)
    assert peer.close_frame()[0] == 1009


def test_a_broken_stream_is_answered_with_a_close(peer):
    peer.send(TEXT, b"\xff\xff\xff\xff\xff", rsv=4)
    assert peer.close_frame()[0] in (1002, 1007)


def test_rsv1_on_a_continuation_is_1002(peer):
    peer.send(TEXT, packed(b"{}"), rsv=4, fin=False)
    peer.write(frame(0, b"", rsv=4))
    assert peer.close_frame()[0] == 1002


async def test_context_takeover_where_it_is_configured(start_hub, room):
    hub = start_hub(settings={"APUS_DEFLATE": "context_takeover"})
    async with await Client.open(hub, hub.token("anna", "operator"), compression="deflate") as anna:
        (agreed,) = anna.socket.protocol.extensions
        assert not agreed.remote_no_context_takeover
        await anna.sub(room)
        for number in range(30):
            await anna.send(room, {"n": number, "text": LONG})
        assert [event["data"]["n"] for event in await anna.events(room, 30)] == list(range(30))


async def test_no_compression_where_it_is_switched_off(start_hub):
    hub = start_hub(settings={"APUS_DEFLATE": "off"})
    async with await Client.open(hub, hub.token("anna", "operator"), compression="deflate") as anna:
        assert not anna.socket.protocol.extensions
