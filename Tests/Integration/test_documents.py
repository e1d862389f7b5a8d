"""The documents of docs/protocol: well-formed, tied to the schemas, with examples that are true."""

import json
import re
from urllib.parse import unquote

import jsonschema_rs
import pytest
from openapi_spec_validator import validate
from openapi_spec_validator.readers import read_from_filename

from client import CODES
from contract import COMMANDS, PROTOCOL, SCHEMAS, Broken, check, check_command, check_received, command_of, schema
from hub import ROOT
from openapi import document, local

FILES = sorted(path.name for path in SCHEMAS.iterdir())


def nodes(node):
    """Every object in a document."""
    if isinstance(node, dict):
        yield node
    for item in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from nodes(item)


# -- schemas


@pytest.mark.parametrize("name", FILES)
def test_a_schema_is_a_schema_and_refers_to_what_exists(name):
    jsonschema_rs.meta.validate(schema(name))
    for node in nodes(schema(name)):
        if "$ref" in node:
            assert resolve(node["$ref"], name), node["$ref"]


def resolve(reference, base):
    """What a reference between schemas leads to."""
    file, _, pointer = reference.partition("#")
    node = schema(file or base)
    for part in filter(None, unquote(pointer).split("/")):
        node = node[part]
    return node


def test_every_command_has_a_schema_and_a_reply():
    assert set(COMMANDS) == set(schema("command.json")["$defs"]) - {"subscription"}
    assert set(COMMANDS) <= set(schema("reply.json")["$defs"])
    assert set(schema("common.json")["$defs"]["errorCode"]["enum"]) == CODES


WRONG = [
    ("push.json", {"room": "ticket:1", "offset": 0, "at": 1, "by": "u", "kind": "message", "data": 1}),
    ("push.json", {"room": "ticket:1", "offset": 1, "at": 1, "by": "u", "kind": "message"}),
    ("push.json", {"room": "ticket:1", "offset": 1, "at": 1, "by": "u", "kind": "message", "data": 1, "extra": 1}),
    ("push.json", {"id": 1, "room": "ticket:1", "durable": 1}),
    ("push.json", {"room": "ticket:1", "kind": "delta", "by": "u"}),
    ("push.json", {"room": "no room", "durable": 1}),
    ("push.json", {"room": "ticket:1", "gone": {"code": "no_such_code"}}),
    ("push.json", {"drain": {"reconnect_after": 1}}),
    ("reply.json#/$defs/send", {"id": 1, "ok": {}}),
    ("reply.json#/$defs/send", {"id": 1, "ok": {"offset": 1, "epoch": "e", "at": 1, "duplicate": False}}),
    ("reply.json#/$defs/unsub", {"id": 1, "ok": {"more": True}}),
    ("reply.json#/$defs/error", {"id": 1, "error": {"code": "oops", "message": "m"}}),
    ("reply.json#/$defs/error", {"id": 1, "error": {"code": "internal"}}),
    ("reply.json", {"ok": {}}),
    ("http.json#/$defs/problem", {"type": "about:blank", "title": "Gone", "status": 410, "code": "gone", "detail": "x"}),
]


@pytest.mark.parametrize(("reference", "message"), WRONG, ids=str)
def test_a_wrong_message_is_refused(reference, message):
    with pytest.raises(Broken):
        check(message, reference)


async def test_a_wrong_message_of_a_hub_fails_the_test_that_gets_it():
    """The way from the socket to the failure, with a hub that sends nonsense."""
    from websockets.asyncio.server import serve

    from client import Client

    async def lie(socket):
        async for _ in socket:
            await socket.send('{"id":1,"ok":{"offset":"first","epoch":"e","at":1}}')

    async with serve(lie, "127.0.0.1", 0, subprotocols=["apus.v1"]) as server:
        address = server.sockets[0].getsockname()
        hub = type("Liar", (), {"ws": f"ws://{address[0]}:{address[1]}/ws", "ssl": None})
        with pytest.raises(Broken, match="offset"):
            async with await Client.open(hub) as anna:
                assert (await anna.send("ticket:1", 1))["offset"] == "first"
        with pytest.raises(Broken, match="limit"):
            async with await Client.open(hub) as anna:
                await anna.sub("ticket:1", limit=501)


# -- vectors

VECTORS = {
    name: json.loads((ROOT / f"Tests/Vectors/wire/{name}.json").read_text())
    for name in ("commands", "pushes", "replies")
}

# What a schema cannot see, because a reader of JSON has lost it: members given twice, numbers written oddly.
UNSEEN = re.compile(r"duplicate|NUL|surrogate|too deep|^id 1(\.0|e3)$|-0|raw CR")


def parsed(line):
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


@pytest.mark.parametrize("vector", VECTORS["commands"], ids=lambda vector: vector["name"])
def test_the_vectors_of_commands_agree_with_the_schemas(vector):
    if "parsed" in vector:
        assert command_of(vector["parsed"])
        check_command(vector["parsed"])
    elif not UNSEEN.search(vector["name"]):
        with pytest.raises(Broken):
            check_command(parsed(vector["line"]))


@pytest.mark.parametrize("name", ["pushes", "replies"])
def test_the_vectors_of_the_hub_agree_with_the_schemas(name):
    for vector in VECTORS[name]:
        command = vector["name"].split(",")[0].split(" with")[0]
        check_received(vector["parsed"], command if command in COMMANDS and name == "replies" else None)


