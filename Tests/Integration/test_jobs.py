"""job.*: submit, claim with lease, progress, done, retry, cancel, questions; over the socket and over HTTP; kill -9."""

import asyncio
import signal
import uuid

import pytest

from api import problem, request
from client import Client


@pytest.fixture
def kind():
    """A kind of job that no other test's workers ask for."""
    return f"k{uuid.uuid4().hex[:12]}"


@pytest.fixture
def people(hub):
    return {"user": hub.token("anna", "user"), "worker": hub.token("w1", "worker"), "staff": hub.token("olga", "operator")}


async def submitted(client, kind, key="k1", data=1, **fields):
    """Submits with a key of the test's own."""
    return await client.call("job.submit", kind=kind, input=data, key=f"{kind}-{key}", **fields)


def states(events):
    """Attempts and states that a room's events tell of, in order."""
    return [(event["data"]["state"], event["data"].get("attempt", 0)) for event in events if "state" in event["data"]]


async def told(client, room, upto):
    """All events of a room, once the one with offset `upto` was pushed."""
    await client.events(room, upto)
    return (await client.history(room, after=0))["events"]


async def test_a_job_is_submitted_claimed_followed_and_done(hub, people, kind):
    async with await Client.open(hub, people["user"]) as anna, await Client.open(hub, people["worker"]) as worker:
        made = await submitted(anna, kind, data={"idea": "a list", "n": [1, None]})
        assert made == {"job": made["job"], "room": f"job:{made['job']}"}
        await anna.sub(made["room"])
        got = await worker.call("job.claim", kinds=["other", kind], lease_ms=5000)
        assert got["job"] == made["job"] and got["attempt"] == 1 and got["input"] == {"idea": "a list", "n": [1, None]}
        lease = {"job": got["job"], "lease": got["lease"]}
        await worker.call("job.progress", **lease, stage="plan", log="thinking", done=1, total=4.5, eta_ms=900)
        await worker.call("job.progress", **lease, file={"path": "a/b.py", "size": 12, "hash": "sha256-x"})
        await worker.call("job.progress", **lease, data={"question": {"id": "q1", "text": "which?"}})
        shown = await anna.push(lambda push: "offset" not in push, room=made["room"], kind="job")
        assert shown["data"] == {"progress": {"attempt": 1, "done": 1, "total": 4.5, "eta_ms": 900}}
        seen = await anna.call("job.get", job=got["job"])
        assert (seen["state"], seen["stage"], seen["done"], seen["worker"]) == ("running", "plan", 1, "w1")
        assert "lease" not in seen
        assert await worker.call("job.done", **lease, result={"ok": True}) == {"state": "done"}
        assert await worker.call("job.done", **lease, result={"ok": True}) == {"state": "done"}
        events = await told(anna, made["room"], 6)
        assert states(events) == [("queued", 0), ("running", 1), ("done", 1)]
        assert events[2]["data"] == {"attempt": 1, "stage": "plan", "done": 1, "total": 4.5, "eta_ms": 900, "log": "thinking"}
        assert events[3]["data"]["file"] == {"path": "a/b.py", "size": 12, "hash": "sha256-x"}
        assert events[4]["data"]["data"]["question"]["id"] == "q1"
        ended = await anna.call("job.get", job=got["job"])
        assert ended["state"] == "done" and ended["result"] == {"ok": True} and ended["ended"] >= ended["created"]


async def test_a_key_names_one_job_of_its_sender(hub, people, kind):
    async with await Client.open(hub, people["user"]) as anna, await Client.open(hub, people["staff"]) as olga:
        first = await submitted(anna, kind, "same")
        both = await asyncio.gather(submitted(anna, kind, "same", 2), submitted(anna, kind, "same", 3))
        assert both == [{**first, "duplicate": True}] * 2
        assert (await submitted(olga, kind, "same"))["job"] != first["job"]
        assert (await anna.call("job.get", job=first["job"]))["input"] == 1


async def test_two_submissions_at_once_with_one_key_make_one_job(hub, people, kind):
    async with await Client.open(hub, people["user"]) as anna, await Client.open(hub, people["worker"]) as worker:
        replies = await anna.post_all([("job.submit", {"kind": kind, "input": 1, "key": kind})] * 2)
        made = [(await reply)["ok"] for reply in replies]
        assert made[0]["job"] == made[1]["job"] and sorted("duplicate" in one for one in made) == [False, True]
        assert (await worker.call("job.claim", kinds=[kind]))["job"] == made[0]["job"]
        assert await worker.call("job.claim", kinds=[kind]) == {"job": None}


