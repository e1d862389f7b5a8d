"""Workers: claim, report, ask, stream, lose the lease, live through kill -9."""

import asyncio
import signal

import pytest
from apus import Event, Hub, LeaseLost


@pytest.fixture
def worker(process):
    return Hub(process.ws, process.token("w1", "worker"))


@pytest.fixture
def anna(process):
    return Hub(process.ws, process.token("anna", "user"))


async def until(subscription, fits):
    """The first event that fits."""
    async for event in subscription:
        if isinstance(event, Event) and fits(event):
            return event


def state(name):
    return lambda event: isinstance(event.data, dict) and event.data.get("state") == name


async def test_a_job_from_its_submission_to_its_result(worker, anna, name):
    async with worker, anna:
        made = await anna.submit(name, {"idea": "x"})
        async with worker.job([name]) as job:
            assert (job.id, job.input, job.attempt) == (made["job"], {"idea": "x"}, 1)
            job.stage("plan", done=1, total=3)
            job.log("thinking")
            job.file("a.txt", "hello")
            job.progress(2, 3)
            await job.flush()
            job.result = {"files": 1}
        seen = await anna.call("job.get", job=made["job"])
        assert (seen["state"], seen["result"], seen["stage"]) == ("done", {"files": 1}, "plan")
        kept = [event["data"] for event in await anna.history(made["room"], after=0)]
        assert [data.get("log") for data in kept].count("thinking") == 1
        (file,) = [data["file"] for data in kept if "file" in data]
        assert file == {
            "path": "a.txt", "size": 5,
            "hash": "sha256-2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
        }  # fmt: skip


async def test_an_exception_fails_the_job_or_has_it_tried_again(worker, anna, name):
    class Again(Exception):
        retry = True

    async with worker, anna:
        made = await anna.submit(name, 1)
        async with worker.job([name]):
            raise Again("busy")
        async with worker.job([name]) as job:
            assert job.attempt == 2
            raise ValueError("no way")
        seen = await anna.call("job.get", job=made["job"])
        assert seen["state"] == "failed" and seen["error"] == {"code": "ValueError", "message": "no way"}


async def test_a_question_waits_for_its_answer(worker, anna, name):
    async with worker, anna:
        made = await anna.submit(name, 1)

        async def work():
            async with worker.job([name]) as job:
                job.result = await job.ask("which database?")

        async with anna.subscribe(made["room"], since=0) as heard:
            working = asyncio.create_task(work())
            asked = await until(heard, lambda event: isinstance(event.data, dict) and "data" in event.data)
            question = asked.data["data"]["question"]
            assert question["text"] == "which database?"
            await anna.call("job.answer", job=made["job"], question=question["id"], text="SQLite")
            await working
            assert (await until(heard, state("done"))).data["result"] == "SQLite"


async def test_a_cancelled_job_tells_its_worker(worker, anna, name):
    async with worker, anna:
        made = await anna.submit(name, 1)
        async with worker.job([name]) as job:
            await anna.call("job.cancel", job=made["job"])
            await job.cancelled.wait()
            assert job.cancelled_by == "anna"
            raise RuntimeError("stopped")
        assert (await anna.call("job.get", job=made["job"]))["state"] == "cancelled"


async def test_who_has_lost_the_lease_is_told_so(worker, anna, name):
    async with worker, anna:
        made = await anna.submit(name, 1, limit_ms=1000)
        async with worker.job([name]) as job:
            await job.cancelled.wait()
            job.log("too late")
            with pytest.raises(LeaseLost):
                await job.flush()
            with pytest.raises(LeaseLost):
                job.log("later still")
            job.check()
        assert (await anna.call("job.get", job=made["job"]))["state"] == "failed"


async def test_kill_9_in_the_middle_of_a_job(process, worker, anna, name):
    async with worker, anna:
        made = await anna.submit(name, 1)
        async with worker.job([name]) as job:
            for number in range(60):
                job.log(f"line {number}")
                if number in (20, 40):
                    await asyncio.to_thread(process.restart, signal.SIGKILL)
            await job.flush()
            job.result = "whole"
        kept = [event["data"] for event in await anna.history(made["room"], after=0, limit=200)]
        assert [data["log"] for data in kept if "log" in data] == [f"line {number}" for number in range(60)]
        seen = await anna.call("job.get", job=made["job"])
        assert (seen["state"], seen["attempt"], seen["result"]) == ("done", 1, "whole")
