"""The HTTP API as docs/protocol/openapi.yaml describes it: every answer that the tests get is held to it."""

import json
import re
from functools import cache
from urllib.parse import unquote, urlsplit

import yaml

from contract import PROTOCOL, Broken, check, definition

METHODS = {"GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"}


@cache
def document(name="openapi.yaml"):
    return yaml.load((PROTOCOL / name).read_text(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def local(node, name="openapi.yaml"):
    """What stands behind a `$ref` into the document itself; anything else as it is."""
    while isinstance(node, dict) and node.get("$ref", "").startswith("#/"):
        reference = node["$ref"]
        node = document(name)
        for part in reference[2:].split("/"):
            node = node[part.replace("~1", "/").replace("~0", "~")]
    return node


@cache
def operations():
    """(method, pattern of paths, operation) each."""
    found = []
    for path, item in document()["paths"].items():
        pattern = re.compile(re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(path)) + "$")
        found += [(method.upper(), pattern, item[method]) for method in item if method.upper() in METHODS]
    return found


def operation(method, target):
    path = urlsplit(target).path
    asked = "GET" if method == "HEAD" else method
    return next((found for known, pattern, found in operations() if known == asked and pattern.match(path)), None)


def check_answer(method, target, answer):
    """Raises `Broken` where the document does not describe this answer."""
    if answer.status >= 400 and answer.type == "application/problem+json" and method != "HEAD":
        check_problem(answer)
    if (described := operation(method, target)) is None:
        return
    response = local(described["responses"].get(str(answer.status)))
    what = f"{method} {unquote(target)[:80]} → {answer.status}"
    if response is None:
        raise Broken(f"{what}: the document has no such answer")
    for name, header in response.get("headers", {}).items():
        if local(header).get("required") and answer.headers.get(name) is None:
            raise Broken(f"{what}: without {name}")
    if answer.type not in response["content"]:
        raise Broken(f"{what}: {answer.type} is not described")
    reference = response["content"][answer.type]["schema"].get("$ref", "")
    if method != "HEAD" and reference.startswith("schemas/"):
        check(json.loads(answer.body), reference.removeprefix("schemas/"))


def check_problem(answer):
    found = json.loads(answer.body)
    check(found, definition("http", "problem"))
    if found["status"] != answer.status:
        raise Broken(f"{answer.status}, but the problem says {found['status']}")