async def test_a_waiting_worker_gets_the_job_that_comes(hub, people, kind):
    async with await Client.open(hub, people["user"]) as anna, await Client.open(hub, people["worker"]) as worker:
        waiting = await worker.post("job.claim", kinds=[kind], wait_ms=30_000)
        made = await submitted(anna, kind)
        assert (await waiting)["ok"]["job"] == made["job"]


async def test_a_worker_that_has_gone_is_given_nothing(hub, people, kind):
    async with await Client.open(hub, people["user"]) as anna, await Client.open(hub, people["worker"]) as other:
        async with await Client.open(hub, people["worker"]) as gone:
            await gone.post("job.claim", kinds=[kind], wait_ms=30_000)
            assert await gone.call("job.claim", kinds=[kind]) == {"job": None}
        made = await submitted(anna, kind)
        got = await other.call("job.claim", kinds=[kind], wait_ms=30_000)
        assert (got["job"], got["attempt"]) == (made["job"], 1)


async def test_priority_goes_before_age(hub, people, kind):
    async with await Client.open(hub, people["user"]) as anna, await Client.open(hub, people["worker"]) as worker:
        made = [
            (await submitted(anna, kind, f"k{index}", priority=priority))["job"]
            for index, priority in enumerate([0, 5, -3, 5])
        ]
        got = [(await worker.call("job.claim", kinds=[kind]))["job"] for _ in made]
        assert got[:2] in ([made[1], made[3]], [made[3], made[1]]) and got[2:] == [made[0], made[2]]


async def test_a_silent_worker_loses_the_job_and_its_old_lease_counts_no_more(hub, people, kind):
    async with await Client.open(hub, people["user"]) as anna, await Client.open(hub, people["worker"]) as worker:
        made = await submitted(anna, kind)
        await anna.sub(made["room"])
        old = await worker.call("job.claim", kinds=[kind], lease_ms=1000)
        new = await worker.call("job.claim", kinds=[kind], lease_ms=30_000, wait_ms=30_000)
        assert new["job"] == old["job"] and new["attempt"] == 2 and new["lease"] != old["lease"]
        for command, fields in (("job.progress", {}), ("job.done", {"result": "late"})):
            refusal = await worker.error(command, job=old["job"], lease=old["lease"], **fields)
            assert refusal["code"] == "conflict" and refusal["current"] == {"state": "running", "attempt": 2}
        assert await worker.call("job.done", job=new["job"], lease=new["lease"], result=2) == {"state": "done"}
        events = await told(anna, made["room"], 5)
        assert states(events) == [("queued", 0), ("running", 1), ("queued", 1), ("running", 2), ("done", 2)]
        assert events[2]["data"]["error"]["code"] == "lost" and events[2]["by"] == "sys"


async def test_an_error_is_the_end_or_another_attempt(hub, people, kind):
    async with await Client.open(hub, people["user"]) as anna, await Client.open(hub, people["worker"]) as worker:
        made = await submitted(anna, kind)
        got = await worker.call("job.claim", kinds=[kind])
        again = {"job": got["job"], "lease": got["lease"], "error": {"why": "busy"}, "retry": True}
        assert await worker.call("job.done", **again) == {"state": "queued"}
        assert await worker.call("job.done", **again) == {"state": "queued"}
        queued = await anna.call("job.get", job=made["job"])
        assert queued["state"] == "queued" and queued["error"] == {"why": "busy"} and queued["run_at"] > queued["created"]
        got = await worker.call("job.claim", kinds=[kind], wait_ms=30_000)
        assert got["attempt"] == 2
        assert await worker.call("job.done", job=got["job"], lease=got["lease"], error="no") == {"state": "failed"}
        assert (await anna.call("job.get", job=made["job"]))["error"] == "no"