# -- documents


def test_the_openapi_document_is_well_formed():
    found, address = read_from_filename(str(PROTOCOL / "openapi.yaml"))
    assert found["openapi"].startswith("3.1.")
    validate(found, base_uri=address)


def test_every_json_body_of_the_openapi_document_has_a_schema_and_true_examples():
    media = [node for node in nodes(document()) if "schema" in node and ("example" in node or "examples" in node)]
    bodies = [node for node in media if "in" not in node]
    assert len(bodies) >= 18
    for node in bodies:
        examples = [entry["value"] for entry in node.get("examples", {}).values()] + [
            node[key] for key in ["example"] if key in node
        ]
        for example in examples:
            check(example, node["schema"]["$ref"].removeprefix("schemas/"))
    referred = {node["$ref"].removeprefix("schemas/") for node in nodes(document()) if "schemas/" in node.get("$ref", "")}
    assert {f"http.json#/$defs/{name}" for name in schema("http.json")["$defs"]} <= referred


def test_the_asyncapi_document_is_well_formed():
    found = document("asyncapi.yaml")
    assert found["asyncapi"] == "3.0.0" and {"info", "channels", "operations", "components"} <= set(found)
    for node in nodes(found):
        if node.get("$ref", "").startswith("#/"):
            assert local(node, "asyncapi.yaml")
    (channel,) = found["channels"].values()
    assert channel["address"] == "/ws"
    for operation in found["operations"].values():
        assert operation["action"] in ("send", "receive") and operation["summary"]
        assert local(operation["channel"], "asyncapi.yaml") is channel
        spoken = operation["messages"] + operation.get("reply", {}).get("messages", [])
        names = [reference["$ref"].removeprefix("#/channels/socket/messages/") for reference in spoken]
        assert spoken and set(names) <= set(channel["messages"])


def test_every_message_of_the_asyncapi_document_has_a_schema_and_true_examples():
    messages = document("asyncapi.yaml")["components"]["messages"]
    told = set()
    for message in messages.values():
        reference = message["payload"]["schema"]["$ref"].removeprefix("schemas/")
        told.add(reference)
        assert message["examples"]
        for example in message["examples"]:
            check(example["payload"], reference)
    files = ("command.json", "reply.json", "push.json")
    described = {f"{file}#/$defs/{name}" for file in files for name in schema(file)["$defs"]}
    inner = {"command.json#/$defs/subscription", "reply.json#/$defs/subscribed"}
    assert told == described - inner
    operations = document("asyncapi.yaml")["operations"]
    assert {name for name, operation in operations.items() if operation["action"] == "receive"} == set(COMMANDS)


# -- the reference


def reference():
    return (PROTOCOL / "README.md").read_text()


def test_the_examples_of_the_reference_are_true():
    lines = re.findall(r"^([→←]) (\{.*\})$", reference(), re.MULTILINE)
    said = [json.loads(line) for arrow, line in lines if arrow == "→"]
    heard = [json.loads(line) for arrow, line in lines if arrow == "←"]
    assert {message["cmd"] for message in said} == set(COMMANDS) and len(heard) > len(COMMANDS)
    asked = {}
    for message in said:
        check_command(message)
        asked[message["id"]] = message["cmd"]
    for message in heard:
        check_received(message, asked.get(message.get("id")))


def table(text, heading):
    """The rows of the table behind a heading: a list of texts each."""
    part = re.split(r"^#+ ", text.partition(f"# {heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    rows = [line.strip("| ").split(" | ") for line in part.splitlines() if line.startswith("|")]
    assert len(rows) > 2, f"no table behind {heading}"
    return rows[2:]


def test_the_reference_names_every_code_and_close_code():
    codes = {row[0].strip("`") for row in table(reference(), "Error codes")}
    assert codes == CODES
    closes = {number for row in table(reference(), "Close codes") for number in re.findall(r"\d{4}", row[0])}
    source = (ROOT / "Sources/Protocol/WebSocket/CloseCode.swift").read_text()
    assert {number for number in re.findall(r"rawValue: (4\d{3})\)", source)} <= closes


def configured():
    """Each setting of docs/configuration.md and its default."""
    row = r"^\| `([a-z_.<>]+)` \|.*?\|.*?\| .*? \| `?([^|`]*?)`? \|"
    return dict(re.findall(row, (ROOT / "docs/configuration.md").read_text(), re.MULTILINE))


def test_the_limits_of_the_reference_are_those_of_the_configuration():
    known = configured()
    rows = [row for row in table(reference(), "Limits") if row[3] != "–"]
    assert len(rows) >= 18
    for what, default, _, setting, *_ in rows:
        assert known[setting.strip("`")] == default.strip("`"), what


def test_the_limits_of_the_reference_are_those_that_hello_tells(hub):
    from raw import RawSocket

    with RawSocket(hub) as peer:
        peer.upgrade()
        welcome = peer.call("hello", token=hub.token("anna", "operator"))
    told = welcome["limits"] | {"ping": welcome["ping"]}
    said = {row[2].strip("`"): int(row[1].strip("`")) for row in table(reference(), "Limits") if row[2] != "–"}
    assert said == told
