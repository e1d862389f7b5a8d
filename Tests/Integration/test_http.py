"""The HTTP API, health, metrics, and a strict reading of request heads."""

import re

import pytest

from api import events_path, problem, request
from client import Client
from raw import RawSocket


@pytest.fixture
def token(hub):
    return hub.token("anna", "operator")


# -- events


async def test_a_posted_event_is_kept_and_pushed(hub, token, room):
    async with await Client.open(hub, hub.token("boris", "operator")) as boris:
        epoch = (await boris.sub(room))["epoch"]
        answer = request(hub, "POST", events_path(room), {"kind": "message", "data": {"text": "из HTTP"}}, token=token)
        assert answer.status == 201 and answer.type == "application/json"
        receipt = answer.json
        assert (receipt["offset"], receipt["epoch"]) == (1, epoch)
        (event,) = await boris.events(room, 1)
        assert (event["by"], event["data"], event["at"]) == ("anna", {"text": "из HTTP"}, receipt["at"])


def test_an_idempotency_key_makes_the_second_a_200(hub, token, room):
    headers = {"Idempotency-Key": "k1"}
    first = request(hub, "POST", events_path(room), {"kind": "message", "data": 1}, headers, token)
    second = request(hub, "POST", events_path(room), {"kind": "message", "data": 2}, headers, token)
    assert (first.status, second.status) == (201, 200)
    assert second.json["offset"] == first.json["offset"] and second.json["duplicate"] is True


async def test_a_key_is_the_same_over_http_and_websocket(hub, token, room):
    async with await Client.open(hub, token) as anna:
        first = await anna.send(room, 1, key="k")
    again = request(hub, "POST", events_path(room), {"kind": "message", "data": 1}, {"Idempotency-Key": "k"}, token)
    assert (again.status, again.json["offset"]) == (200, first["offset"])


async def test_line_breaks_outside_strings_are_taken_out(hub, token, room):
    body = b'{\r\n  "kind": "message",\n  "data": {\n    "a": "x\\ny",\r\n    "b": [1,\n2]\n  }\n}\n'
    assert request(hub, "POST", events_path(room), body, {"Content-Type": "application/json"}, token).status == 201
    async with await Client.open(hub, token) as anna:
        answer = await anna.sub(room)
        assert answer["events"][0]["data"] == {"a": "x\ny", "b": [1, 2]}


def test_history_over_http(hub, token, room):
    for number in range(1, 8):
        request(hub, "POST", events_path(room), {"kind": "message", "data": number, "ack": "accepted"}, token=token)
    cases = [
        ({}, range(1, 8), False),
        ({"limit": 2}, [6, 7], True),
        ({"before": 3}, [1, 2], False),
        ({"after": 0, "limit": 3}, [1, 2, 3], True),
        ({"after": 7}, [], False),
    ]
    for query, expected, more in cases:
        answer = request(hub, "GET", events_path(room, **query), token=token)
        assert answer.status == 200 and answer.type == "application/json"
        page = answer.json
        assert [event["offset"] for event in page["events"]] == list(expected), query
        assert page["more"] is more and page["epoch"]


WRONG_BODIES = [
    (b"", 400),
    (b"no JSON", 400),
    (b"[]", 400),
    (b'{"kind":"message"}', 400),
    (b'{"data":1}', 400),
    (b'{"kind":"BAD","data":1}', 400),
    (b'{"kind":"read","data":1}', 403),
    (b'{"kind":"message","data":1,"ack":"never"}', 400),
    (b'{"kind":"message","data":"\\ud800"}', 400),
    (b'{"kind":"message","data":"\xff"}', 400),
    (b'{"kind":"message","data":"' + b"x" * 65_536 + b'"}', 413),
    (b'{"kind":"message","data":"' + b"x" * (20 << 20) + b'"}', 413),
]


@pytest.mark.parametrize(("body", "status"), WRONG_BODIES, ids=lambda value: str(value)[:50])
def test_wrong_bodies_get_a_problem_document(hub, token, room, body, status):
    try:
        answer = request(hub, "POST", events_path(room), body, {"Content-Type": "application/json"}, token)
    except (BrokenPipeError, ConnectionResetError):
        # A body far over the limit may be cut while it is still being sent: then the refusal cannot be read.
        assert len(body) > 1 << 20
        return
    problem(answer, status)
    assert request(hub, "GET", events_path(room), token=token).json["events"] == []


