"""Holds what readers of streams were shown against what the writers wrote, and the disk against both."""

import json
from collections import defaultdict


def check_streams(history, timeline, findings):
    """The figures of a run's streams."""
    written = defaultdict(list)
    last_attempt, over, closed = {}, {}, set()
    figures = {"tokens written": 0, "texts shown": 0, "streams ended": 0, "streams taken up again": 0}
    for name, records in history.streams.items():
        for record in records:
            if "writes" in record:
                stream, attempt, tokens = record["writes"]
                written[stream, attempt] += tokens
                figures["tokens written"] += len(tokens)
            elif "opened" in record:
                stream, attempt, taken, known = record["opened"]
                last_attempt[stream] = max(attempt, last_attempt.get(stream, 0))
                figures["streams taken up again"] += known > 0
                if taken > known:
                    findings.add("streams", name, f"{stream}: the hub has {taken} tokens, {known} were written")
            elif "closed" in record:
                closed.add(record["closed"])
            elif "over" in record:
                over[record["over"][0]] = record["over"][1]
            elif "wrong" in record:
                findings.add("streams", name, record["wrong"])
            elif "left" in record and record["left"]:
                findings.add("streams", name, f"are open at the end: {record['left']}")
    for name, records in history.streams.items():
        for record in records:
            if "shows" in record:
                figures["texts shown"] += 1
                _check_text(name, *record["shows"], written, findings)
    figures["streams ended"] = _check_disk(timeline, written, last_attempt, over, closed, findings)
    return figures


def _check_text(name, stream, attempt, to, text, state, written, findings):
    tokens = written.get((stream, attempt), [])
    whole = "".join(tokens)
    if state == "open" and text != "".join(tokens[:to]):
        findings.add("streams", name, f"{stream} attempt {attempt}: shows {to} tokens as {text[-60:]!r}")
    elif state == "done" and text != whole:
        findings.add("streams", name, f"{stream} attempt {attempt}: ends as {text[-60:]!r}, not {whole[-60:]!r}")
    elif not whole.startswith(text):
        findings.add("streams", name, f"{stream} attempt {attempt}: {text[-60:]!r} is no beginning")


def _check_disk(timeline, written, last_attempt, over, closed, findings):
    """Every stream that the disk opens ends there, once, with the text of its last attempt."""
    opened, ended = set(), {}
    for room, events in timeline.events.items():
        for event in events:
            if event is None or event.kind != "stream":
                continue
            data = json.loads(event.data)
            stream = data["stream"]
            if data["state"] == "open":
                if stream in opened:
                    findings.add("streams", "disk", f"{stream} opens twice")
                opened.add(stream)
                continue
            if stream in ended:
                findings.add("streams", "disk", f"{stream} ends twice")
            ended[stream] = data["state"]
            _check_text("disk", stream, data["attempt"], None, data["text"], data["state"], written, findings)
            if data["state"] == "done" and data["attempt"] != last_attempt.get(stream):
                findings.add("streams", "disk", f"{stream} ends with attempt {data['attempt']}, not the last one")
    for stream in opened - set(ended):
        findings.add("streams", "disk", f"{stream} never ends")
    for stream in closed | set(over):
        expected = over.get(stream, "done")
        if ended.get(stream) != expected:
            findings.add("streams", "disk", f"{stream} was said to be {expected} and is {ended.get(stream)}")
    return len(ended)
