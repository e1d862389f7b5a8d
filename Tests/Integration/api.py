"""HTTP requests to the hub."""

import http.client
import json
from dataclasses import dataclass
from urllib.parse import quote

from hub import PATIENCE
from openapi import check_answer


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def type(self):
        return self.headers.get_content_type()


def request(hub, method, path, body=None, headers=None, token=None):
    """One request on a connection of its own, its answer held to openapi.yaml. A body that is no bytes is sent as JSON."""
    headers = dict(headers or {})
    if token:
        headers["Authorization"] = f"Bearer {token}"
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body, ensure_ascii=False).encode()
        headers.setdefault("Content-Type", "application/json")
    if hub.ssl:
        connection = http.client.HTTPSConnection(hub.host, hub.port, timeout=PATIENCE, context=hub.ssl)
    else:
        connection = http.client.HTTPConnection(hub.host, hub.port, timeout=PATIENCE)
    try:
        connection.request(method, path, body=body, headers=headers)
        response = connection.getresponse()
        answer = Answer(response.status, response.headers, response.read())
    finally:
        connection.close()
    check_answer(method, path, answer)
    return answer


def events_path(room, **query):
    path = f"/api/v1/rooms/{quote(room, safe='')}/events"
    return path + ("?" + "&".join(f"{name}={value}" for name, value in query.items()) if query else "")


def problem(answer, status):
    """Checks that an answer is a problem document with this status, and returns it."""
    assert answer.status == status, (answer.status, answer.body)
    assert answer.type == "application/problem+json", answer.headers
    found = answer.json
    assert found["status"] == status and found["title"], found
    return found
