"""Faults in streams: in what their readers are shown, and on the disk."""

from planting import planted
from story import ROOM


def shown(history, index):
    return history.streams["onlooker"][index]["shows"]


@planted("streams")
def a_token_is_doubled_for_a_reader(history):
    shown(history, 0)[3] = "abb"


@planted("streams")
def a_reader_is_shown_a_token_that_nobody_wrote(history):
    shown(history, 0)[1:4] = [2, 1, "x"]


@planted("streams")
def a_stream_ends_without_its_last_token(history):
    shown(history, 1)[3] = "ab"


@planted("streams")
def a_reader_had_a_gap(history):
    history.streams["onlooker"].append({"wrong": "s1: a delta 1 3 behind [1, 2]"})


@planted("streams")
def a_stream_is_open_at_the_very_end(history):
    history.streams["onlooker"][-1]["left"] = ["s1"]


@planted("streams")
def the_hub_claims_more_tokens_than_were_written(history):
    history.streams["weaver"].insert(3, {"opened": ["s1", 1, 4, 3]})


@planted("streams")
def a_stream_that_was_said_to_have_ended_is_not_on_disk(history):
    history.streams["weaver"].append({"closed": "s1"})


@planted("streams")
def a_stream_opens_on_disk_and_never_ends(history):
    row = [ROOM, 5, 1, "weaver", "stream", None, {"stream": "s2", "state": "open", "attempt": 1}]
    history.disk[-1]["events"].append(row)
    history.disk[-1]["heads"][ROOM] = 5
