"""Limits per address, behind a proxy that is trusted (connections from loopback itself are exempt), and of the process."""

import json

import pytest

from api import events_path, problem, request
from client import Client
from raw import RawSocket

PROXIED = {"APUS_TRUSTED_PROXIES": "127.0.0.0/8"}
LIMITS = PROXIED | {"APUS_LIMITS_CONNECTIONS_PER_ADDRESS": 3, "APUS_LIMITS_ACCEPTS_PER_ADDRESS": 100_000}
HEALTH = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


def open_from(peer, address):
    return peer.upgrade(X_Forwarded_For=address)


def is_turned_away(answer):
    """503, with the time to wait, as a problem document."""
    assert answer.status == 503, answer
    assert int(answer["Retry-After"]) >= 1
    assert answer["Content-Type"] == "application/problem+json"
    assert json.loads(answer.body)["status"] == 503
    return True


def metric(hub, name):
    for line in request(hub, "GET", "/metrics").body.decode().splitlines():
        if line.startswith(name + " "):
            return float(line.rsplit(" ", 1)[1])
    raise AssertionError(f"no {name}")


def test_an_address_has_so_many_connections_and_not_one_more(start_hub):
    hub = start_hub(settings=LIMITS)
    peers = [RawSocket(hub) for _ in range(5)]
    assert [open_from(peer, "203.0.113.7").status for peer in peers[:3]] == [101] * 3
    assert is_turned_away(open_from(peers[3], "203.0.113.7"))
    assert metric(hub, 'apus_connections_refused_total{reason="address"}') == 1
    assert open_from(peers[4], "203.0.113.8").status == 101, "another address has its own count"
    peers[0].socket.close()
    while open_from(again := RawSocket(hub), "203.0.113.7").status != 101:
        again.socket.close()  # the place is free as soon as the hub has seen the end
    again.socket.close()
    for peer in peers:
        peer.socket.close()


def test_connections_of_an_address_come_so_fast_and_no_faster(start_hub):
    hub = start_hub(settings=PROXIED | {"APUS_LIMITS_ACCEPTS_PER_ADDRESS": 2})
    answers = []
    while not any(answer.status == 503 for answer in answers):
        with RawSocket(hub) as peer:
            answers.append(open_from(peer, "203.0.113.7"))
    assert [answer.status for answer in answers[:2]] == [101, 101]
    assert is_turned_away(answers[-1])
    assert metric(hub, 'apus_connections_refused_total{reason="address_rate"}') == 1
    with RawSocket(hub) as other:
        assert open_from(other, "203.0.113.8").status == 101


def test_of_ipv6_a_whole_64_is_one_address(start_hub):
    hub = start_hub(settings=LIMITS)
    peers = [RawSocket(hub) for _ in range(5)]
    inside = [open_from(peer, f"2001:db8:1:2::{number}").status for number, peer in enumerate(peers[:4])]
    assert inside == [101, 101, 101, 503]
    assert open_from(peers[4], "2001:db8:1:3::1").status == 101
    for peer in peers:
        peer.socket.close()


def test_what_an_untrusted_peer_forwards_does_not_count(start_hub):
    hub = start_hub(settings={"APUS_LIMITS_CONNECTIONS_PER_ADDRESS": 3})
    peers = [RawSocket(hub) for _ in range(6)]
    assert [open_from(peer, "203.0.113.7").status for peer in peers] == [101] * 6
    for peer in peers:
        peer.socket.close()


# -- the process


def test_the_process_has_so_many_connections_and_turns_others_away(start_hub):
    hub = start_hub(settings={"APUS_LIMITS_CONNECTIONS": 8})
    token = hub.token("anna", "operator")
    peers = [RawSocket.joined(hub, token) for _ in range(8)]
    for _ in range(40):
        with RawSocket(hub) as extra:
            assert is_turned_away(extra.response()), "it is told so before it has asked for anything"
            assert extra.at_end()
    assert all("ok" in peer.reply(peer.command("ping")) for peer in peers), "who is in stays served"
    peers.pop().socket.close()
    while True:  # the place is free as soon as the hub has seen the end
        with RawSocket(hub) as peer:
            peer.write(HEALTH.encode())
            if peer.response().status == 200:
                break
    for peer in peers:
        peer.socket.close()


