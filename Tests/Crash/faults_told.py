"""Faults in what clients are told: pushes, the way back, replies."""

from planting import answers, lines, planted, pushed, reply_to
from story import A1, A2, B1, B2, LOST, ROOM, event, snapshot


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


@planted("durable")
def what_was_posted_is_lost(history):
    posted = {"room": ROOM, "kind": "message", "key": "p1", "data": 1, "status": 201}
    answer = {"offset": 5, "epoch": "E1", "at": 1}
    history.clients["boris"].insert(3, {"posted": posted | {"answer": answer}})


@planted("replies")
def a_post_fails(history):
    posted = {"room": ROOM, "kind": "message", "key": "p1", "data": 1, "status": 500}
    history.clients["boris"].insert(3, {"posted": posted | {"answer": {"code": "internal"}}})


# -- stops


@planted("drain")
def a_stop_loses_what_was_accepted(history):
    history.run["drains"] = True


@planted("drain")
def someone_comes_back_before_the_slot(history):
    records = history.clients["anna"]
    records[0]["slots"] = True
    end = next(index for index, record in enumerate(records) if "end" in record)
    records[end]["end"] = 1012
    records.insert(end, {"t": 0, "c": 1, "in": {"drain": {"reconnect_after": 1000, "deadline": 5000}}})
