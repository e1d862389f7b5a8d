"""Streams: growth for everybody, producers that come back, kill -9 in the middle."""

import random
import signal
import sqlite3
import uuid

import pytest

from client import Client, every
from raw import RawSocket
from test_slow import BIG, ROOMY


class Reader:
    """What a reader who keeps to the contract makes of the messages about one stream."""

    def __init__(self, stream, text):
        self.stream, self.whole = stream, text
        self.attempt, self.to, self.text, self.state = 0, 0, "", None

    def answered(self, answer):
        """The `ok` of a `sub`: its events, then its snapshots."""
        for event in answer["events"]:
            self.take(event)
        for snapshot in answer["streams"]:
            self.take(snapshot)

    def take(self, message):
        data = message.get("data") or {}
        if message.get("kind") == "stream" and data.get("stream") == self.stream:
            assert "offset" in message
            if data["state"] == "open":
                if self.state is None:
                    self.attempt, self.state = data["attempt"], "open"
                return
            if self.state == "open" and data["attempt"] == self.attempt:
                assert data["text"].startswith(self.text)
            self.attempt, self.text, self.state = data["attempt"], data["text"], data["state"]
        if message.get("stream") != self.stream:
            return
        if message["kind"] == "snapshot":
            self.attempt, self.to, self.text, self.state = message["attempt"], message["to"], message["text"], "open"
        elif message["kind"] == "delta":
            assert self.state == "open", "a delta of a stream that is not open"
            assert (message["attempt"], message["from"]) == (self.attempt, self.to), "a gap"
            self.to, self.text = message["to"], self.text + message["text"]
        assert self.whole().startswith(self.text), "every text is a beginning of the whole"


@pytest.fixture
def stream():
    return f"s-{uuid.uuid4().hex[:12]}"


def worker(hub, user="bot"):
    return hub.token(user, "worker", rooms=["ticket:*"])


async def test_a_stream_grows_before_everybody_and_ends(hub, room, stream):
    tokens = ["При", "вет", ", ", "\"мир\"", "\n", "😀"] * 40
    async with (
        await Client.open(hub, hub.token("anna", "operator")) as anna,
        await Client.open(hub, hub.token("boris", "operator"), compression="deflate") as boris,
        await Client.open(hub, worker(hub)) as producer,
    ):
        readers = [Reader(stream, lambda: "".join(tokens)) for _ in range(2)]
        await anna.sub(room)
        await boris.sub(room)
        opened = await producer.call("stream.open", room=room, stream=stream, title="T", meta={"m": 1})
        assert opened == {"offset": 1, "next": 0, "attempt": 1}
        replies = await producer.post_all(
            [("stream.append", {"stream": stream, "from": n, "parts": tokens[n : n + 5]}) for n in range(0, 240, 5)]
        )
        assert [reply["ok"]["next"] for reply in await every(replies)] == list(range(5, 245, 5))
        assert (await producer.call("stream.close", stream=stream, state="done"))["offset"] == 2
        for client, reader in zip((anna, boris), readers):
            await client.events(room, 2)
            for message in client.log:
                reader.take(message)
            assert (reader.state, reader.text) == ("done", "".join(tokens))
            deltas = [item for item in client.log if item.get("kind") == "delta"]
            assert 0 < len(deltas) <= 48


async def test_who_joins_late_or_comes_back_has_the_text_so_far(hub, room, stream):
    async with await Client.open(hub, worker(hub)) as producer:
        await producer.call("stream.open", room=room, stream=stream)
        await producer.call("stream.append", **{"stream": stream, "from": 0, "parts": ["a", "b"]})
        token = hub.token("anna", "operator")
        async with await Client.open(hub, token, rooms={room: {}}) as anna:
            (snapshot,) = anna.welcome["rooms"][room]["ok"]["streams"]
            assert (snapshot["to"], snapshot["text"], snapshot["state"]) == (2, "ab", "open")
        await producer.call("stream.append", **{"stream": stream, "from": 2, "text": "c"})
        async with await Client.open(hub, token) as anna:
            (snapshot,) = (await anna.sub(room))["streams"]
            assert (snapshot["to"], snapshot["text"]) == (3, "abc")
            await producer.call("stream.append", **{"stream": stream, "from": 3, "text": "d"})
            assert (await anna.push(kind="delta", stream=stream))["from"] == 3
        await producer.call("stream.close", stream=stream, state="done")


