"""The contract without a socket: commands, frames, the way back, tokens, backoff."""

import json
import random

import pytest
from apus.backoff import Backoff
from apus.tokens import TokenLog
from apus.wire import Conversation, Push, Reply


def test_commands_are_numbered_and_leave_out_what_is_none():
    conversation = Conversation()
    assert conversation.command("ping", {}) == (1, '{"id":1,"cmd":"ping"}')
    identifier, line = conversation.command("send", {"room": "a:b", "data": "ж\n", "key": None})
    assert identifier == 2 and "\n" not in line
    assert json.loads(line) == {"id": 2, "cmd": "send", "room": "a:b", "data": "ж\n"}


def test_a_frame_may_hold_several_objects():
    found = Conversation().received('{"id":1,"ok":{}}\n\n{"room":"a:b","durable":1}\n{"id":2,"error":{"code":"busy"}}')
    assert found == [Reply(1, {}, None), Push({"room": "a:b", "durable": 1}), Reply(2, None, {"code": "busy"})]
    with pytest.raises(ValueError):
        Conversation().received("[1]")


@pytest.mark.parametrize(
    ("code", "reason", "wait"),
    [
        (1000, "", None), (1002, "", None), (1006, "", 0), (None, "", 0), (1012, "", 0), (1013, "", 0), (4400, "", None),
        (4401, "", 0), (4403, "", None), (4408, "", 0), (4409, "", None), (4429, "retry_after=1500", 1.5), (4429, "?", 1),
    ],
)  # fmt: skip
def test_the_close_code_says_whether_to_come_back(code, reason, wait):
    assert Conversation().way_back(code, reason) == wait


def test_after_a_drain_the_slot_counts():
    conversation = Conversation()
    conversation.received('{"drain":{"reconnect_after":1830,"deadline":20000}}')
    assert conversation.way_back(1012, "") == 1.83
    assert conversation.way_back(1006, "") == 0


def test_backoff_doubles_up_to_its_cap_and_starts_anew():
    backoff = Backoff(0.5, 4, chance=lambda: 1.0)
    assert [backoff.next() for _ in range(5)] == [0.5, 1, 2, 4, 4]
    backoff.reset()
    assert backoff.next() == 0.5
    assert Backoff(chance=lambda: 0.0).next() == 0


def test_tokens_are_said_once_and_forgotten_when_durable():
    log = TokenLog()
    for token in "abcdef":
        log.append(token)
    assert log.take(2, 100) == (0, ["a", "b"])
    assert log.take(100, 2) == (2, ["c", "d"])
    log.durable(3)
    assert (log.base, log.sent, log.end, log.unsent) == (3, 4, 6, 2)
    assert not log.resume(2) and not log.resume(7)
    assert log.resume(3)
    assert log.take(100, 0) == (3, ["d"])
    log.durable(99)
    assert (log.base, log.sent, log.unsent) == (6, 6, 0)


@pytest.mark.parametrize("seed", range(20))
def test_whatever_happens_the_hub_gets_every_token_once_in_order(seed):
    """A hub that takes, forgets what is not durable, and comes back; the log must always know what to say."""
    chance = random.Random(seed)
    log, produced, taken, durable = TokenLog(), [], [], 0
    for step in range(400):
        match chance.randrange(5):
            case 0 | 1:
                produced.append(f"{step} " * chance.randrange(1, 4))
                log.append(produced[-1])
            case 2:
                start, parts = log.take(chance.randrange(1, 5), chance.randrange(1, 20))
                assert start <= len(taken)
                taken[start:] = parts
            case 3:
                durable = chance.randint(durable, len(taken))
                log.durable(durable)
            case _:
                # The hub has been restarted: it has what was durable on its disk, which we may not have heard of.
                durable = chance.randint(durable, len(taken))
                del taken[durable:]
                assert log.resume(durable)
    while log.unsent:
        start, parts = log.take(7, 30)
        assert start == len(taken)
        taken += parts
    assert taken == produced