async def test_a_queued_job_is_cancelled_at_once_and_a_running_one_through_its_worker(hub, people, kind):
    async with await Client.open(hub, people["user"]) as anna, await Client.open(hub, people["worker"]) as worker:
        first, second = await submitted(anna, kind, "1"), await submitted(anna, kind, "2")
        assert await anna.call("job.cancel", job=first["job"]) == {"state": "cancelled"}
        assert await anna.call("job.cancel", job=first["job"]) == {"state": "cancelled"}
        got = await worker.call("job.claim", kinds=[kind])
        assert got["job"] == second["job"]
        assert await anna.call("job.cancel", job=second["job"]) == {"state": "running"}
        told = await worker.push(job=second["job"])
        assert told == {"job": second["job"], "lease": got["lease"], "cancel": {"by": "anna"}}
        assert (await worker.call("job.progress", job=got["job"], lease=got["lease"]))["cancel"] is True
        ending = {"job": got["job"], "lease": got["lease"], "error": "stopped", "retry": True}
        assert await worker.call("job.done", **ending) == {"state": "cancelled"}
        refusal = await worker.error("job.done", job=got["job"], lease="other", result=1)
        assert refusal["code"] == "conflict" and refusal["current"]["state"] == "cancelled"


async def test_too_long_an_attempt_ends_the_job(hub, people, kind):
    async with await Client.open(hub, people["user"]) as anna, await Client.open(hub, people["worker"]) as worker:
        made = await submitted(anna, kind, limit_ms=1000)
        await anna.sub(made["room"])
        got = await worker.call("job.claim", kinds=[kind])
        assert (await worker.push(job=got["job"]))["cancel"] == {"by": "sys"}
        events = await told(anna, made["room"], 3)
        assert states(events)[-1] == ("failed", 1) and events[-1]["data"]["error"]["code"] == "time_limit"
        assert (await worker.error("job.done", job=got["job"], lease=got["lease"], result=1))["code"] == "conflict"


async def test_an_answer_reaches_the_worker_and_is_kept(hub, people, kind):
    async with await Client.open(hub, people["user"]) as anna, await Client.open(hub, people["worker"]) as worker:
        made = await submitted(anna, kind)
        got = await worker.call("job.claim", kinds=[kind])
        offset = (await anna.call("job.answer", job=made["job"], question="q1", text="да"))["offset"]
        told = await worker.push(job=got["job"])
        assert told["answer"] == {"question": "q1", "text": "да", "by": "anna"} and told["lease"] == got["lease"]
        (kept,) = (await anna.history(made["room"], after=offset - 1))["events"]
        assert kept["data"] == {"answer": {"question": "q1", "text": "да"}} and kept["by"] == "anna"


async def test_numbers_are_conflated_and_the_last_ones_stay(hub, people, kind):
    async with await Client.open(hub, people["user"]) as anna, await Client.open(hub, people["worker"]) as worker:
        made = await submitted(anna, kind)
        await anna.sub(made["room"])
        got = await worker.call("job.claim", kinds=[kind])
        await worker.post_all(
            [("job.progress", {"job": got["job"], "lease": got["lease"], "done": done, "total": 60}) for done in range(1, 61)]
        )
        last = await anna.push(lambda push: push.get("data", {}).get("progress", {}).get("done") == 60, kind="job")
        shown = [push for push in anna.log if push.get("kind") == "job" and "offset" not in push]
        assert shown[-1] == last and len(shown) < 30
        assert (await anna.call("job.get", job=made["job"]))["done"] == 60


async def test_what_is_reported_with_a_key_is_kept_once(hub, people, kind):
    async with await Client.open(hub, people["user"]) as anna, await Client.open(hub, people["worker"]) as worker:
        made = await submitted(anna, kind)
        got = await worker.call("job.claim", kinds=[kind])
        for _ in range(2):
            await worker.call("job.progress", job=got["job"], lease=got["lease"], log="once", key="l1")
        events = (await anna.history(made["room"]))["events"]
        assert [event["data"].get("log") for event in events] == [None, None, "once"]


# -- rights


async def test_who_may_do_what_with_a_job(hub, people, kind):
    async with (
        await Client.open(hub, people["user"]) as anna,
        await Client.open(hub, hub.token("boris", "user")) as boris,
        await Client.open(hub, people["staff"]) as olga,
        await Client.open(hub, hub.token("vera", "viewer", rooms=["ticket:*"])) as viewer,
        await Client.open(hub, hub.token("anna", "user", tenant="elsewhere")) as stranger,
    ):
        made = await submitted(anna, kind)
        job = made["job"]
        for other in (boris, viewer, stranger):
            assert (await other.error("job.get", job=job))["code"] == "not_found"
            assert (await other.error("job.cancel", job=job))["code"] == "not_found"
            assert (await other.error("job.answer", job=job, question="q", text="t"))["code"] == "not_found"
        for other in (boris, viewer):
            assert (await other.error("sub", room=made["room"]))["code"] == "forbidden"
            assert job not in [one["job"] for one in (await other.call("job.list"))["jobs"]]
        for nobody in (anna, olga, boris, viewer):
            assert (await nobody.error("job.claim", kinds=[kind]))["code"] == "forbidden"
            assert (await nobody.error("job.done", job=job, lease="x", result=1))["code"] == "forbidden"
            assert (await nobody.error("job.progress", job=job, lease="x"))["code"] == "forbidden"
        assert (await viewer.error("job.submit", kind=kind, input=1, key="k"))["code"] == "forbidden"
        assert (await olga.call("job.get", job=job))["by"] == "anna"
        assert await olga.call("job.cancel", job=job) == {"state": "cancelled"}


