"""How fast people may be: over all their connections, on every budget, and what happens to those who go on."""

import asyncio
from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosed

from api import events_path, problem, request
from client import Client, every
from raw import PING, PONG, TEXT, RawSocket, frame
from test_addresses import metric

SLOW = {f"APUS_LIMITS_{budget}_{what}": value for budget in ("COMMANDS", "SENDS", "SIGNALS", "READS")
        for what, value in (("PER_SECOND", 1), ("BURST", 5))}  # fmt: skip
SEND = {"kind": "message", "data": 1, "ack": "accepted"}
BUDGETS = {
    "sends": ("send", SEND),
    "signals": ("signal", {"kind": "typing"}),
    "history": ("history", {}),
    "presence": ("presence", {}),
    "sub": ("sub", {}),
    "read": ("read", {"upto": 0}),
}


async def flood(client, command, count, **fields):
    """How many of so many were taken, and the errors of the others."""
    replies = await every([await client.post(command, **fields) for _ in range(count)])
    return sum("ok" in reply for reply in replies), [reply["error"] for reply in replies if "error" in reply]


@pytest.mark.parametrize("name", BUDGETS)
async def test_each_budget_is_limited_for_users_and_not_for_staff(start_hub, room, name):
    command, fields = BUDGETS[name]
    budget = name if name in ("sends", "signals") else "reads"
    key = f"APUS_LIMITS_{budget.upper()}"
    hub = start_hub(settings={f"{key}_PER_SECOND": 1, f"{key}_BURST": 5})
    async with (
        await Client.open(hub, hub.token("anna", "user", rooms=[room])) as anna,
        await Client.open(hub, hub.token("olga", "operator")) as olga,
    ):
        taken, refused = await flood(anna, command, 20, room=room, **fields)
        assert 5 <= taken < 20
        for error in refused:
            assert error["code"] == "rate_limited" and 0 < error["retry_after"] <= 1000
        assert (await flood(olga, command, 20, room=room, **fields))[0] == 20
    assert metric(hub, f'apus_rate_limited_total{{limit="{budget}",scope="connection"}}') == len(refused)


async def test_commands_of_any_kind_are_counted(start_hub):
    hub = start_hub(settings={"APUS_LIMITS_COMMANDS_PER_SECOND": 1, "APUS_LIMITS_COMMANDS_BURST": 5})
    async with await Client.open(hub, hub.token("anna", "user")) as anna:
        taken, refused = await flood(anna, "ping", 20)
        assert 5 <= taken < 20 and {error["code"] for error in refused} == {"rate_limited"}
        assert (await anna.text("nonsense", malformed=True))["error"]["code"] == "rate_limited"


async def test_a_person_has_one_account_over_connections_loops_and_http(start_hub, room):
    hub = start_hub(settings={"APUS_LIMITS_SENDS_PER_USER": 1})
    token = hub.token("anna", "user", rooms=[room])
    taken = 0
    for _ in range(6):
        async with await Client.open(hub, token) as anna:
            taken += (await flood(anna, "send", 2, room=room, **SEND))[0]
    statuses = [request(hub, "POST", events_path(room), SEND, token=token).status for _ in range(6)]
    taken += statuses.count(201)
    assert 5 <= taken < 12, "five at once, and one a second"
    assert metric(hub, 'apus_rate_limited_total{limit="sends",scope="user"}') == 18 - taken
    async with await Client.open(hub, hub.token("boris", "user", rooms=[room])) as boris:
        await boris.send(room, 1)


async def test_a_tenant_has_one_account(start_hub, room):
    hub = start_hub(settings={"APUS_LIMITS_SIGNALS_PER_TENANT": 1})
    results = []
    for number in range(12):
        token = hub.token(f"u{number}", "user", rooms=[room], tenant="t1")
        async with await Client.open(hub, token) as client:
            results.append((await flood(client, "signal", 1, room=room, kind="typing"))[0])
    assert results[:5] == [1] * 5 and 0 in results
    async with await Client.open(hub, hub.token("u1", "user", rooms=[room], tenant="t2")) as other:
        await other.call("signal", room=room, kind="typing")


