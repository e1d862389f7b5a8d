"""A WebSocket peer on a bare socket, to say what no library would say and to see every byte of the answer."""

import base64
import hashlib
import json
import os
import socket
import struct
from dataclasses import dataclass

from contract import Conversation
from hub import PATIENCE

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
KEY = "dGhlIHNhbXBsZSBub25jZQ=="


@dataclass
class Response:
    status: int
    headers: dict
    body: bytes

    def __getitem__(self, name):
        return self.headers.get(name.lower())


@dataclass
class Frame:
    fin: bool
    rsv1: bool
    opcode: int
    payload: bytes

    @property
    def close_code(self):
        return struct.unpack("!H", self.payload[:2])[0] if len(self.payload) >= 2 else None

    @property
    def close_reason(self):
        return self.payload[2:].decode()


class RawSocket:
    def __init__(self, hub, *, receive_buffer=None):
        self.hub = hub
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(PATIENCE)
        self.socket.connect((hub.host, hub.port))
        if hub.ssl:
            self.socket = hub.ssl.wrap_socket(self.socket, server_hostname=hub.host)
        self.buffer = b""
        self.last_id = 0
        self._conversation = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    # -- bytes

    def write(self, data):
        self.socket.sendall(data)

    def _more(self):
        piece = self.socket.recv(65536)
        self.buffer += piece
        return bool(piece)

    def _take(self, count):
        while len(self.buffer) < count:
            if not self._more():
                raise EOFError
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def at_end(self):
        """Reads to the end of the stream; True also where the peer cut it."""
        try:
            while self._more():
                pass
        except ConnectionResetError:
            pass
        return True

    # -- HTTP

    def request(self, head, body=b""):
        """Sends a request as it stands and reads the response."""
        self.write(head.encode("latin-1") + body)
        return self.response()

    def response(self):
        while b"\r\n\r\n" not in self.buffer:
            if not self._more():
                raise EOFError(f"the stream ended in a response head: {self.buffer!r}")
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        body = b"" if status.split()[1] == "101" else self._take(int(headers.get("content-length", 0)))
        return Response(int(status.split()[1]), headers, body)

    def upgrade(self, *, path="/ws", without=(), trailing=b"", method="GET", version="1.1", **changed):
        """Sends an opening handshake; keywords change or add headers (underscores stand for hyphens)."""
        head = handshake(self.hub, path=path, without=without, method=method, version=version, **changed)
        answer = self.request(head, trailing)
        if answer.status == 101 and path.partition("?")[0] == "/ws":
            self._conversation = Conversation()
        return answer

    # -- frames

    def send(self, opcode, payload=b"", **how):
        self.write(frame(opcode, payload, **how))

    def text(self, text):
        """A text message as it stands, held to nothing."""
        self.send(TEXT, text.encode())

    def frame(self):
        first, second = self._take(2)
        assert not second & 0x80, "the hub masked a frame"
        assert not first & 0x30, "the hub set RSV2 or RSV3"
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", self._take(2))
            assert length > 125, "a length that is not minimal"
        elif length == 127:
            (length,) = struct.unpack("!Q", self._take(8))
            assert length > 65535, "a length that is not minimal"
        opcode = first & 0x0F
        if opcode >= CLOSE:
            assert length <= 125 and first & 0x80, "a control frame that is too long or fragmented"
        found = Frame(bool(first & 0x80), bool(first & 0x40), opcode, self._take(length))
        if opcode == TEXT and found.fin and not found.rsv1 and self._conversation:
            for line in filter(None, found.payload.split(b"\n")):
                self._conversation.hears(json.loads(line))
        return found

    def until(self, opcode):
        """The next frame with this opcode; others are passed over."""
        while (found := self.frame()).opcode != opcode:
            pass
        return found

    def close_frame(self):
        """Close code and reason, once the hub has closed; what came before is passed over."""
        found = self.until(CLOSE)
        return found.close_code, found.close_reason

    # -- the contract

    def command(self, command, **fields):
        """Sends a command; its id."""
        self.last_id += 1
        line = json.dumps({"id": self.last_id, "cmd": command, **fields})
        if self._conversation:
            self._conversation.says(line)
        self.text(line)
        return self.last_id

    def objects(self):
        """Every object that comes, until the end of the stream or a close frame."""
        while True:
            try:
                found = self.frame()
            except (EOFError, ConnectionResetError):
                return
            if found.opcode == CLOSE:
                self.closing = found
                return
            if found.opcode == TEXT:
                yield from (json.loads(line) for line in found.payload.split(b"\n") if line)

    closing = None

    def reply(self, identifier):
        """The reply with this id; what comes before it is passed over."""
        for item in self.objects():
            if item.get("id") == identifier and "id" in item:
                return item
        raise AssertionError(f"the connection ended before the reply to {identifier}: {self.closing}")

    def call(self, command, **fields):
        reply = self.reply(self.command(command, **fields))
        assert "ok" in reply, reply
        return reply["ok"]

    @classmethod
    def joined(cls, hub, token, room=None, **options):
        """A socket after `hello` and, where a room is given, `sub`."""
        peer = cls(hub, **options)
        assert peer.upgrade().status == 101
        peer.call("hello", token=token)
        if room:
            peer.call("sub", room=room)
        return peer


def handshake(hub, *, path="/ws", without=(), method="GET", version="1.1", **changed):
    headers = {
        "Host": f"{hub.host}:{hub.port}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": KEY,
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Protocol": "apus.v1",
    }
    known = {name.lower(): name for name in headers}
    for name, value in changed.items():
        name = name.replace("_", "-")
        headers[known.get(name.lower(), name)] = value
    lines = [f"{name}: {value}" for name, value in headers.items() if name.lower() not in without]
    return "\r\n".join([f"{method} {path} HTTP/{version}", *lines, "", ""])


def accept_of(key):
    return base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()


def frame(opcode, payload=b"", *, fin=True, rsv=0, masked=True, length=None):
    """A frame; `length` is a declared length that may be a lie, or ("16"|"64", n) for a form that is not minimal."""
    form, declared = length if isinstance(length, tuple) else (None, len(payload) if length is None else length)
    if form is None:
        form = "7" if declared < 126 else "16" if declared < 65536 else "64"
    mask_bit = 0x80 if masked else 0
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    if form == "7":
        head += bytes([mask_bit | declared])
    elif form == "16":
        head += bytes([mask_bit | 126]) + struct.pack("!H", declared)
    else:
        head += bytes([mask_bit | 127]) + struct.pack("!Q", declared)
    if not masked:
        return head + payload
    key = os.urandom(4)
    stretched = key * (len(payload) // 4 + 1)
    mixed = int.from_bytes(payload, "big") ^ int.from_bytes(stretched[: len(payload)], "big")
    return head + key + mixed.to_bytes(len(payload), "big")


def close_payload(code, reason=""):
    return struct.pack("!H", code) + reason.encode()
