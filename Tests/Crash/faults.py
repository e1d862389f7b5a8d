"""Faults that a history may have, each planted in the story, with the rule that must notice it."""

from story import A1, A2, B1, B2, LOST, ROOM, event, snapshot

PLANTED = {}


def planted(rule):
    """Registers a function that spoils a history."""

    def register(spoil):
        PLANTED[spoil.__name__] = (rule, spoil)
        return spoil

    return register


# -- finding the place


def pushed(history, client, what, nth=0):
    indices = [index for index, record in enumerate(history.clients[client]) if record.get("in") == what]
    return indices[nth]


def lines(history, client, member):
    return [record["in"] for record in history.clients[client] if member in record.get("in", {})]


def answers(history, client):
    """The answers to hello's only room, connection by connection."""
    return [line["ok"]["rooms"][ROOM]["ok"] for line in lines(history, client, "ok") if "rooms" in line["ok"]]


def reply_to(history, client, command, nth=0):
    records = history.clients[client]
    asked = [index for index, record in enumerate(records) if record.get("out", {}).get("cmd") == command][nth]
    identifier = records[asked]["out"]["id"]
    return next(index for index in range(asked, len(records)) if records[index].get("in", {}).get("id") == identifier)


def without(rows, offset):
    return [row for row in rows if row[1] != offset and row[-1] != offset]


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


# -- pushes


@planted("order")
def a_push_is_missing(history):
    del history.clients["anna"][pushed(history, "anna", B1)]


@planted("order")
def two_pushes_are_swapped(history):
    records = history.clients["boris"]
    one, two = pushed(history, "boris", B2), pushed(history, "boris", A2)
    records[one], records[two] = records[two], records[one]


@planted("order")
def an_event_is_pushed_twice(history):
    index = pushed(history, "anna", B1)
    history.clients["anna"].insert(index, history.clients["anna"][index])


@planted("order")
def two_people_see_different_events_that_nobody_kept(history):
    history.clients["boris"][pushed(history, "boris", LOST)]["in"] = event(3, "anna", "a9")


@planted("order")
def someone_sees_what_the_disk_has_otherwise(history):
    for client in ("anna", "boris"):
        for line in lines(history, client, "offset"):
            if line["offset"] == 1:
                line["data"] = {"k": "other"}


@planted("order")
def a_push_comes_before_the_answer_that_joins(history):
    records = history.clients["anna"]
    answer = reply_to(history, "anna", "hello")
    records.insert(answer, {"t": 0, "c": 1, "in": A1})


@planted("order")
def a_push_follows_the_answer_to_unsub(history):
    index = reply_to(history, "boris", "unsub")
    history.clients["boris"].insert(index + 1, {"t": 0, "c": 2, "in": event(5, "anna", "a5")})


@planted("order")
def a_page_of_history_has_a_gap(history):
    answer = history.clients["anna"][reply_to(history, "anna", "history")]["in"]["ok"]
    del answer["events"][1]


# -- coming back


@planted("phantom")
def nobody_is_told_that_an_event_was_lost(history):
    del answers(history, "boris")[1]["truncated_to"]


@planted("phantom")
def too_much_is_to_be_dropped(history):
    answers(history, "boris")[1]["truncated_to"] = 1


@planted("phantom")
def too_little_is_to_be_dropped(history):
    answers(history, "boris")[1]["truncated_to"] = 3


@planted("phantom")
def something_is_to_be_dropped_although_nothing_was_lost(history):
    answers(history, "anna")[2]["truncated_to"] = 3


@planted("phantom")
def someone_is_sent_back_to_the_page_without_a_reason(history):
    answers(history, "anna")[2]["recovered"] = False


@planted("phantom")
def an_event_held_is_not_what_the_room_has(history):
    """Seen in an epoch of which the disk says that all of it survived, but otherwise."""
    history.disk[0] = snapshot(0, ["E0"], [A1, B1, B2])
    for answer in (answers(history, "anna")[1], answers(history, "boris")[1]):
        del answer["truncated_to"]


# -- replies


@planted("replies")
def a_command_is_answered_twice(history):
    index = reply_to(history, "anna", "send")
    history.clients["anna"].insert(index, history.clients["anna"][index])


@planted("replies")
def a_command_is_never_answered_though_all_waited(history):
    del history.clients["anna"][reply_to(history, "anna", "hello", 2)]


@planted("replies")
def a_command_waits_too_long(history):
    records = history.clients["anna"]
    del records[reply_to(history, "anna", "history")]
    next(record for record in records if record.get("c") == 2 and "end" in record)["t"] += 20_000


@planted("replies")
def a_reply_comes_to_nothing(history):
    history.clients["anna"].insert(4, {"t": 0, "c": 1, "in": {"id": 77, "ok": {}}})


@planted("replies")
def a_send_is_refused(history):
    index = reply_to(history, "anna", "send", 1)
    history.clients["anna"][index]["in"] = {"id": 3, "error": {"code": "internal", "message": "oh"}}


@planted("replies")
def a_line_is_no_object(history):
    history.clients["anna"].insert(4, {"t": 0, "c": 1, "bad": '{"room":'})


@planted("replies")
def hello_forgets_a_room(history):
    history.clients["anna"][reply_to(history, "anna", "hello")]["in"]["ok"]["rooms"] = {}


@planted("keys")
def a_duplicate_is_answered_with_another_offset(history):
    history.clients["boris"][reply_to(history, "boris", "send", 2)]["in"]["ok"]["offset"] = 1


@planted("keys")
def a_key_that_is_known_is_given_a_second_offset(history):
    second = event(5, "boris", "b1")
    records = history.clients["anna"]
    records.insert(pushed(history, "anna", A2) + 1, {"t": 0, "c": 2, "in": second})


@planted("keys")
def a_key_is_given_two_offsets_in_one_epoch(history):
    records = history.clients["boris"]
    records.insert(pushed(history, "boris", LOST) + 1, {"t": 0, "c": 1, "in": event(4, "anna", "a2")})


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

