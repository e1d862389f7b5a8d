"""Questions answered by providers: the hub as a process, the stand-in for providers as another."""

import json
import urllib.request
import uuid
from contextlib import asynccontextmanager

import pytest

from client import Client
from hub import Hub, run
from provider import SECRET, Provider, Watcher, ending

ANSWER = "Ваш заказ 42 уже в пути 🚚 и будет завтра. Your order is on its way."
DIALECTS = ["openai", "openai-responses", "anthropic", "openrouter", "groq", "yandexgpt", "openai-compatible"]


@pytest.fixture(scope="module")
def provider():
    provider = Provider()
    yield provider
    provider.stop()


@pytest.fixture
def answering(tmp_path, monkeypatch):
    """Starts a hub over these providers and routes."""
    monkeypatch.setenv("PROVIDER_KEY", SECRET)
    started = []

    def start(*entries, routes=(), prompts=None):
        file = tmp_path / "providers.json"
        file.write_text(json.dumps({"providers": list(entries), "routes": list(routes)}, ensure_ascii=False))
        settings = {"APUS_GENERATION_PROVIDERS_FILE": file}
        if prompts:
            (tmp_path / "prompts").mkdir()
            for name, text in prompts.items():
                (tmp_path / "prompts" / name).write_text(text)
            settings["APUS_GENERATION_PROMPTS"] = tmp_path / "prompts"
        hub = Hub(tmp_path / "data", reactors=2, settings=settings).start()
        started.append(hub)
        return hub

    yield start
    for hub in started:
        assert hub.running and hub.stop() == 0, hub.errors()
        assert SECRET not in hub.errors()


@asynccontextmanager
async def people(hub, room):
    async with (
        await Client.open(hub, hub.token("anna", "operator")) as anna,
        await Client.open(hub, hub.token("boris", "operator"), compression="deflate") as boris,
    ):
        await anna.sub(room)
        await boris.sub(room)
        yield anna, boris


async def asked(client, room, text="Где мой заказ?", **more):
    return (await client.call("ask", room=room, key=uuid.uuid4().hex, data={"text": text, **more}))["stream"]


async def ended(stream, *clients):
    """The data of the end, once everybody has it and has seen the same on the way."""
    ends = [(await client.push(ending(stream)))["data"] for client in clients]
    assert all(end == ends[0] for end in ends)
    for client in clients:
        watcher = Watcher()
        for message in client.log:
            for told in message["ok"].get("streams", []) if "ok" in message else [message]:
                watcher.take(told)
        assert watcher.texts[stream][2:] == [ends[0]["text"], ends[0]["state"]]
    return ends[0]


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_an_answer_streams_before_everybody(provider, answering, room, dialect):
    hub = answering(provider.entry("main", dialect, f"id={dialect},pace=2"))
    async with people(hub, room) as (anna, boris):
        stream = await asked(anna, room)
        end = await ended(stream, anna, boris)
        assert (end["state"], end["text"], end["attempt"]) == ("done", ANSWER, 1)
        assert (end["provider"], end["model"]) == ("main", "main-m")
        assert end["usage"]["tokens_in"] == 9 and end["usage"]["tokens_out"] > 10
        assert end["cost"] > 0
        deltas = [push for push in boris.log if push.get("kind") == "delta"]
        assert len(deltas) > 1, "it came in pieces"


async def test_a_cancel_reaches_the_providers_connection(provider, answering, room):
    script = "id=cancel,hang=6"
    hub = answering(provider.entry("main", script=script))
    async with people(hub, room) as (anna, boris):
        stream = await asked(anna, room)
        await provider.asked("sent", "openai", script, count=6)
        await boris.push(kind="delta", stream=stream)
        await boris.call("stream.cancel", stream=stream)
        end = await ended(stream, anna, boris)
        assert end["state"] == "cancelled" and ANSWER.startswith(end["text"]) and end["text"]
        assert end["usage"]["tokens_in"] > 0
        assert [request["end"] for request in await provider.asked("ended", "openai", script)] == ["gone"]


async def test_nobody_watching_does_not_stop_an_answer(provider, answering, room):
    script = "id=alone,hang=6"
    hub = answering(provider.entry("main", script=script))
    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        stream = await asked(anna, room)
        await provider.asked("sent", "openai", script, count=6)
    async with people(hub, room) as (anna, boris):
        await provider.asked("release", "openai", script)
        assert (await ended(stream, anna, boris))["text"] == ANSWER


@pytest.mark.parametrize("fault", ["status=500", "status=529", "status=401", "hang=head", "garbage=0"])
async def test_where_one_provider_fails_the_next_answers(provider, answering, room, fault):
    bad = provider.entry("bad", script=f"{fault},id=fall", timeouts={"first_token_ms": 200})
    hub = answering(bad, provider.entry("good"), routes=[{"providers": ["bad", "good"], "retries": 0}])
    async with people(hub, room) as (anna, boris):
        end = await ended(await asked(anna, room), anna, boris)
        assert (end["state"], end["text"], end["attempt"], end["provider"]) == ("done", ANSWER, 1, "good")