async def test_the_list_pages_and_filters(hub, kind):
    owner = f"u{kind}"
    token, worker = hub.token(owner, "user"), hub.token("w1", "worker")
    async with await Client.open(hub, token) as anna, await Client.open(hub, worker) as worker:
        made = [(await submitted(anna, kind, f"k{index}"))["job"] for index in range(5)]
        await submitted(anna, kind + "x", "other")
        got = await worker.call("job.claim", kinds=[kind])
        found, cursor = [], {}
        while True:
            page = await anna.call("job.list", kind=kind, limit=2, **cursor)
            found += page["jobs"]
            if "next" not in page:
                break
            cursor = {"cursor": page["next"]}
        assert sorted(one["job"] for one in found) == sorted(made)
        assert [one["created"] for one in found] == sorted((one["created"] for one in found), reverse=True)
        (running,) = (await anna.call("job.list", state="running", kind=kind))["jobs"]
        assert running["job"] == got["job"] and "input" not in running


WRONG = [
    ("job.submit", {"input": 1, "key": "k"}, "kind"),
    ("job.submit", {"kind": "Big", "input": 1, "key": "k"}, "kind"),
    ("job.submit", {"kind": "k", "key": "k"}, "input"),
    ("job.submit", {"kind": "k", "input": 1}, "key"),
    ("job.submit", {"kind": "k", "input": 1, "key": "k", "priority": 101}, "priority"),
    ("job.submit", {"kind": "k", "input": 1, "key": "k", "limit_ms": 1}, "limit_ms"),
    ("job.claim", {}, "kinds"),
    ("job.claim", {"kinds": []}, "kinds"),
    ("job.claim", {"kinds": ["k"] * 65}, "kinds"),
    ("job.claim", {"kinds": ["k"], "lease_ms": 999}, "lease_ms"),
    ("job.claim", {"kinds": ["k"], "wait_ms": 30_001}, "wait_ms"),
    ("job.progress", {"job": "a/b", "lease": "l"}, "job"),
    ("job.progress", {"job": "j"}, "lease"),
    ("job.progress", {"job": "j", "lease": "l", "done": -1}, "done"),
    ("job.progress", {"job": "j", "lease": "l", "file": {"path": "a", "size": 1}}, "file.hash"),
    ("job.done", {"job": "j", "lease": "l"}, "result"),
    ("job.done", {"job": "j", "lease": "l", "result": 1, "error": 1}, "error"),
    ("job.answer", {"job": "j", "question": "q"}, "text"),
    ("job.get", {}, "job"),
    ("job.list", {"state": "gone"}, "state"),
    ("job.list", {"cursor": "x"}, "cursor"),
    ("job.list", {"limit": 0}, "limit"),
]


@pytest.mark.parametrize(("command", "fields", "field"), WRONG, ids=lambda value: str(value)[:40])
async def test_a_wrong_field_is_named(hub, people, command, fields, field):
    async with await Client.open(hub, people["worker"]) as worker:
        reply = await (await worker.post(command, malformed=True, **fields))
        assert reply["error"]["code"] == "bad_request" and reply["error"]["field"] == field


async def test_a_job_that_never_was_is_not_found(hub, people):
    async with await Client.open(hub, people["worker"]) as worker:
        for command, fields in (("job.get", {}), ("job.cancel", {}), ("job.done", {"lease": "l", "result": 1})):
            assert (await worker.error(command, job="never", **fields))["code"] == "not_found"


# -- HTTP


