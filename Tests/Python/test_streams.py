"""A producer's stream: nothing lost or doubled over kill -9, cancelled by a watcher, begun again, failed."""

import asyncio
import signal

import pytest
from apus import Event, Hub


def producer(process):
    return Hub(process.ws, process.token("bot", "worker", rooms=["ticket:*"]))


async def ending(hub, room):
    """The event that ended the room's only stream."""
    return (await hub.history(room, limit=1))[-1]["data"]


async def test_tokens_grow_before_everybody_and_the_end_has_them_all(process, name):
    room = f"ticket:{name}"
    async with producer(process) as bot, Hub(process.ws, process.token("anna", "operator")) as anna:
        async with anna.subscribe(room) as heard:
            async with bot.stream(room, title="Ответ") as stream:
                for token in ("При", "вет", ", ", "мир"):
                    stream.append(token)
                await stream.flush()
                grown = ""
                async for event in heard:
                    if isinstance(event, Event) and event.kind == "delta":
                        grown += event.data["text"]
                    if grown == "Привет, мир":
                        break
                stream.usage = {"tokens_out": 4}
            found = await ending(anna, room)
        assert (found["state"], found["text"], found["usage"]) == ("done", "Привет, мир", {"tokens_out": 4})


async def test_kill_9_in_the_middle_loses_and_doubles_no_token(process, name):
    room = f"ticket:{name}"
    async with producer(process) as bot:
        async with bot.stream(room) as stream:
            for number in range(3000):
                stream.append(f"{number} ")
                if number in (1000, 2000):
                    await stream.flush()
                    await asyncio.to_thread(process.restart, signal.SIGKILL)
        assert (await ending(bot, room))["text"] == "".join(f"{number} " for number in range(3000))


async def test_a_watcher_cancels_and_the_producer_hears_of_it(process, name):
    room = f"ticket:{name}"
    async with producer(process) as bot, Hub(process.ws, process.token("anna", "operator")) as anna:
        async with bot.stream(room) as stream:
            stream.append("half ")
            await stream.flush()
            await anna.call("stream.cancel", stream=stream.id)
            await stream.cancelled.wait()
            assert stream.cancelled_by == "anna"
        found = await ending(anna, room)
        assert (found["state"], found["text"]) == ("cancelled", "half ")


async def test_a_new_attempt_supersedes_and_an_exception_fails_the_stream(process, name):
    room = f"ticket:{name}"
    async with producer(process) as bot:
        with pytest.raises(ValueError, match="broken"):
            async with bot.stream(room) as stream:
                stream.append("wrong")
                await stream.restart()
                stream.append("right")
                raise ValueError("broken")
        found = await ending(bot, room)
        assert (found["state"], found["text"], found["attempt"]) == ("failed", "right", 2)
