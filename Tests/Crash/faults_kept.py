"""Faults in what is kept: on the disk, in marks that may only rise, and in what the clients hold at the end."""

from planting import answers, lines, planted, pushed, reply_to, without
from story import A1, A2, B1, B2, LOST, ROOM, event, snapshot


# -- the disk


@planted("durable")
def an_event_acknowledged_as_durable_is_lost(history):
    history.disk[1:] = [snapshot(1, ["E0", "E1"], [A1, B1, B2], since=2), snapshot(2, ["E0", "E1", "E2"], [A1, B1, B2])]


@planted("durable")
def another_event_has_the_place_of_a_durable_one(history):
    other = event(4, "boris", "b3")
    history.disk[1:] = [
        snapshot(1, ["E0", "E1"], [A1, B1, B2, other], since=2),
        snapshot(2, ["E0", "E1", "E2"], [A1, B1, B2, other]),
    ]


@planted("durable")
def the_disk_goes_back_between_two_deaths(history):
    history.disk[2] = snapshot(2, ["E0", "E1", "E2"], [A1, B1, B2])


@planted("durable")
def a_read_mark_that_was_acknowledged_is_lost(history):
    for found in history.disk:
        found["reads"] = {}


@planted("keys")
def a_key_is_on_disk_twice(history):
    history.disk[2] = snapshot(2, ["E0", "E1", "E2"], [A1, B1, B2, A2, event(5, "anna", "a1")])


@planted("keys")
def an_event_has_lost_its_key(history):
    for found in history.disk:
        found["keys"] = without(found["keys"], 2)


@planted("order")
def the_disk_has_a_gap(history):
    for found in history.disk:
        found["events"] = without(found["events"], 2)


@planted("order")
def an_event_on_disk_changes_afterwards(history):
    history.disk[2]["events"][0][-1] = {"k": "other"}


@planted("disk")
def the_database_is_damaged(history):
    history.disk[1]["faults"].append("row 7 missing from index")


@planted("reads")
def a_read_mark_falls_on_disk(history):
    history.disk[2]["reads"][ROOM]["boris"] = 1


@planted("epochs")
def the_disk_forgets_a_start(history):
    history.disk[2]["epochs"] = ["E0", "E2"]


@planted("epochs")
def two_starts_have_one_epoch(history):
    history.disk[2]["epochs"] = ["E0", "E1", "E1"]


# -- what may only rise


@planted("watermark")
def more_is_told_as_durable_than_survives(history):
    lines(history, "boris", "durable")[0]["durable"] = 3


@planted("watermark")
def the_watermark_falls(history):
    index = pushed(history, "anna", {"room": ROOM, "durable": 2})
    history.clients["anna"].insert(index + 1, {"t": 0, "c": 1, "in": {"room": ROOM, "durable": 1}})


@planted("watermark")
def the_watermark_begins_below_the_disk(history):
    answers(history, "anna")[1]["durable"] = 1


@planted("reads")
def a_read_mark_is_pushed_that_falls(history):
    index = reply_to(history, "boris", "read")
    line = {"room": ROOM, "kind": "read", "by": "boris", "upto": 1}
    history.clients["boris"].insert(index, {"t": 0, "c": 1, "in": line})


@planted("reads")
def an_answer_has_forgotten_a_read_mark(history):
    answers(history, "anna")[1]["reads"] = {}


@planted("epochs")
def a_client_is_told_an_epoch_that_the_disk_does_not_know(history):
    answers(history, "anna")[2]["epoch"] = "E9"


@planted("epochs")
def a_connection_is_told_two_epochs(history):
    history.clients["anna"][reply_to(history, "anna", "send", 2)]["in"]["ok"]["epoch"] = "E0"


# -- the whole


@planted("outbox")
def something_said_never_arrives(history):
    history.clients["anna"].insert(1, {"put": {"room": ROOM, "kind": "message", "key": "a3", "data": 1}})


@planted("outbox")
def something_arrives_that_nobody_said(history):
    del history.clients["anna"][1]


@planted("outbox")
def things_arrive_in_another_order_than_they_were_said(history):
    records = history.clients["boris"]
    records[1], records[2] = records[2], records[1]


@planted("outbox")
def something_arrives_changed(history):
    history.clients["anna"][1]["put"]["data"] = {"k": "other"}


@planted("outbox")
def a_client_takes_for_durable_what_is_not_there(history):
    history.clients["anna"].append({"done": {"room": ROOM, "key": "a7"}})


@planted("views")
def a_client_shows_an_event_that_was_lost(history):
    view = history.clients["anna"][-2]["view"]
    view["events"][2] = {**LOST}


@planted("views")
def a_client_does_not_show_the_newest(history):
    history.clients["anna"][-2]["view"]["events"].pop()


@planted("views")
def a_client_shows_a_gap(history):
    del history.clients["boris"][-2]["view"]["events"][1]


@planted("views")
def a_client_never_comes_to_its_end(history):
    del history.clients["boris"][-1]["clean"]


@planted("hub")
def the_hub_dies_by_itself(history):
    history.lives[1]["status"] = -11


@planted("hub")
def the_hub_comes_to_a_standstill(history):
    history.lives[2]["stalled"] = "700 lines"
