"""Revocations: sockets closed at once, tokens refused afterwards, also by a hub that was killed."""

import signal
import time

import pytest

from api import events_path, problem, request
from client import Client

PATH = "/api/v1/revocations"
SESSION = "0123456789abcdef0123456789abcdef"


def revoke(hub, tenant="default", **body):
    return request(hub, "POST", PATH, body, token=hub.token("root", "admin", tenant=tenant))


async def is_refused(hub, token, **hello):
    async with await Client.open(hub) as client:
        error = await client.error("hello", token=token, **hello)
        assert error["code"] == "unauthorized", error
        assert (await client.closed())[0] == 4401
    return error


async def test_a_persons_sockets_are_closed_at_once_on_all_loops(start_hub, room):
    hub = start_hub()
    token = hub.token("anna", "user", rooms=[room], iat=int(time.time()) - 60)
    clients = [await Client.open(hub, token) for _ in range(6)]
    async with await Client.open(hub, hub.token("anna", "user", tenant="t2")) as namesake:
        answer = revoke(hub, user="anna")
        assert answer.status == 201 and answer.json["user"] == "anna"
        for client in clients:
            assert await client.closed() == (4403, "revoked")
        await namesake.call("ping")
    await is_refused(hub, token)
    problem(request(hub, "GET", events_path(room), token=token), 401)
    problem(request(hub, "POST", events_path(room), {"kind": "message", "data": 1}, token=token), 401)
    fresh = hub.token("anna", "user", rooms=[room], iat=int(time.time()) + 5)
    async with await Client.open(hub, fresh) as anna:
        assert (await anna.error("auth", token=token))["code"] == "unauthorized"
        await anna.call("ping")


async def test_one_token_is_revoked_by_its_id(start_hub, room):
    hub = start_hub()
    first, second = (hub.token("anna", "user", rooms=[room], jti=jti) for jti in ("j1", "j2"))
    async with await Client.open(hub, first) as one, await Client.open(hub, second) as two:
        assert revoke(hub, jti="j1").json["jti"] == "j1"
        assert (await one.closed())[0] == 4403
        assert (await two.error("auth", token=first))["code"] == "unauthorized"
        await two.send(room, 1)
    await is_refused(hub, first)


async def test_a_session_ends_its_token_is_refused_and_nobody_resumes_it(start_hub, room):
    hub = start_hub()
    token = hub.token("anna", "user", rooms=[room])
    async with await Client.open(hub, token) as anna, await Client.open(hub, hub.token("anna", "user", ttl=99)) as other:
        session = anna.welcome["session"]
        assert revoke(hub, tenant="t2", session=session).status == 201, "another tenant's admin revokes nothing here"
        await anna.call("ping")
        assert revoke(hub, session=session).status == 201
        assert (await anna.closed())[0] == 4403
        await other.call("ping")
    await is_refused(hub, token)
    assert (await is_refused(hub, hub.token("anna", "user", ttl=50), session=session))["field"] == "session"


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
async def test_they_survive_the_end_of_the_process(start_hub, room, how):
    hub = start_hub()
    token, jti = hub.token("anna", "user", rooms=[room]), hub.token("boris", "user", rooms=[room], jti="j1")
    async with await Client.open(hub, hub.token("clara", "user", ttl=77)) as clara:
        session = clara.welcome["session"]
        for body in ({"user": "anna"}, {"jti": "j1"}, {"session": session}):
            assert revoke(hub, **body).status == 201
        hub.restart(how)
    await is_refused(hub, token)
    await is_refused(hub, jti)
    await is_refused(hub, hub.token("clara", "user", ttl=55), session=session)
    problem(request(hub, "GET", events_path(room), token=token), 401)
    async with await Client.open(hub, hub.token("olga", "operator")) as olga:
        await olga.call("ping")


@pytest.mark.parametrize("role", ["user", "helper", "operator", "moderator", "viewer", "worker", "developer"])
def test_only_admins_revoke(hub, role):
    answer = request(hub, "POST", PATH, {"user": "anna"}, token=hub.token("eve", role, rooms=["*"]))
    assert problem(answer, 403)["code"] == "forbidden"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "user"),
        ({"user": "a", "jti": "b"}, "jti"),
        ({"user": "a", "session": SESSION}, "session"),
        ({"user": 1}, "user"),
        ({"user": ""}, "user"),
        ({"user": "x" * 129}, "user"),
        ({"jti": None}, "jti"),
        ({"jti": "x" * 257}, "jti"),
        ({"session": "x"}, "session"),
        (b"no JSON", None),
        (b'{"user":"a","user":"b"}', None),
    ],
    ids=str,
)
def test_wrong_bodies_name_the_field(hub, body, field):
    answer = request(hub, "POST", PATH, body, token=hub.token("root", "admin"))
    assert problem(answer, 400).get("field") == field


def test_wrong_methods_and_credentials(hub):
    problem(request(hub, "POST", PATH, {"user": "a"}), 401)
    assert request(hub, "GET", PATH, token=hub.token("root", "admin")).headers["Allow"] == "POST"


def test_a_tenant_has_so_many(start_hub):
    hub = start_hub(settings={"APUS_LIMITS_REVOCATIONS": 2})
    assert [revoke(hub, user=f"u{n}").status for n in range(3)] == [201, 201, 413]
    assert revoke(hub, user="u1").status == 201, "again the same is no further one"
    assert revoke(hub, tenant="t2", user="u1").status == 201


async def test_with_a_longest_life_they_end_and_longer_tokens_are_refused(start_hub):
    hub = start_hub(settings={"APUS_AUTH_LONGEST_LIFE_DAYS": 1})
    answer = revoke(hub, user="anna").json
    assert answer["until"] - answer["at"] == 86_400_000
    await is_refused(hub, hub.token("boris", "user", ttl=90_000))
    async with await Client.open(hub, hub.token("boris", "user", ttl=80_000)) as boris:
        await boris.call("ping")


async def test_a_hub_without_a_longest_life_never_forgets(hub):
    assert "until" not in revoke(hub, tenant="t9", user="anna").json