async def test_the_same_over_http(hub, people, kind):
    def ask(who, method, path, body=None, **headers):
        return request(hub, method, f"/api/v1/jobs{path}", body, headers, people[who])

    problem(request(hub, "POST", "/api/v1/jobs", {"kind": kind, "input": 1, "key": "k"}), 401)
    problem(ask("user", "POST", "", {"kind": kind}), 400)
    unnamed = [ask("user", "POST", "", {"kind": kind + "x", "input": 1}) for _ in range(2)]
    assert [answer.status for answer in unnamed] == [201, 201] and unnamed[0].json != unnamed[1].json
    made = ask("user", "POST", "", {"kind": kind, "input": {"a": 1}}, **{"Idempotency-Key": kind})
    assert made.status == 201
    again = ask("user", "POST", "", {"kind": kind, "input": 2, "key": kind})
    assert again.status == 200 and again.json == {**made.json, "duplicate": True}
    problem(ask("user", "POST", "/claim", {"kinds": [kind]}), 403)
    got = ask("worker", "POST", "/claim", {"kinds": [kind], "wait_ms": 1000}).json
    path = f"/{made.json['job']}"
    assert got["job"] == made.json["job"] and got["input"] == {"a": 1}
    assert ask("worker", "POST", path + "/progress", {"lease": got["lease"], "stage": "s"}).json["lease_until"] > 0
    problem(ask("worker", "POST", path + "/progress", {"job": "other", "lease": got["lease"]}), 400)
    assert ask("user", "POST", path + "/answer", {"question": "q", "text": "t"}).json["offset"] == 4
    assert ask("user", "POST", path + "/cancel").json == {"state": "running"}
    problem(ask("worker", "POST", path + "/done", {"lease": "old", "result": 1}), 409)
    assert ask("worker", "POST", path + "/done", {"lease": got["lease"], "result": [1]}).json == {"state": "done"}
    seen = ask("user", "GET", path)
    assert seen.status == 200 and seen.json["result"] == [1] and seen.json["cancelled_by"] == "anna"
    listed = ask("user", "GET", f"?kind={kind}&state=done").json["jobs"]
    assert [one["job"] for one in listed] == [made.json["job"]]
    problem(ask("user", "GET", "?limit=0"), 400)
    problem(ask("user", "GET", "/never"), 404)
    problem(ask("user", "DELETE", path), 405)


# -- kill -9


async def test_nothing_of_a_job_is_lost_or_doubled_by_kill_9(start_hub, kind):
    hub = start_hub()
    user, staff = hub.token("anna", "user"), hub.token("w1", "worker")
    async with await Client.open(hub, user) as anna, await Client.open(hub, staff) as worker:
        kept = await submitted(anna, kind, "held")
        held = await worker.call("job.claim", kinds=[kind], lease_ms=60_000)
        done = await submitted(anna, kind, "done")
        ended = await worker.call("job.claim", kinds=[kind])
        assert ended["job"] == done["job"]
        await worker.call("job.done", job=ended["job"], lease=ended["lease"], result="first")
        queued = await submitted(anna, kind, "queued")
        hub.restart(signal.SIGKILL)
        await anna.closed()
        await worker.closed()
    async with await Client.open(hub, user) as anna, await Client.open(hub, staff) as worker:
        repeated = await worker.call("job.done", job=ended["job"], lease=ended["lease"], result="second")
        assert repeated == {"state": "done"}
        assert (await anna.call("job.get", job=ended["job"]))["result"] == "first"
        assert await submitted(anna, kind, "done") == {**done, "duplicate": True}
        got = await worker.call("job.claim", kinds=[kind])
        assert (got["job"], got["attempt"]) == (queued["job"], 1)
        assert await worker.call("job.claim", kinds=[kind]) == {"job": None}
        assert (await worker.call("job.progress", job=held["job"], lease=held["lease"], stage="on"))["lease_until"] > 0
        assert await worker.call("job.done", job=held["job"], lease=held["lease"], result=1) == {"state": "done"}
        assert (await anna.call("job.get", job=kept["job"]))["attempt"] == 1


async def test_workers_that_wait_are_answered_when_the_hub_stops(start_hub, kind):
    hub = start_hub()
    async with await Client.open(hub, hub.token("w1", "worker")) as worker:
        waiting = await worker.post("job.claim", kinds=[kind], wait_ms=30_000)
        await worker.call("ping")
        hub.signal(signal.SIGTERM)
        assert (await waiting)["ok"] == {"job": None}
        assert (await worker.closed())[0] == 1012
    assert hub.wait() == 0
