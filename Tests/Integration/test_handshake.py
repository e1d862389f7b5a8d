"""The opening handshake: RFC 6455 §4.2, with the subprotocol and origin rules of the contract."""

import pytest

from raw import KEY, TEXT, RawSocket, accept_of, frame, handshake


def refused(hub, status, **how):
    with RawSocket(hub) as peer:
        answer = peer.upgrade(**how)
    assert answer.status == status, answer
    assert answer.body.strip(), "a refusal says what is wrong"
    return answer


def test_accepts_a_correct_request(hub):
    with RawSocket(hub) as peer:
        answer = peer.upgrade()
    assert answer.status == 101
    assert answer["upgrade"].lower() == "websocket"
    assert answer["connection"].lower() == "upgrade"
    assert answer["sec-websocket-accept"] == accept_of(KEY)
    assert answer["sec-websocket-protocol"] == "apus.v1"
    assert answer["sec-websocket-extensions"] is None


@pytest.mark.parametrize(
    "changed",
    [
        {"Upgrade": "WebSocket"},
        {"Connection": "keep-alive, Upgrade"},
        {"Connection": "uPGRADE"},
        {"Upgrade": "h2c, websocket"},
    ],
    ids=str,
)
def test_compares_tokens_without_case_and_in_lists(hub, changed):
    with RawSocket(hub) as peer:
        assert peer.upgrade(**changed).status == 101


@pytest.mark.parametrize(
    "header",
    ["host", "upgrade", "connection", "sec-websocket-key"],
)
def test_names_a_missing_header(hub, header):
    answer = refused(hub, 400, without=(header,))
    assert header.encode() in answer.body.lower()


@pytest.mark.parametrize(
    "key",
    ["", "c2hvcnQ=", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZXh4eA==", "!!!!IHNhbXBsZSBub25jZQ=="],
)
def test_refuses_a_key_that_is_not_sixteen_bytes(hub, key):
    refused(hub, 400, Sec_WebSocket_Key=key)


@pytest.mark.parametrize("version", ["8", "12", "14", "0", "x"])
def test_answers_another_version_with_the_one_it_speaks(hub, version):
    answer = refused(hub, 426, Sec_WebSocket_Version=version)
    assert answer["sec-websocket-version"] == "13"


def test_answers_a_missing_version_with_the_one_it_speaks(hub):
    answer = refused(hub, 426, without=("sec-websocket-version",))
    assert answer["sec-websocket-version"] == "13"


def test_refuses_other_methods(hub):
    with RawSocket(hub) as peer:
        assert peer.upgrade(method="POST", Content_Length="0").status in (400, 405)


def test_refuses_http_1_0(hub):
    with RawSocket(hub) as peer:
        assert peer.upgrade(version="1.0").status in (400, 426, 505)


def test_serves_a_client_that_offers_no_subprotocol(hub):
    with RawSocket(hub) as peer:
        answer = peer.upgrade(without=("sec-websocket-protocol",))
        assert answer.status == 101
        assert answer["sec-websocket-protocol"] is None
        assert peer.reply(peer.command("ping"))["error"]["code"] == "unauthorized"


def test_chooses_its_own_among_several_subprotocols(hub):
    with RawSocket(hub) as peer:
        assert peer.upgrade(Sec_WebSocket_Protocol="chat, apus.v1, x")["sec-websocket-protocol"] == "apus.v1"


def test_refuses_a_client_that_offers_only_other_subprotocols(hub):
    answer = refused(hub, 400, Sec_WebSocket_Protocol="chat, apus.v2")
    assert b"subprotocol" in answer.body.lower()


def test_accepts_the_origin_of_its_own_page(hub):
    with RawSocket(hub) as peer:
        assert peer.upgrade(Origin=hub.http).status == 101


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://127.0.0.1.evil.example"])
def test_refuses_foreign_origins(hub, origin):
    refused(hub, 403, Origin=origin)


def test_accepts_configured_origins(start_hub):
    hub = start_hub(settings={"APUS_ALLOWED_ORIGINS": "https://desk.example,https://two.example"})
    for origin, status in [("https://two.example", 101), ("https://three.example", 403)]:
        with RawSocket(hub) as peer:
            assert peer.upgrade(Origin=origin).status == status


def test_reads_frames_that_follow_the_request_in_the_same_bytes(hub):
    line = b'{"id":7,"cmd":"ping"}'
    with RawSocket(hub) as peer:
        assert peer.upgrade(trailing=frame(TEXT, line)).status == 101
        assert peer.reply(7)["error"]["code"] == "unauthorized"


def test_reads_a_request_that_comes_byte_by_byte(hub):
    with RawSocket(hub) as peer:
        for byte in handshake(hub).encode():
            peer.write(bytes([byte]))
        assert peer.response().status == 101


def test_knows_no_other_socket_path(hub):
    refused(hub, 404, path="/socket")


def test_has_no_echo_unless_asked(hub):
    refused(hub, 404, path="/echo")


def test_echoes_whole_messages_when_asked(start_hub):
    hub = start_hub(flags=["--demo", "--echo"])
    payload = bytes(range(256)) * 4096
    with RawSocket(hub) as peer:
        assert peer.upgrade(path="/echo", without=("sec-websocket-protocol",)).status == 101
        peer.send(2, payload)
        received = b""
        while len(received) < len(payload):
            received += peer.frame().payload
        assert received == payload
