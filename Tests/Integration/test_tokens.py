"""Tokens of configured keys: the algorithm belongs to the key, issuer and audience are demanded where configured."""

import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from client import Client
from hub import run


@pytest.fixture
def keys(tmp_path):
    """Two key pairs; their public halves as PEM files, and the setting that names them."""
    pairs = {"main": ("ES256", generate_private_key(SECP256R1())), "next": ("EdDSA", Ed25519PrivateKey.generate())}
    setting = []
    for name, (algorithm, pair) in pairs.items():
        file = tmp_path / f"{name}.pem"
        file.write_bytes(pair.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
        setting.append(f"{name}:{algorithm}:{file}")
    return {name: pair for name, (_, pair) in pairs.items()}, ",".join(setting), tmp_path


def claims(**more):
    return {"sub": "anna", "exp": int(time.time()) + 3600, "roles": ["operator"]} | more


async def refused(hub, token):
    async with await Client.open(hub) as client:
        assert (await client.error("hello", token=token))["code"] == "unauthorized"
        assert (await client.closed())[0] == 4401


async def test_public_keys_verify_and_nothing_else_does(start_hub, keys):
    pairs, setting, folder = keys
    hub = start_hub(flags=[], settings={"APUS_AUTH_KEYS": setting})
    for name, algorithm in [("main", "ES256"), ("next", "EdDSA")]:
        token = jwt.encode(claims(), pairs[name], algorithm=algorithm, headers={"kid": name})
        async with await Client.open(hub, token) as anna:
            assert anna.welcome["user"] == "anna"
    public = (folder / "main.pem").read_bytes()
    signed = jwt.encode(claims(), pairs["main"], algorithm="ES256", headers={"kid": "main"}).rpartition(".")[0]
    for hostile in [
        hmac_token({"kid": "main", "alg": "HS256"}, public),
        hmac_token({"kid": "main", "alg": "ES256"}, public),
        jwt.encode(claims(), pairs["main"], algorithm="ES256", headers={"kid": "next"}),
        jwt.encode(claims(), pairs["main"], algorithm="ES256"),
        jwt.encode(claims(), generate_private_key(SECP256R1()), algorithm="ES256", headers={"kid": "main"}),
        jwt.encode(claims(), None, algorithm="none", headers={"kid": "main"}),
        signed + "." + "A" * 86,
        signed + ".",
    ]:
        await refused(hub, hostile)


def hmac_token(header, secret):
    """A token signed with HMAC whatever its header says; a careful library refuses to make one from a public key."""
    import base64
    import hashlib
    import hmac
    import json

    def part(value):
        return base64.urlsafe_b64encode(value).rstrip(b"=")

    signed = part(json.dumps(header | {"typ": "JWT"}).encode()) + b"." + part(json.dumps(claims()).encode())
    return (signed + b"." + part(hmac.new(secret, signed, hashlib.sha256).digest())).decode()


async def test_issuer_and_audience_are_demanded(start_hub):
    hub = start_hub(settings={"APUS_AUTH_ISSUER": "https://accounts.example", "APUS_AUTH_AUDIENCE": "apus"})
    right = {"iss": "https://accounts.example", "aud": "apus"}
    for good in (right, right | {"aud": ["other", "apus"]}):
        async with await Client.open(hub, hub.sign(claims(**good))) as anna:
            assert anna.welcome["user"] == "anna"
    for wrong in ({}, {"iss": right["iss"]}, right | {"iss": "https://evil.example"}, right | {"aud": "other"}):
        await refused(hub, hub.sign(claims(**wrong)))


@pytest.mark.parametrize("setting", ["main:RS256:/x.pem", "main:HS256", "main:ES256:/nowhere.pem", "a b:HS256:/x"])
def test_wrong_keys_stop_the_start(tmp_path, setting):
    done = run("serve", "--port", "0", "--data", str(tmp_path / "data"), APUS_AUTH_KEYS=setting)
    assert done.returncode in (1, 2)
    assert "auth.keys" in done.stderr or "/nowhere.pem" in done.stderr