def test_wrong_addresses_and_credentials(hub, token, room):
    body = {"kind": "message", "data": 1}
    problem(request(hub, "POST", events_path(room), body), 401)
    problem(request(hub, "POST", events_path(room), body, token="x"), 401)
    problem(request(hub, "POST", events_path(room), body, {"Authorization": "Basic YTpi"}), 401)
    problem(request(hub, "POST", events_path("no room"), body, token=token), 400)
    problem(request(hub, "GET", events_path(room, limit=501), token=token), 400)
    problem(request(hub, "GET", events_path(room, before="x"), token=token), 400)
    problem(request(hub, "GET", "/api/v1/nothing", token=token), 404)
    problem(request(hub, "DELETE", events_path(room), token=token), 405)
    problem(request(hub, "POST", events_path("queue:support"), body, token=hub.token("u", "user")), 403)
    problem(request(hub, "POST", events_path(room), body, {"Idempotency-Key": "x" * 65}, token), 400)


def test_a_405_names_what_is_allowed(hub, token, room):
    allowed = request(hub, "PUT", events_path(room), {}, token=token).headers["Allow"]
    assert {"GET", "POST"} <= {method.strip() for method in allowed.split(",")}


def test_unauthorized_names_the_scheme(hub, room):
    assert request(hub, "GET", events_path(room)).headers["WWW-Authenticate"].startswith("Bearer")


def test_a_key_that_is_no_text_is_refused(hub, token, room):
    """Two of them must not become the same key: the second event would be taken for the first."""
    body = {"kind": "message", "data": 1}
    problem(request(hub, "POST", events_path(room), body, {"Idempotency-Key": b"\xe4"}, token), 400)
    kept = request(hub, "POST", events_path(room), body, {"Idempotency-Key": "ключ".encode()}, token)
    assert kept.status == 201
    events = request(hub, "GET", events_path(room), token=token).json["events"]
    assert [event["key"] for event in events] == ["ключ"]


def test_methods_that_no_path_serves_are_405_and_unknown_ones_501(hub, token, room):
    assert problem(request(hub, "TRACE", events_path(room), token=token), 405)["code"] == "bad_request"
    assert problem(request(hub, "BREW", events_path(room), token=token), 501)["code"] == "unsupported"


def test_the_room_of_a_path_is_percent_encoded(hub, token, room):
    for path in (events_path(f"{room}/notes"), f"/api/v1/rooms/{room.replace(':', '%3a')}%2Fnotes/events"):
        assert request(hub, "POST", path, {"kind": "message", "data": 1}, token=token).status == 201
    assert len(request(hub, "GET", events_path(f"{room}/notes"), token=token).json["events"]) == 2


def test_a_limited_user_gets_429_with_retry_after(hub, room):
    token = hub.token("anna", "user", rooms=[room])
    body = {"kind": "message", "data": 1, "ack": "accepted"}
    answers = [request(hub, "POST", events_path(room), body, token=token) for _ in range(200)]
    refused = [answer for answer in answers if answer.status != 201]
    assert answers[0].status == 201 and refused
    for answer in refused:
        problem(answer, 429)
        assert int(answer.headers["Retry-After"]) >= 1


def test_cors_is_for_configured_origins(start_hub, room):
    hub = start_hub(settings={"APUS_CORS_ALLOWED_ORIGINS": "https://desk.example"})
    asked = {"Origin": "https://desk.example", "Access-Control-Request-Method": "POST",
             "Access-Control-Request-Headers": "authorization,content-type,idempotency-key"}  # fmt: skip
    preflight = request(hub, "OPTIONS", events_path(room), headers=asked)
    assert preflight.status in (200, 204)
    assert preflight.headers["Access-Control-Allow-Origin"] == "https://desk.example"
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    token = hub.token("anna", "operator")
    answer = request(hub, "GET", events_path(room), headers={"Origin": "https://desk.example"}, token=token)
    assert answer.headers["Access-Control-Allow-Origin"] == "https://desk.example"
    foreign = request(hub, "GET", events_path(room), headers={"Origin": "https://evil.example"}, token=token)
    assert foreign.headers["Access-Control-Allow-Origin"] is None


# -- health and metrics


def test_health_and_version(hub):
    assert request(hub, "GET", "/healthz").status == 200
    assert request(hub, "GET", "/readyz").status == 200
    version = request(hub, "GET", "/version")
    assert version.status == 200 and re.search(r"\d+\.\d+", version.body.decode())
    assert request(hub, "HEAD", "/healthz").body == b""


def metrics(hub):
    answer = request(hub, "GET", "/metrics")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    return answer.body.decode()


SAMPLE = re.compile(r'^[a-zA-Z_:][a-zA-Z0-9_:]*(\{[a-zA-Z0-9_]+="[^"]*"(,[a-zA-Z0-9_]+="[^"]*")*\})? \S+$')


