"""Streams over HTTP: the same rules as over the socket, for producers without one."""

import uuid

import pytest

from api import problem, request
from client import Client


@pytest.fixture
def stream():
    return f"s-{uuid.uuid4().hex[:12]}"


def post(hub, path, body, token):
    return request(hub, "POST", f"/api/v1/streams{path}", body, token=token)


def worker(hub, user="bot"):
    return hub.token(user, "worker", rooms=["ticket:*"])


async def test_it_is_opened_appended_and_closed(hub, room, stream):
    token = worker(hub)
    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        await anna.sub(room)
        opened = post(hub, "", {"room": room, "stream": stream, "meta": {"m": 1}}, token)
        assert (opened.status, opened.json) == (200, {"offset": 1, "next": 0, "attempt": 1})
        appended = post(hub, f"/{stream}/append", {"from": 0, "parts": ["a", "b"]}, token)
        assert (appended.status, appended.json["next"]) == (200, 2)
        assert (await anna.push(kind="delta", stream=stream))["text"] == "ab"
        assert post(hub, f"/{stream}/append", {"from": 1, "text": "b"}, token).json["next"] == 2
        assert post(hub, "", {"room": room, "stream": stream, "attempt": 2}, token).json["attempt"] == 2
        assert post(hub, f"/{stream}/append", b'{"from": 0,\n "attempt": 2, "text": "c"}', token).json["next"] == 1
        closed = post(hub, f"/{stream}/close", b'{"state": "done", "usage": {\n"tokens_out": 1}}', token)
        assert (closed.status, closed.json) == (200, {"offset": 2})
        data = (await anna.events(room, 2))[-1]["data"]
        assert (data["text"], data["attempt"], data["usage"]) == ("c", 2, {"tokens_out": 1})


def test_errors_are_problems(hub, room, stream):
    token = worker(hub)
    assert problem(post(hub, "", {"room": room}, token), 400)["field"] == "stream"
    assert problem(post(hub, "", {"room": room, "stream": "ask:1:a:b"}, token), 403)["field"] == "stream"
    assert problem(post(hub, "", {"room": room, "stream": stream}, hub.token("anna", "user", rooms=[room])), 403)
    assert problem(request(hub, "POST", "/api/v1/streams", {"room": room, "stream": stream}), 401)
    assert problem(post(hub, f"/{stream}/append", {"from": 0, "text": "x"}, token), 404)["field"] == "stream"
    assert problem(post(hub, "/a%20b/append", {"from": 0, "text": "x"}, token), 400)["field"] == "stream"
    assert post(hub, "", {"room": room, "stream": stream}, token).status == 200
    assert problem(post(hub, f"/{stream}/append", {"text": "x"}, token), 400)["field"] == "from"
    gap = problem(post(hub, f"/{stream}/append", {"from": 5, "text": "x"}, token), 409)
    assert (gap["field"], gap["current"]) == ("from", 0)
    assert problem(post(hub, f"/{stream}/close", {"state": "open"}, token), 400)["field"] == "state"
    assert problem(post(hub, f"/{stream}/append", {"from": 0, "text": "x"}, worker(hub, "other")), 409)["field"] == "stream"
    assert problem(request(hub, "GET", "/api/v1/streams", token=token), 405)
    assert post(hub, f"/{stream}/close", {"state": "failed", "error": "gone"}, token).status == 200
    assert problem(post(hub, "", {"room": room, "stream": stream}, token), 409)["current"] == "failed"


async def test_a_socket_takes_it_up_and_the_requests_get_conflict(hub, room, stream):
    token = worker(hub)
    assert post(hub, "", {"room": room, "stream": stream}, token).status == 200
    assert post(hub, f"/{stream}/append", {"from": 0, "text": "a"}, token).status == 200
    async with await Client.open(hub, token) as producer:
        assert (await producer.call("stream.open", room=room, stream=stream))["next"] == 1
        assert problem(post(hub, f"/{stream}/append", {"from": 1, "text": "x"}, token), 409)["field"] == "stream"
        await producer.call("stream.close", stream=stream, state="done")


async def test_without_requests_it_is_interrupted_and_a_cancel_ends_it_at_once(start_hub, room):
    hub = start_hub(settings={"APUS_STREAMS_GRACE_MS": 400})
    token = worker(hub)
    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        await anna.sub(room)
        assert post(hub, "", {"room": room, "stream": "s1"}, token).status == 200
        await anna.call("stream.cancel", stream="s1")
        assert (await anna.events(room, 2))[-1]["data"]["state"] == "cancelled"
        assert post(hub, "", {"room": room, "stream": "s2"}, token).status == 200
        assert (await anna.events(room, 4))[-1]["data"]["state"] == "interrupted"
