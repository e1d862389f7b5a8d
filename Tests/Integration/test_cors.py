"""Which pages may call the API (`cors.allowed_origins`), apart from those that may open a socket (`allowed_origins`)."""

import pytest

from api import events_path, request
from raw import RawSocket

PAGE, SOCKET, EVIL = "https://desk.example", "https://live.example", "https://evil.example"
SETTINGS = {"APUS_CORS_ALLOWED_ORIGINS": PAGE, "APUS_ALLOWED_ORIGINS": SOCKET}
PATHS = [events_path("ticket:42"), "/api/v1/revocations"]


def cors(answer):
    return {name.lower(): value for name, value in answer.headers.items() if name.lower().startswith("access-control")}


def preflight(hub, path, origin, method="POST"):
    return request(hub, "OPTIONS", path, headers={
        "Origin": origin, "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
    })  # fmt: skip


@pytest.fixture
def guarded(start_hub):
    return start_hub(settings=SETTINGS)


@pytest.mark.parametrize("path", PATHS)
def test_a_preflight_of_a_configured_origin_is_granted(guarded, path):
    answer = preflight(guarded, path, PAGE)
    assert answer.status == 204 and answer.body == b""
    assert answer.headers["Access-Control-Allow-Origin"] == PAGE
    assert {"GET", "POST"} <= set(answer.headers["Access-Control-Allow-Methods"].split(", "))
    granted = answer.headers["Access-Control-Allow-Headers"].lower().split(", ")
    assert {"authorization", "content-type", "idempotency-key"} <= set(granted)
    assert int(answer.headers["Access-Control-Max-Age"]) > 0


@pytest.mark.parametrize("origin", [EVIL, SOCKET, "null", PAGE + ".evil.example", "http://desk.example", PAGE + ":444"])
@pytest.mark.parametrize("path", PATHS)
def test_other_origins_are_granted_nothing(guarded, path, origin):
    for answer in (preflight(guarded, path, origin), request(guarded, "GET", path, headers={"Origin": origin})):
        assert cors(answer) == {}
        assert answer.headers["Vary"] == "Origin", "a cache must not give it to the page that is allowed"


def test_answers_of_every_status_can_be_read_by_the_page(guarded):
    origin, path = {"Origin": PAGE}, PATHS[0]
    user = guarded.token("anna", "user", rooms=["ticket:42"])
    answers = [
        request(guarded, "GET", path, headers=origin, token=user),
        request(guarded, "GET", path, headers=origin),
        request(guarded, "POST", path, {"kind": "read", "data": 1}, origin, user),
        request(guarded, "GET", "/api/v1/rooms/nonsense/events", headers=origin, token=user),
        request(guarded, "GET", "/api/v1/nothing", headers=origin),
        request(guarded, "DELETE", path, headers=origin),
    ]
    while answers[-1].status != 429:
        answers.append(request(guarded, "POST", path, {"kind": "m", "data": 1, "ack": "accepted"}, origin, user))
    assert {200, 400, 401, 403, 404, 405, 429} <= {answer.status for answer in answers}
    for answer in answers:
        assert answer.headers["Access-Control-Allow-Origin"] == PAGE, answer.status
        assert answer.headers["Vary"] == "Origin"
        assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]


def test_credentials_are_never_allowed_and_no_origin_is_a_wildcard(guarded):
    for origin in (PAGE, EVIL):
        for answer in (preflight(guarded, PATHS[0], origin), request(guarded, "GET", PATHS[0], headers={"Origin": origin})):
            assert answer.headers["Access-Control-Allow-Credentials"] is None
            assert answer.headers["Access-Control-Allow-Origin"] != "*"


def test_the_lists_of_pages_and_sockets_are_apart(guarded):
    for origin, status in ((PAGE, 403), (SOCKET, 101), (EVIL, 403), ("null", 403)):
        with RawSocket(guarded) as peer:
            assert peer.upgrade(Origin=origin).status == status, origin


def test_without_the_setting_there_is_no_cors(hub):
    for answer in (preflight(hub, PATHS[0], PAGE), request(hub, "GET", PATHS[0], headers={"Origin": PAGE})):
        assert cors(answer) == {}


def test_what_is_no_part_of_the_api_has_none(guarded):
    for path in ("/healthz", "/metrics", "/version", "/"):
        assert cors(request(guarded, "GET", path, headers={"Origin": PAGE})) == {}
