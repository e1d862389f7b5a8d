"""How faults are planted in the story: a register of them, and what finds the place."""

from story import ROOM

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