async def test_a_refused_send_costs_the_person_nothing(start_hub, room):
    """Whoever is refused by one limit has not used up another."""
    hub = start_hub(settings={"APUS_LIMITS_SENDS_PER_SECOND": 1, "APUS_LIMITS_SENDS_BURST": 1,
                              "APUS_LIMITS_SENDS_PER_USER": 1})  # fmt: skip
    token = hub.token("anna", "user", rooms=[room])
    async with await Client.open(hub, token) as anna:
        await flood(anna, "send", 40, room=room, **SEND)
    for _ in range(2):
        async with await Client.open(hub, token) as anna:
            await anna.call("send", room=room, **SEND)


@pytest.mark.parametrize("name", ["sends", "signals", "history", "ping", "frames"])
async def test_whoever_goes_on_and_on_is_closed_with_4429(start_hub, room, name):
    hub = start_hub(settings=SLOW | {"APUS_LIMITS_RATE_REFUSALS": 20})
    with RawSocket.joined(hub, hub.token("anna", "user", rooms=[room])) as peer:
        for number in range(60):
            if name == "frames":
                peer.send(PING, bytes([number]))
            else:
                command, fields = BUDGETS.get(name, ("ping", {}))
                room_of = {} if command == "ping" else {"room": room}
                peer.command(command, **room_of, **fields)
        code, reason = peer.close_frame()
    assert code == 4429
    assert reason.startswith("retry_after=") and int(reason.removeprefix("retry_after=")) > 0


async def test_ten_refusals_a_second_are_forgiven_and_not_counted_for_ever(start_hub, room):
    hub = start_hub(settings={"APUS_LIMITS_RATE_REFUSALS": 1000, "APUS_LIMITS_SENDS_BURST": 1})
    async with await Client.open(hub, hub.token("anna", "user", rooms=[room])) as anna:
        for _ in range(3):
            await flood(anna, "send", 300, room=room, **SEND)
        await anna.call("ping")


def test_http_has_the_budgets_of_its_role(start_hub, room):
    hub = start_hub(settings=SLOW)
    user = hub.token("anna", "user", rooms=[room])
    cases = [("POST", SEND), ("GET", None)]
    for method, body in cases:
        answers = [request(hub, method, events_path(room), body, token=user) for _ in range(12)]
        refused = [answer for answer in answers if answer.status == 429]
        assert refused, method
        for answer in refused:
            assert problem(answer, 429)["code"] == "rate_limited"
            assert int(answer.headers["Retry-After"]) >= 1
        staff = [request(hub, method, events_path(room), body, token=hub.token("olga", "operator")) for _ in range(12)]
        assert all(answer.status in (200, 201) for answer in staff), method


async def test_what_waits_for_an_answer_is_bounded_and_nothing_is_lost(start_hub, room):
    hub = start_hub(settings={"APUS_LIMITS_UNANSWERED_COMMANDS": 10})
    async with await Client.open(hub, hub.token("olga", "operator")) as olga:
        with suppress(ConnectionClosed):
            replies = await every([await olga.post("send", room=room, kind="message", data=n) for n in range(200)])
        assert [reply["ok"]["offset"] for reply in replies] == list(range(1, 201))


async def test_an_account_that_nobody_uses_is_forgotten(start_hub, room):
    """A million people over time are no million accounts: the process is as large after many as after few."""
    hub = start_hub(flags=())
    size = lambda: metric(hub, "apus_process_resident_memory_bytes")  # noqa: E731

    async def visit(first):
        for start in range(first, first + 400, 100):
            clients = await asyncio.gather(
                *(Client.open(hub, hub.token(f"u{n}", "user", rooms=[room])) for n in range(start, start + 100))
            )
            await asyncio.gather(*(client.call("signal", room=room, kind="typing") for client in clients))
            await asyncio.gather(*(client.leave() for client in clients))

    await visit(0)
    before = size()
    await visit(1000)
    assert size() < before + (8 << 20)


def test_a_flood_of_small_frames_is_answered_or_closed(hub):
    """Empty messages, pongs nobody asked for, and pings, all in one write."""
    with RawSocket.joined(hub, hub.token("anna", "user")) as peer:
        peer.write((frame(TEXT, b"\n\n\n") + frame(PONG, b"x")) * 20_000)
        assert "ok" in peer.reply(peer.command("ping"))