def test_metrics_are_well_formed(hub):
    text = metrics(hub)
    assert text.endswith("\n")
    described, family, finished = set(), None, set()
    for line in text.splitlines():
        if line.startswith("# "):
            _, word, name, _ = line.split(" ", 3)
            assert word in ("HELP", "TYPE")
            assert name not in finished, f"{name} is not contiguous"
            if family and family != name:
                finished.add(family)
            family = name
            described.add(name)
        else:
            assert SAMPLE.match(line), line
            assert any(line.startswith(name) for name in described), line
            float(line.rsplit(" ", 1)[1])


def value(text, name):
    """The sum of a metric over its labels: 0 where it has been declared and nothing was counted yet."""
    found = re.findall(rf"^{name}(?:{{[^}}]*}})? (\S+)$", text, re.MULTILINE)
    assert f"# TYPE {name} " in text, f"no metric {name}"
    return sum(map(float, found))


async def test_metrics_count_what_happens(hub, token, room):
    before = metrics(hub)
    names = re.findall(r"^# TYPE (\S+) counter$", before, re.MULTILINE)
    async with await Client.open(hub, token) as anna:
        await anna.sub(room)
        for number in range(20):
            await anna.send(room, number)
        await anna.events(room, 20)
        after = metrics(hub)
    grown = [name for name in names if value(after, name) > value(before, name)]
    assert len(grown) >= 4, f"only {grown} of {names} have grown"
    assert all(value(after, name) >= value(before, name) for name in names), "a counter never falls"
    assert not re.search(room.split(":")[1], after), "no room in a label"


# -- static files


def test_the_page_is_served_with_its_policy(hub):
    page = request(hub, "GET", "/")
    assert page.status == 200 and page.type == "text/html"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    script = request(hub, "GET", "/js/apus.js")
    assert script.status == 200 and script.type == "text/javascript"


@pytest.mark.parametrize(
    "path", ["/js/../../Package.swift", "/js/%2e%2e/demo/index.html", "/js/..%2f..%2fPackage.swift", "/js/", "/js/.x",
             "/assets/%00", "//etc/passwd", "/js/apus.js/", "/assets/../../data/hs256.key"]
)  # fmt: skip
def test_nothing_else_is_served(hub, path):
    with RawSocket(hub) as peer:
        answer = peer.request(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n")
        assert answer.status in (400, 404)


# -- request heads

SMUGGLING = {
    "two lengths": "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    "a length and chunked": "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    "a signed length": "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\n",
    "a length list": "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 1, 2\r\n\r\n",
    "a hexadecimal length": "POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 0x1\r\n\r\n",
    "a folded header": "GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n",
    "a space before the colon": "GET / HTTP/1.1\r\nHost : x\r\n\r\n",
    "a bare LF": "GET / HTTP/1.1\nHost: x\n\n",
    "a NUL in a value": "GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n",
    "a CR in a value": "GET / HTTP/1.1\r\nHost: x\r\nX: a\rb\r\n\r\n",
    "two hosts": "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
    "no host": "GET / HTTP/1.1\r\n\r\n",
    "no version": "GET /\r\n\r\n",
    "version 3": "GET / HTTP/3.0\r\nHost: x\r\n\r\n",
    "a space in the target": "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n",
    "an empty name": "GET / HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n",
    "odd transfer coding": "POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n",
}


@pytest.mark.parametrize("name", SMUGGLING)
def test_doubtful_heads_get_a_4xx_and_the_end(hub, name):
    with RawSocket(hub) as peer:
        answer = peer.request(SMUGGLING[name])
        assert answer.status in (400, 501, 505)
        assert answer.body, "a sentence says what is wrong"
        assert peer.at_end()


def test_heads_without_bound_get_431(hub):
    with RawSocket(hub) as peer:
        answer = peer.request("GET / HTTP/1.1\r\nHost: x\r\nX: " + "a" * 100_000)
        assert answer.status == 431
        assert peer.at_end()


def test_a_connection_serves_several_requests(hub):
    with RawSocket(hub) as peer:
        for _ in range(3):
            assert peer.request("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").status == 200
        assert peer.request("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").status == 200
        assert peer.at_end()


def test_pipelined_requests_are_answered_in_order(hub):
    with RawSocket(hub) as peer:
        peer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /nothing HTTP/1.1\r\nHost: x\r\n\r\n")
        assert [peer.response().status, peer.response().status] == [200, 404]


def test_a_chunked_body_is_read(hub, token, room):
    head = (
        f"POST {events_path(room)} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    with RawSocket(hub) as peer:
        answer = peer.request(head, b'10\r\n{"kind":"message\r\nb\r\n","data":1}\r\n0\r\n\r\n')
        assert answer.status == 201


def test_an_expected_continue_is_given(hub, token, room):
    body = b'{"kind":"message","data":1}'
    with RawSocket(hub) as peer:
        answer = peer.request(
            f"POST {events_path(room)} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n"
        )
        assert answer.status == 100
        peer.write(body)
        assert peer.response().status == 201