async def test_gaps_repeats_attempts_and_ended_streams(hub, room, stream):
    async with await Client.open(hub, worker(hub)) as producer:
        await producer.call("stream.open", room=room, stream=stream)
        gap = await producer.error("stream.append", **{"stream": stream, "from": 3, "text": "x"})
        assert (gap["code"], gap["current"], gap["field"]) == ("conflict", 0, "from")
        await producer.call("stream.append", **{"stream": stream, "from": 0, "parts": ["a", "b"]})
        assert (await producer.call("stream.append", **{"stream": stream, "from": 0, "parts": ["a", "b", "c"]}))["next"] == 3
        await producer.call("stream.open", room=room, stream=stream, attempt=2)
        older = await producer.error("stream.append", **{"stream": stream, "attempt": 1, "from": 0, "text": "x"})
        assert (older["code"], older["field"], older["current"]) == ("conflict", "attempt", 2)
        await producer.call("stream.append", **{"stream": stream, "attempt": 2, "from": 0, "text": "new"})
        await producer.call("stream.close", stream=stream, state="failed", error={"code": "x"})
        ended = await producer.error("stream.open", room=room, stream=stream)
        assert (ended["code"], ended["current"]) == ("conflict", "failed")
        assert (await producer.error("stream.append", **{"stream": stream, "from": 1, "text": "x"}))["code"] == "not_found"
        (event,) = (await producer.history(room, before=3, limit=1))["events"]
        assert event["data"] == {
            "stream": stream, "state": "failed", "attempt": 2, "text": "new", "error": {"code": "x"},
        }  # fmt: skip


async def test_a_cancel_goes_to_the_producer(hub, room, stream):
    async with (
        await Client.open(hub, worker(hub)) as producer,
        await Client.open(hub, hub.token("anna", "operator")) as anna,
    ):
        await producer.call("stream.open", room=room, stream=stream)
        assert await anna.call("stream.cancel", stream=stream) == {}
        assert (await producer.push(stream=stream))["cancel"] == {"by": "anna"}
        await producer.call("stream.close", stream=stream, state="cancelled")


async def test_only_who_may_opens_and_only_the_producer_writes(hub, room, stream):
    async with (
        await Client.open(hub, worker(hub)) as producer,
        await Client.open(hub, hub.token("anna", "user", rooms=[room])) as anna,
        await Client.open(hub, hub.token("eve", "user", rooms=["map:*"])) as eve,
        await Client.open(hub, worker(hub, "other")) as other,
        await Client.open(hub, hub.token("bot", "worker", rooms=["ticket:*"], tenant="t2")) as abroad,
    ):
        await producer.call("stream.open", room=room, stream=stream)
        assert (await anna.error("stream.open", room=room, stream="x"))["code"] == "forbidden"
        append = {"stream": stream, "from": 0, "text": "x"}
        for client, code in ((anna, "forbidden"), (eve, "not_found"), (abroad, "not_found"), (other, "conflict")):
            assert (await client.error("stream.append", **append))["code"] == code
            assert (await client.error("stream.close", stream=stream, state="done"))["code"] == code
        assert (await other.error("stream.open", room=room, stream=stream))["code"] == "conflict"
        await abroad.call("stream.open", room=room, stream=stream)


async def test_without_an_assistant_ask_is_not_supported(hub, room):
    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        error = await anna.error("ask", room=room, key="k1", data={"text": "?"})
        assert (error["code"], error["field"]) == ("unsupported", "cmd")


async def test_a_lost_producer_is_waited_for_and_then_it_is_interrupted(start_hub, room, stream):
    hub = start_hub(settings={"APUS_STREAMS_GRACE_MS": 200})
    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        await anna.sub(room)
        async with await Client.open(hub, worker(hub)) as producer:
            await producer.call("stream.open", room=room, stream=stream)
            await producer.call("stream.append", **{"stream": stream, "from": 0, "text": "half"})
        data = (await anna.events(room, 2))[-1]["data"]
        assert (data["state"], data["text"]) == ("interrupted", "half")


async def test_a_slow_reader_gets_fewer_larger_deltas_and_is_not_closed(start_hub, room, stream):
    hub = start_hub(settings=ROOMY)
    token = "слово-" * 50
    async with (
        await Client.open(hub, worker(hub)) as producer,
        await Client.open(hub, hub.token("brisk", "operator")) as brisk,
    ):
        with RawSocket.joined(hub, hub.token("slow", "operator"), room, receive_buffer=4096) as slow:
            for number in range(80):  # 5 MB: more than any socket takes for a reader that does not read
                await brisk.send(room, [number, BIG], ack="accepted")
            await brisk.sub(room, limit=0)
            await producer.call("stream.open", room=room, stream=stream)
            reader = Reader(stream, lambda: token * 150)
            for number in range(150):
                await producer.call("stream.append", **{"stream": stream, "from": number, "parts": [token]})
                await brisk.push(kind="delta", stream=stream)
            deltas = 0
            for item in slow.objects():
                deltas += item.get("kind") == "delta"
                reader.take(item)
                if reader.to == 150:
                    break
            assert reader.text == token * 150
            assert 0 < deltas < 20
        await producer.call("stream.close", stream=stream, state="done")


