"""A WebSocket that speaks to the hub one command at a time: nothing else is under way when it returns."""

import json
import socket


class Speaker:
    def __init__(self, port: int, token: str, rooms: dict):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.id = 0
        self.socket.sendall(
            b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: apus.v1\r\n\r\n"
        )
        while b"\r\n\r\n" not in self.buffer:
            self.buffer += self.socket.recv(65536)
        self.buffer = self.buffer.split(b"\r\n\r\n", 1)[1]
        self.ask(cmd="hello", token=token, rooms=rooms)

    def say(self, **fields) -> int:
        """Sends a command without waiting."""
        self.id += 1
        payload = json.dumps({"id": self.id, **fields}, separators=(",", ":")).encode()
        length = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + len(payload).to_bytes(2, "big")
        self.socket.sendall(b"\x81" + length + b"\0\0\0\0" + payload)
        return self.id

    def hear(self) -> dict:
        """The next message; pings are answered."""
        while True:
            while (frame := self.frame()) is None:
                self.buffer += self.socket.recv(65536)
            opcode, payload = frame
            if opcode == 1:
                return json.loads(payload)
            if opcode == 9:
                self.socket.sendall(b"\x8a" + bytes([0x80 | len(payload)]) + b"\0\0\0\0" + payload)

    def frame(self) -> tuple[int, bytes] | None:
        if len(self.buffer) < 2:
            return None
        length, at = self.buffer[1], 2
        if length >= 126:
            size = 2 if length == 126 else 8
            length, at = int.from_bytes(self.buffer[2 : 2 + size], "big"), 2 + size
        if len(self.buffer) < at + length:
            return None
        opcode, payload = self.buffer[0] & 15, self.buffer[at : at + length]
        self.buffer = self.buffer[at + length :]
        return opcode, payload

    def ask(self, pushes: int = 0, **fields) -> dict:
        """Sends a command and waits for its answer and so many pushes, in whatever order."""
        number, answer = self.say(**fields), None
        while answer is None or pushes > 0:
            message = self.hear()
            if "id" not in message:
                pushes -= 1
            elif message["id"] == number:
                answer = message
            if message.get("error"):
                raise SystemExit(f"the hub answered {message}")
        return answer
