"""The demo people, for the page and for trying things out."""

import pytest

from api import events_path, request
from client import Client
from hub import run


def people(hub):
    answer = request(hub, "GET", "/demo/people")
    assert answer.status == 200
    return answer.json["people"]


async def test_demo_people_can_sign_in(hub):
    found = people(hub)
    roles = [role for person in found for role in person["roles"]]
    assert roles.count("user") >= 2 and roles.count("helper") >= 1 and roles.count("operator") == 2
    assert "admin" in [person["user"] for person in found]
    assert {"user": "anna", "name": "Анна", "roles": ["user"]} in found
    for person in found:
        token = request(hub, "POST", "/demo/login", {"user": person["user"]}).json["token"]
        async with await Client.open(hub, token) as client:
            assert client.welcome["user"] == person["user"]
            assert client.welcome["roles"] == person["roles"]


async def test_demo_users_have_the_tickets(hub, room):
    token = request(hub, "POST", "/demo/login", {"user": "anna"}).json["token"]
    async with await Client.open(hub, token) as anna:
        await anna.sub(room)
        assert (await anna.error("sub", room="queue:support"))["code"] == "forbidden"
    assert request(hub, "POST", events_path(room), {"kind": "message", "data": 1}, token=token).status == 201


@pytest.mark.parametrize("body", [{"user": "nobody"}, {"user": 7}, {}, [], b"x"], ids=str)
def test_an_unknown_person_is_refused(hub, body):
    answer = request(hub, "POST", "/demo/login", body, {"Content-Type": "application/json"})
    assert answer.status in (400, 404)
    assert "token" not in answer.json


def test_a_foreign_page_cannot_sign_in(hub):
    answer = request(hub, "POST", "/demo/login", {"user": "admin"}, {"Origin": "https://evil.example"})
    assert answer.status == 403 or answer.headers["Access-Control-Allow-Origin"] is None


def test_no_demo_unless_asked(start_hub):
    hub = start_hub(flags=[])
    assert request(hub, "GET", "/demo/people").status == 404
    assert request(hub, "POST", "/demo/login", {"user": "anna"}).status == 404


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_demo_on_another_host_than_loopback_is_refused(tmp_path, host):
    done = run("serve", "--port", "0", "--data", str(tmp_path / "data"), "--demo", "--host", host)
    assert done.returncode == 2
    assert "--demo" in done.stderr or "demo" in done.stderr
