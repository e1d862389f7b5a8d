"""Tokens for a load: signed with the key that the hub made in its data folder, one person each."""

import base64
import hashlib
import hmac
import json
import pathlib
import time


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def mint(folder: pathlib.Path, count: int) -> list[str]:
    """HS256 tokens for people load-0, load-1, …, with the right to every ticket, good for an hour."""
    secret = (folder / "hs256.key").read_bytes()
    header = encode(b'{"alg":"HS256","typ":"JWT"}')
    now = int(time.time())
    tokens = []
    for index in range(count):
        claims = {
            "sub": f"load-{index}",
            "name": f"Load {index}",
            "roles": ["helper"],
            "rooms": ["ticket:*"],
            "iat": now,
            "exp": now + 3600,
        }
        body = f"{header}.{encode(json.dumps(claims, separators=(',', ':')).encode())}"
        tokens.append(f"{body}.{encode(hmac.new(secret, body.encode(), hashlib.sha256).digest())}")
    return tokens
