"""What the database of a dead hub holds: read from a copy, so that the next start finds what the death left."""

import json
import shutil
import sqlite3
from pathlib import Path


def snapshot(database, life, heads, scratch):
    """One line of disk.jsonl; events and keys above `heads` only."""
    copy = _copy(Path(database), Path(scratch))
    found = {"life": life, "epochs": [], "heads": {}, "events": [], "keys": [], "reads": {}, "faults": []}
    if copy is None:
        return found
    connection = sqlite3.connect(copy)
    try:
        connection.execute("PRAGMA query_only = 1")
        if connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'reads'").fetchone()[0]:
            _read(connection, heads, found)
    except sqlite3.DatabaseError as error:
        found["faults"].append(f"the database cannot be read: {error}")
    finally:
        connection.close()
    return found


def _copy(database, scratch):
    """The file and its log; the shared memory beside them is no part of what the disk holds."""
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    if not database.exists():
        return None
    for suffix in ("", "-wal", "-journal"):
        source = database.with_name(database.name + suffix)
        if source.exists():
            shutil.copyfile(source, scratch / source.name)
    return scratch / database.name


def _read(connection, heads, found):
    found["faults"] += [row[0] for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
    found["epochs"] = [row[0] for row in connection.execute("SELECT epoch FROM starts ORDER BY number")]
    rooms = {}
    for identifier, name, head, first in connection.execute("SELECT id, name, head, first_kept FROM rooms"):
        rooms[identifier] = name
        found["heads"][name] = head
        if first != 1:
            found["faults"].append(f"{name} begins with {first}")
    for identifier, name in rooms.items():
        _read_room(connection, identifier, name, heads.get(name, 0), found)


def _read_room(connection, identifier, name, head, found):
    events = "SELECT offset, at, sender, kind, key, data FROM events WHERE room = ? AND offset > ? ORDER BY offset"
    for *members, data in connection.execute(events, (identifier, head)):
        found["events"].append([name, *members, json.loads(data)])
    keys = "SELECT user, key, offset FROM keys WHERE room = ? AND offset > ?"
    found["keys"] += [[name, *row] for row in connection.execute(keys, (identifier, head))]
    marks = dict(connection.execute("SELECT user, upto FROM reads WHERE room = ?", (identifier,)))
    if marks:
        found["reads"][name] = marks
    starts = "SELECT first_offset FROM room_starts WHERE room = ? ORDER BY start"
    firsts = [row[0] for row in connection.execute(starts, (identifier,))]
    if firsts != sorted(set(firsts)) or (found["heads"][name] and firsts[:1] != [1]):
        found["faults"].append(f"{name} began its starts at {firsts[-10:]}")
