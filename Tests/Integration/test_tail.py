"""apus tail: a room's events as lines, from the past into the live room."""

import json
import subprocess

import pytest

from client import Client
from hub import BINARY, PATIENCE, environment, run


@pytest.fixture
def tail(hub, room):
    """Starts `apus tail` on the test's room; it is ended with the test."""
    started = []

    def start(token, *flags):
        command = [BINARY, "tail", room, "--url", hub.http, "--token", token, *flags]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment(), text=True)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait(PATIENCE)


async def test_it_prints_the_past_and_then_what_comes(hub, room, tail):
    token = hub.token("anna", "operator")
    async with await Client.open(hub, token) as anna:
        await anna.sub(room, presence=True)
        for number in (1, 2):
            await anna.send(room, {"n": number})
        process = tail(hub.token("boris", "operator"), "--since", "0")
        await anna.push(lambda push: "boris" in str(push.get("join")), room=room)
        await anna.send(room, {"n": 3})
        events = [json.loads(process.stdout.readline()) for _ in range(3)]
        assert events == (await anna.history(room))["events"]


def test_it_ends_with_1_where_the_hub_refuses(hub, room):
    for token in ("x", hub.token("anna", "user")):
        done = run("tail", room, "--url", hub.http, "--token", token)
        assert done.returncode == 1 and done.stderr
        assert token not in done.stderr or token == "x"


def test_it_says_where_there_is_no_hub(room):
    done = run("tail", room, "--url", "http://127.0.0.1:1", "--token", "x")
    assert done.returncode == 1 and "127.0.0.1" in done.stderr
