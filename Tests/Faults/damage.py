"""Damages the files of a hub that does not run."""

import sqlite3

PAGE = 4096


def leaves(database, table):
    """The pages of a table's leaves, by what a page begins with: 10 and 13 are leaves of index and table b-trees."""
    connection = sqlite3.connect(database)
    root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
    connection.close()
    content = database.read_bytes()
    found, waiting = [], [root]
    while waiting:
        number = waiting.pop()
        page = content[(number - 1) * PAGE : number * PAGE]
        if page[0] in (10, 13):
            found.append(number)
        else:
            waiting += children(page)
    return found


def children(page):
    """The pages below an interior page (type 2 or 5)."""
    assert page[0] in (2, 5), page[0]
    count = int.from_bytes(page[3:5], "big")
    cells = [int.from_bytes(page[12 + 2 * index : 14 + 2 * index], "big") for index in range(count)]
    return [int.from_bytes(page[cell : cell + 4], "big") for cell in cells] + [int.from_bytes(page[8:12], "big")]


def spoil(database, number):
    """Makes a page one that no b-tree can have; what puts it back is returned."""
    start = (number - 1) * PAGE
    sound = database.read_bytes()[start : start + 64]
    write(database, start, b"\xff" * 64)
    return lambda: write(database, start, sound)


def write(database, start, content):
    with open(database, "r+b") as file:
        file.seek(start)
        file.write(content)


def page_with(database, numbers, *texts):
    """The first of these pages that holds a text, the first text that is in any: interior pages hold entries, too."""
    content = database.read_bytes()
    pages = [(number, content[(number - 1) * PAGE : number * PAGE]) for number in numbers]
    return next(number for text in texts for number, page in pages if text in page)
