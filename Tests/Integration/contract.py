"""The contract as schemas (docs/protocol): every message of the tests is held to them.

The published schemas are open, because readers ignore members they do not know. What the hub says is held to closed
ones, so that it says nothing that is not described."""

import json
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import jsonschema_rs

PROTOCOL = Path(__file__).resolve().parents[2] / "docs/protocol"
SCHEMAS = PROTOCOL / "schemas"
COMMANDS = (
    "hello", "auth", "sub", "unsub", "send", "signal", "read", "history", "presence", "ping",
    "stream.open", "stream.append", "stream.close", "stream.cancel", "ask",
    "job.submit", "job.claim", "job.progress", "job.done", "job.cancel", "job.answer", "job.get", "job.list",
)  # fmt: skip


class Broken(AssertionError):
    """A message that the schemas do not allow."""


@cache
def schema(name):
    return json.loads((SCHEMAS / name).read_text())


def closed(node):
    """The same schema, where objects have the members that it names and no others."""
    if isinstance(node, list):
        return [closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    found = {name: value if name in ("not", "if", "then") else closed(value) for name, value in node.items()}
    if node.get("type") == "object" and "properties" in node:
        found.setdefault("additionalProperties", False)
    return found


def retrieve(uri):
    """The schema behind `open:///NAME` or `closed:///NAME`."""
    kind, path = urlsplit(uri)[0], urlsplit(uri)[2]
    found = schema(path.lstrip("/"))
    return closed(found) if kind == "closed" else found


@cache
def validator(reference, kind="closed"):
    """A compiled validator of a file of the schemas, or of a definition in it: `reply.json#/$defs/sub`."""
    root = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$ref": f"{kind}:///{reference}"}
    return jsonschema_rs.validator_for(root, retriever=retrieve)


def definition(file, name=None):
    return f"{file}.json#/$defs/{name}" if name else f"{file}.json"


def check(message, reference, kind="closed"):
    """Raises `Broken` with what is wrong where the message is not what the schema describes."""
    compiled = validator(reference, kind)
    if compiled.is_valid(message):
        return
    faults = "; ".join(f"{error.instance_path}: {error.message}" for error in compiled.iter_errors(message))
    raise Broken(f"{json.dumps(message, ensure_ascii=False)[:2000]}\nis not {reference}: {faults[:2000]}")


# -- messages of a socket


def check_command(message):
    check(message, definition("command", command_of(message)), "open")


def check_line(line):
    """A line as it is about to be sent."""
    try:
        message = json.loads(line)
    except ValueError as error:
        raise Broken(f"{line[:200]!r} is no JSON: {error}") from None
    check_command(message)


def command_of(message):
    """The name of a command that has a schema of its own."""
    name = message.get("cmd") if isinstance(message, dict) else None
    return name if name in COMMANDS else None


def check_received(message, command=None):
    """What the hub sent: a push, or the reply to a command of this name (None: of any)."""
    if "id" not in message:
        check(message, definition("push"))
    elif "error" in message:
        check(message, definition("reply", "error"))
    else:
        check(message, definition("reply", command))


class Conversation:
    """What was asked on one connection, so that each reply is held to the schema of its command."""

    def __init__(self):
        self._asked = {}

    def says(self, line, malformed=False):
        """A line of a client. `malformed`: the test breaks the contract on purpose."""
        if not malformed:
            check_line(line)
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            return
        if (name := command_of(message)) and isinstance(message.get("id"), int):
            # Where an id is used twice, the reply may be to either command.
            self._asked[message["id"]] = None if message["id"] in self._asked else name

    def hears(self, message):
        """A message of the hub."""
        check_received(message, self._asked.get(message.get("id")))
