"""Writes inputs to start from, a folder for each target: what the vectors and the unit tests speak of.

    seeds.py FOLDER
"""

import json
import re
import struct
import sys
import zlib
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
KEY = "dGhlIHNhbXBsZSBub25jZQ=="


def vectors(name):
    return [entry["line"].encode() for entry in json.loads((TESTS / "Vectors/wire" / name).read_text("utf-8"))]


def literals(folder):
    """The string literals of the unit tests in a folder, read as Swift reads them as far as that is simple."""
    for path in sorted((TESTS / "ProtocolTests" / folder).glob("*.swift")):
        source = path.read_text("utf-8")
        for raw in re.findall(r'#"(.*?)"#', source):
            yield raw.encode()
        for plain in re.findall(r'(?<!#)"((?:[^"\\\n]|\\.)*)"', source):
            if "\\(" in plain:
                continue
            text = plain.replace("\\r", "\r").replace("\\n", "\n").replace("\\t", "\t").replace("\\0", "\0")
            text = re.sub(r"\\u\{([0-9a-fA-F]+)\}", lambda found: chr(int(found[1], 16)), text)
            yield re.sub(r"\\(.)", r"\1", text).encode("utf-8", "surrogatepass")


def frame(first, payload, key=b"\x37\xfa\x21\x3d"):
    length = len(payload)
    head = bytes([first, 0x80 | length]) if length < 126 else bytes([first, 0x80 | 126]) + struct.pack(">H", length)
    return head + key + bytes(byte ^ key[index % 4] for index, byte in enumerate(payload))


def deflated(payload):
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return (packer.compress(payload) + packer.flush(zlib.Z_SYNC_FLUSH))[:-4]


def step(kind, payload, key=7):
    """An entry of a FrameProgram."""
    return bytes([kind, len(payload), key]) + payload


def session():
    text = "Привет, мир".encode()
    wire = [
        frame(0x81, b"hello"),
        frame(0x82, bytes(range(200))),
        frame(0x01, text[:3]) + frame(0x89, b"now") + frame(0x80, text[3:]),
        frame(0x88, struct.pack(">H", 1000) + b"bye") + frame(0x81, b"late"),
        frame(0x88, b""),
        frame(0xC1, deflated(b"again and again and again")),
        frame(0x41, deflated(text)[:4]) + frame(0x80, deflated(text)[4:]),
        frame(0x81, b"\xed\xa0\x80"),
        frame(0x8A, bytes(125)),
        b"\x81\x05hello",
        b"\x81\xff\x7f" + b"\xff" * 7 + bytes(4),
    ]
    programs = [
        step(0, b"hello") + step(4, b"ping") + step(1, b"\0\1\2"),
        step(8, text[:5]) + step(5, b"") + step(2, text[5:]),
        step(0x10, b"squeeze " * 9) + step(0x18, text) + step(2, b""),
        step(3, b"\x03\xe8bye") + step(0, b"late"),
        step(0x80, b"padded") + step(0x40, b"unmasked"),
    ] + [step(8, b"a") + step(10, b"b") * 5 + step(2, b"c")]
    for options in range(16):
        for bytes_ in wire:
            yield bytes([options, options]) + bytes_
        for program in programs:
            yield bytes([0x80 | options, options]) + program


def http():
    heads = [text for text in literals("HTTP") if b" HTTP/" in text or b": " in text]
    whole = [
        b"GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        + b"Sec-WebSocket-Key: " + KEY.encode() + b"\r\n\r\n",
        b"POST /e HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.0\r\n\r\n",
        b"POST /e HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nT: v\r\n\r\n",
        b"\r\nOPTIONS * HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n\r\n",
        b"GET http://h/p?q HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
    ]  # fmt: skip
    for text in heads + whole:
        yield b"\0\1" + text
        yield b"\1\2" + text


def handshake():
    offers = [text for text in literals("WebSocket") if b"permessage" in text or b"window_bits" in text]
    for offer in offers:
        yield offer.replace(b"\n", b" ")
    for origin in ("https://shop.example", "http://hub.example", "null", "https://[::1]:8443", "http://10.0.0.1:8080"):
        yield f"\n{origin}\napus.v1, apus.v2\n\n\n".encode()
    yield f"a,permessage-deflate; server_max_window_bits=\"10\"\n\nx\n[::1]:80\nkeep-alive, Upgrade\n{KEY}".encode()


def deflate():
    for options in range(0, 64, 5):
        yield bytes([options, options]) + b"one message\xffone message again\xff\xff" + b"ab" * 90
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    final = packer.compress(b"a final block") + packer.flush()
    for data in (deflated(b"plain"), deflated(bytes(9000)), final + deflated(b"more"), b"", b"\0", b"\x01\x03\0\xfc\xffabc"):
        yield b"\x80\3" + data


def json_texts():
    for text in [*literals("JSON"), *vectors("commands.json"), *vectors("pushes.json"), *vectors("replies.json")]:
        yield b"\x20" + text
    yield b"\x03" + b"[[[[]]]]"
    # Two names to JSON, one to whoever compares strings by canonical equivalence.
    yield b"\x20" + '{"é":1,"e\u0301":2}'.encode()


def command():
    lines = [*vectors("commands.json"), *(text for text in literals("Wire") if text.startswith(b"{"))]
    for line in lines:
        yield b"\0" + line
        yield b"\1" + line
    yield b"\0" + b"\n".join(lines[:5])
    yield b'\0{"kind":"message",\r\n"data":{"a":"\\\\","b":[1,\n2]},"key":"k"}'


TARGETS = {
    "session": session, "http": http, "handshake": handshake, "deflate": deflate, "json": json_texts, "command": command,
}  # fmt: skip


def main(folder):
    for name, seeds in TARGETS.items():
        place = Path(folder) / name
        place.mkdir(parents=True, exist_ok=True)
        for index, seed in enumerate(seeds()):
            (place / f"seed-{index:04}").write_bytes(seed)


if __name__ == "__main__":
    main(sys.argv[1])