async def test_the_longest_text_ends_well(hub, room, stream):
    piece = "ы" * 32_768
    async with (
        await Client.open(hub, worker(hub)) as producer,
        await Client.open(hub, hub.token("anna", "operator")) as anna,
    ):
        await anna.sub(room)
        await producer.call("stream.open", room=room, stream=stream)
        for number in range(16):
            await producer.call("stream.append", **{"stream": stream, "from": number, "text": piece})
        error = await producer.error("stream.append", **{"stream": stream, "from": 16, "text": "x"})
        assert (error["code"], error["field"]) == ("too_large", "parts")
        await producer.call("stream.close", stream=stream, state="done")
        assert (await anna.events(room, 2))[-1]["data"]["text"] == piece * 16


async def test_kill_9_in_the_middle_loses_no_token_of_a_producer_that_comes_back(start_hub, room):
    """A few producers and readers, several kills at random; every reader's text is a beginning at every moment and
    the whole at the end."""
    hub = start_hub()
    chance = random.Random(5)
    names = [f"s{number}" for number in range(4)]
    tokens = {name: [f"{name}-{number} " for number in range(400)] for name in names}
    sent = dict.fromkeys(names, 0)
    for round_ in range(4):
        async with await Client.open(hub, worker(hub)) as producer, await Client.open(hub, hub.token("anna", "operator")) as anna:
            readers = {name: Reader(name, lambda name=name: "".join(tokens[name])) for name in names}
            answer = await anna.sub(room, since=0)
            for reader in readers.values():
                reader.answered(answer)
            for name in names:
                opened = await producer.call("stream.open", room=room, stream=name)
                assert opened["next"] <= sent[name], "never more than was sent"
                sent[name] = opened["next"]
            for _ in range(60):
                name = chance.choice(names)
                count = chance.randint(1, 8)
                part = tokens[name][sent[name] : sent[name] + count]
                answer = await producer.call("stream.append", **{"stream": name, "from": sent[name], "parts": part})
                sent[name] += len(part)
                assert answer["next"] == sent[name]
            if round_ < 3:
                hub.signal(signal.SIGKILL)
                await anna.socket.wait_closed()
                await producer.socket.wait_closed()
            else:
                for name in names:
                    rest = tokens[name][sent[name] :]
                    await producer.call("stream.append", **{"stream": name, "from": sent[name], "parts": rest})
                    await producer.call("stream.close", stream=name, state="done")
                await anna.push(lambda push: push.get("offset", 0) >= 8)
            for item in anna.log:
                for reader in readers.values():
                    if "id" not in item:
                        reader.take(item)
            if round_ == 3:
                assert {name: readers[name].text for name in names} == {name: "".join(tokens[name]) for name in names}
        if round_ < 3:
            hub.wait()
            hub.start(hub.port)
    assert hub.stop() == 0
    with sqlite3.connect(hub.database) as database:
        rows = database.execute("SELECT name, state, ended IS NOT NULL FROM streams ORDER BY name").fetchall()
        assert rows == [(name, "done", 1) for name in names]
        assert database.execute("SELECT count(*) FROM stream_pieces").fetchone() == (0,)


async def test_after_a_crash_a_stream_that_nobody_takes_up_ends_by_itself(start_hub, room, stream):
    hub = start_hub(settings={"APUS_STREAMS_GRACE_MS": 300})
    async with await Client.open(hub, worker(hub)) as producer:
        await producer.call("stream.open", room=room, stream=stream)
        durable = 0
        while durable < 1:
            answer = await producer.call("stream.append", **{"stream": stream, "from": 0, "text": "kept"})
            durable = answer["durable"]
        hub.signal(signal.SIGKILL)
        await producer.socket.wait_closed()
    hub.wait()
    hub.start(hub.port)
    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        answer = await anna.sub(room, since=0)
        events = answer["events"] if len(answer["events"]) > 1 else answer["events"] + await anna.events(room, 2)
        assert [event["data"]["state"] for event in events] == ["open", "interrupted"]
        assert events[1]["data"]["text"] == "kept"