async def test_a_short_retry_after_is_waited_for(provider, answering, room):
    hub = answering(provider.entry("main", script="times=1,status=429,retry-after=0.05,id=wait"))
    async with people(hub, room) as (anna, boris):
        assert (await ended(await asked(anna, room), anna, boris))["provider"] == "main"


@pytest.mark.parametrize("fault", ["cut=character", "cut=line", "error=5", "hang=5"])
async def test_a_failure_after_the_first_token_begins_again_visibly(provider, answering, room, fault):
    bad = provider.entry("bad", script=f"{fault},id=again", timeouts={"idle_ms": 200})
    held = f"text=whole,hang=0,id={fault}"
    hub = answering(bad, provider.entry("good", "anthropic", held))
    async with people(hub, room) as (anna, boris):
        stream = await asked(anna, room)
        shown = await boris.push(kind="snapshot", stream=stream, attempt=2)
        assert (shown["to"], shown["text"]) == (0, "")
        await provider.asked("release", "anthropic", held)
        end = await ended(stream, anna, boris)
        assert (end["state"], end["text"], end["attempt"], end["provider"]) == ("done", "whole", 2, "good")


async def test_nobody_can_answer(provider, answering, room):
    hub = answering(provider.entry("bad", script="status=401,id=nobody"))
    async with people(hub, room) as (anna, boris):
        end = await ended(await asked(anna, room), anna, boris)
        assert (end["state"], end["text"], end["error"]["code"]) == ("failed", "", "unavailable")


async def test_a_private_address_that_is_not_configured_is_not_asked(provider, answering, room):
    entry = provider.entry("inside", script="id=inside")
    del entry["private_addresses"]
    hub = answering(entry)
    async with people(hub, room) as (anna, boris):
        assert (await ended(await asked(anna, room), anna, boris))["state"] == "failed"
        assert await provider.asked("seen", "openai", "id=inside") == []


async def test_the_conversation_goes_along_masked(provider, answering, room):
    script = "id=context,text=first"
    hub = answering(
        provider.entry("main", script=script),
        routes=[{"rooms": ["ticket"], "providers": ["main"], "system": "support.md"}],
        prompts={"support.md": "Будь краток.\n"},
    )
    async with people(hub, room) as (anna, boris):
        await boris.send(room, {"text": "мой телефон +7 912 345-67-89"})
        await ended(await asked(anna, room, "one"), anna, boris)
        await ended(await asked(anna, room, "two, a@b.co"), anna, boris)
        last = (await provider.asked("ended", "openai", script, count=2))[1]["body"]["messages"]
        assert [(message["role"], message["content"]) for message in last] == [
            ("system", "Будь краток."), ("user", "мой телефон [phone]"), ("user", "one"), ("assistant", "first"),
            ("user", "two, [email]"),
        ]  # fmt: skip


async def test_with_one_of_two_providers_failing_nearly_every_question_is_answered(provider, answering):
    bad = provider.entry("bad", script="status=500,id=most")
    hub = answering(bad, provider.entry("good", "anthropic", "id=most"), routes=[{"providers": ["bad", "good"], "retries": 0}])
    rooms = [f"ticket:{uuid.uuid4().hex[:12]}" for _ in range(150)]
    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        for room in rooms:
            await anna.sub(room)
        streams = [await asked(anna, room) for room in rooms]
        ends = [(await anna.push(ending(stream)))["data"] for stream in streams]
    done = sum(end["state"] == "done" and end["text"] == ANSWER for end in ends)
    assert done > 0.99 * len(rooms)


async def test_staff_see_how_providers_do(provider, answering, room):
    hub = answering(provider.entry("main", script="id=shown"), provider.entry("spare", "groq"))
    async with people(hub, room) as (anna, boris):
        await ended(await asked(anna, room), anna, boris)
    request = urllib.request.Request(f"{hub.http}/api/v1/providers")
    request.add_header("Authorization", f"Bearer {hub.token('anna', 'operator')}")
    main, spare = json.loads(urllib.request.urlopen(request).read())["providers"]
    assert (main["name"], main["requests"], main["answers"], main["breaker"]) == ("main", 1, 1, "closed")
    assert spare["requests"] == 0 and "first_token_ms" not in spare
    metrics = urllib.request.urlopen(f"{hub.http}/metrics").read().decode()
    assert 'apus_provider_answers_total{provider="main"} 1' in metrics
    assert SECRET not in metrics + json.dumps(main)


def test_a_wrong_file_of_providers_stops_the_start(tmp_path):
    file = tmp_path / "providers.json"
    file.write_text('{"providers":[{"name":"a","dialect":"openai","model":"m","key":"sk-secret"}]}')
    done = run("serve", "--port", "0", "--data", str(tmp_path / "data"), APUS_GENERATION_PROVIDERS_FILE=file)
    assert done.returncode == 2
    assert "generation.providers_file: providers[0].key: is not known" in done.stderr
    assert "sk-secret" not in done.stderr + done.stdout
    done = run("doctor", "--data", str(tmp_path / "data"), APUS_GENERATION_PROVIDERS_FILE=file)
    assert done.returncode == 1 and "wrong providers: providers[0].key" in done.stdout