def test_a_flood_of_connections_leaves_nothing_behind(start_hub):
    hub = start_hub(settings={"APUS_LIMITS_CONNECTIONS": 20})
    token = hub.token("anna", "operator")
    with RawSocket.joined(hub, token) as first:
        flood = []
        for _ in range(30):
            flood += [peer for _ in range(50) if (peer := knocked(hub))]
            assert "ok" in first.reply(first.command("ping"))
        for peer in flood:
            peer.socket.close()
        while (refused := metric_over(hub, first)) is None:
            pass
        assert refused >= 1500 - 20


def knocked(hub):
    """A connection; None where it was cut before this side had it."""
    try:
        return RawSocket(hub)
    except ConnectionResetError:
        return None


def metric_over(hub, member):
    """How many were refused, once there is a place for the question; the member goes on being served."""
    assert "ok" in member.reply(member.command("ping"))
    if (peer := knocked(hub)) is None:
        return None
    with peer:
        try:
            peer.write(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = peer.response()
        except (EOFError, ConnectionResetError, BrokenPipeError):
            return None
    if answer.status != 200:
        return None
    line = next(row for row in answer.body.decode().splitlines() if 'refused_total{reason="process"}' in row)
    return float(line.rsplit(" ", 1)[1])


# -- routes


ROUTES = [("GET", "/metrics", 25), ("POST", "/demo/login", 25), ("GET", "/healthz", 100), ("GET", "/version", 500)]


@pytest.mark.parametrize(("method", "path", "burst"), ROUTES, ids=lambda value: str(value))
def test_a_route_has_a_rate_for_each_address(start_hub, method, path, burst):
    hub = start_hub(settings=PROXIED)
    body = {"user": "anna"} if method == "POST" else None
    answers = [request(hub, method, path, body, {"X-Forwarded-For": "203.0.113.7"}) for _ in range(2 * burst)]
    assert all(answer.status == 200 for answer in answers[:burst])
    refused = [answer for answer in answers if answer.status != 200]
    assert refused
    for answer in refused:
        assert problem(answer, 429)["code"] == "rate_limited"
        assert int(answer.headers["Retry-After"]) >= 1
    assert request(hub, method, path, body, {"X-Forwarded-For": "203.0.113.8"}).status == 200
    assert request(hub, method, path, body).status == 200, "loopback is exempt"


def test_who_guesses_tokens_is_not_listened_to_any_more_and_good_ones_cost_nothing(start_hub, room):
    hub = start_hub(settings=PROXIED)
    token = hub.token("bot", "worker", rooms=["ticket:*"])
    body = {"kind": "message", "data": 1, "ack": "accepted"}
    origin = {"X-Forwarded-For": "203.0.113.7"}
    good = [request(hub, "POST", events_path(room), body, origin, token).status for _ in range(150)]
    assert good == [201] * 150
    bad = [request(hub, "GET", events_path(room), headers=origin, token="x").status for _ in range(200)]
    assert bad[:100] == [401] * 100 and 429 in bad[100:]
    problem(request(hub, "GET", events_path(room), headers=origin), 429)
    assert request(hub, "GET", events_path(room), headers={"X-Forwarded-For": "203.0.113.8"}).status == 401


async def test_an_address_has_rates_over_all_its_people(start_hub, room):
    hub = start_hub(settings=PROXIED | {"APUS_LIMITS_SENDS_PER_ADDRESS": 1, "APUS_TRUSTED_PROXIES": "127.0.0.0/8"})
    body = {"kind": "message", "data": 1, "ack": "accepted"}
    origin = {"X-Forwarded-For": "203.0.113.7"}
    kept = [
        request(hub, "POST", events_path(room), body, origin, hub.token(f"u{n}", "user", rooms=[room])).status
        for n in range(12)
    ]
    assert kept[:5] == [201] * 5 and 429 in kept
    async with await Client.open(hub, hub.token("u1", "user", rooms=[room])) as exempt:
        await exempt.send(room, 1)
