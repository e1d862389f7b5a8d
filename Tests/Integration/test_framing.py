"""Frames on a bare socket: RFC 6455 §5 to §7. The conformance suite goes further; this holds the close codes."""

import itertools
import json

import pytest

from raw import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, RawSocket, close_payload, frame


@pytest.fixture
def peer(hub):
    with RawSocket(hub) as peer:
        assert peer.upgrade().status == 101
        yield peer


@pytest.fixture
def member(hub):
    with RawSocket.joined(hub, hub.token("anna", "operator")) as peer:
        yield peer


VIOLATIONS = {
    "unmasked": [frame(TEXT, b"{}", masked=False)],
    "RSV1 without an extension": [frame(TEXT, b"{}", rsv=4)],
    "RSV2": [frame(TEXT, b"{}", rsv=2)],
    "RSV3": [frame(TEXT, b"{}", rsv=1)],
    "opcode 3": [frame(3)],
    "opcode 11": [frame(11)],
    "control frame of 126 bytes": [frame(PING, b"x" * 126)],
    "fragmented control frame": [frame(PING, b"x", fin=False)],
    "continuation of nothing": [frame(CONTINUATION, b"x")],
    "text inside a message": [frame(TEXT, b"{", fin=False), frame(TEXT, b"}")],
    "16-bit length for 5 bytes": [frame(TEXT, b"hello", length=("16", 5))],
    "64-bit length for 5 bytes": [frame(TEXT, b"hello", length=("64", 5))],
    "64-bit length with the top bit": [frame(TEXT, b"", length=("64", 1 << 63))],
    "close payload of 1 byte": [frame(CLOSE, b"x")],
    "close code 1005": [frame(CLOSE, close_payload(1005))],
    "close code 999": [frame(CLOSE, close_payload(999))],
    "close code 2999": [frame(CLOSE, close_payload(2999))],
}


@pytest.mark.parametrize("name", VIOLATIONS)
def test_closes_with_1002_on(peer, name):
    for piece in VIOLATIONS[name]:
        peer.write(piece)
    code, reason = peer.close_frame()
    assert code == 1002
    assert reason, "the reason says what was wrong"
    assert peer.at_end()


INVALID_UTF8 = {
    "overlong": b"\xc0\xaf",
    "surrogate": b"\xed\xa0\x80",
    "beyond the last scalar": b"\xf4\x90\x80\x80",
    "cut short": b"\xd0",
    "continuation byte alone": b"\x80",
}


@pytest.mark.parametrize("name", INVALID_UTF8)
def test_closes_with_1007_on_bad_utf8(peer, name):
    peer.send(TEXT, b'{"id":1,"cmd":"' + INVALID_UTF8[name] + b'"}' if name != "cut short" else INVALID_UTF8[name])
    assert peer.close_frame()[0] == 1007
    assert peer.at_end()


def test_bad_utf8_closes_before_the_message_is_whole(peer):
    peer.send(TEXT, b"\xc0\xaf", fin=False)
    assert peer.close_frame()[0] == 1007


def test_closes_with_1003_on_a_binary_message(member):
    member.send(BINARY, b'{"id":2,"cmd":"ping"}')
    assert member.close_frame()[0] == 1003


def test_closes_with_1009_on_a_frame_over_the_limit_before_it_came(peer):
    peer.write(frame(TEXT, b"", length=(256 << 10) + 1))
    assert peer.close_frame()[0] == 1009


def test_closes_with_1009_where_fragments_sum_up_to_too_much(peer):
    piece = b" " * (128 << 10)
    peer.send(TEXT, piece, fin=False)
    peer.send(CONTINUATION, piece, fin=False)
    peer.send(CONTINUATION, b" ")
    assert peer.close_frame()[0] == 1009


def test_takes_a_frame_of_exactly_the_limit(member):
    line = b'{"id":2,"cmd":"ping"}'
    member.send(TEXT, line + b" " * ((256 << 10) - len(line)))
    assert "ok" in member.reply(2)


def test_takes_a_message_in_fragments_with_a_ping_between(member):
    line = json.dumps({"id": 2, "cmd": "ping", "ignored": "жёлтый 🐦"}, ensure_ascii=False).encode()
    member.send(TEXT, line[:30], fin=False)
    member.send(PING, b"between")
    for byte in line[30:]:
        member.send(CONTINUATION, bytes([byte]), fin=False)
    member.send(CONTINUATION, b"")
    assert member.until(PONG).payload == b"between"
    assert "ok" in member.reply(2)


def test_takes_frames_byte_by_byte(member):
    for byte in frame(TEXT, b'{"id":2,"cmd":"ping"}'):
        member.write(bytes([byte]))
    assert "ok" in member.reply(2)


def test_takes_many_frames_in_one_write(member):
    member.write(b"".join(frame(TEXT, b'{"id":%d,"cmd":"ping"}' % number) for number in range(2, 300)))
    seen = {item["id"] for item in itertools.islice(member.objects(), 298)}
    assert seen == set(range(2, 300))


def test_answers_a_ping_with_its_payload(peer):
    for payload in (b"", b"x" * 125):
        peer.send(PING, payload)
        assert peer.until(PONG).payload == payload


def test_ignores_an_unasked_pong(member):
    member.send(PONG, b"nobody asked")
    assert "ok" in member.reply(member.command("ping"))


@pytest.mark.parametrize("code", [1000, 1001, 1011, 3000, 4999])
def test_answers_a_close_with_the_same_code_and_ends(peer, code):
    peer.send(CLOSE, close_payload(code, "до свидания"))
    assert peer.close_frame()[0] == code
    assert peer.at_end()


def test_answers_an_empty_close_and_ends(peer):
    peer.send(CLOSE)
    peer.close_frame()
    assert peer.at_end()


def test_ignores_commands_behind_a_close(hub, member, room):
    member.write(
        frame(CLOSE, close_payload(1000))
        + frame(TEXT, json.dumps({"id": 9, "cmd": "send", "room": room, "kind": "message", "data": 1}).encode())
    )
    member.at_end()
    with RawSocket.joined(hub, hub.token("anna", "operator")) as second:
        assert second.call("sub", room=room)["head"] == 0


def test_ends_when_the_peer_ends_its_half(peer):
    import socket

    peer.socket.shutdown(socket.SHUT_WR)
    assert peer.at_end()


def test_survives_a_reset_in_the_middle_of_a_frame(hub):
    import socket
    import struct

    for _ in range(20):
        peer = RawSocket(hub)
        assert peer.upgrade().status == 101
        peer.write(frame(TEXT, b"x" * 1000)[:500])
        peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.socket.close()
    with RawSocket(hub) as peer:
        assert peer.upgrade().status == 101
