"""Plays a power cut: takes back what a killed process had written and not yet synced.

The process runs with cut.c in front of the C library, which notes what every write replaces. After its death `strike`
chooses, for each file, which of the sectors written since its last sync have reached the disk: all, none, those of the
first so many writes, or each by itself and in any version it ever had, which tears writes and swaps their order.
Changes of the folder (files made, linked, renamed, removed) since its last sync survive up to some moment.
"""

import os
import random
import struct
from collections import Counter, defaultdict
from pathlib import Path

from power.compiler import shared_object

SOURCE = Path(__file__).parent / "cut.c"
SECTOR = 512
HEAD = struct.Struct("<c3xIQQQ")


def build(library):
    """Compiles cut.c into a shared object."""
    return shared_object(SOURCE, library)


class PowerCut:
    """The watched folder of one run; a journal for each life. A `thorough` cut leaves only what was synced."""

    def __init__(self, folder, seed, library, *, thorough=False):
        self.thorough = thorough
        self.folder = Path(folder).resolve()
        self.library = library
        self.place = self.folder.with_name(self.folder.name + "-power")
        self.grave = self.place / "grave"
        self.grave.mkdir(parents=True, exist_ok=True)
        self.seed = seed
        self.figures = Counter()

    def _journal(self, life):
        return self.place / f"journal-{life}"

    def settings(self, life, die=None, fail=None):
        """The environment of a process to be watched; `die` is "FILE:N", `fail` "FILE:N:M"."""
        found = {
            "LD_PRELOAD": self.library,
            "POWER_FOLDER": self.folder,
            "POWER_JOURNAL": self._journal(life),
            "POWER_GRAVE": self.grave,
        }
        return found | ({"POWER_DIE": die} if die else {}) | ({"POWER_FAIL": fail} if fail else {})

    def strike(self, life):
        """The disk as it is when the power is back."""
        chance = random.Random(f"{self.seed}/power/{life}")
        journal = self._journal(life)
        writes, changes, failed = _unsynced(journal)
        self.figures += Counter({"syncs failed": failed})
        for name, replaced in writes.items():
            self.figures[f"cuts of {name}"] += 1
            if (self.folder / name).exists():
                self._lose_writes(self.folder / name, replaced, chance)
        self._lose_changes(changes, chance)
        for path in self.folder.glob("*-shm"):
            path.unlink()
        journal.unlink(missing_ok=True)

    # -- what was written

    def _lose_writes(self, path, replaced, chance):
        content = path.read_bytes()
        now = {sector: content[sector * SECTOR : (sector + 1) * SECTOR] for sectors in replaced for sector in sectors}
        # Every version a sector had, from the one that was synced to the one in the file.
        versions = defaultdict(list)
        for index, sectors in enumerate(replaced):
            for sector, before in sectors.items():
                versions[sector].append((index, before))
        mode = "none" if self.thorough else chance.choice(["none", "all", "first", "each", "each"])
        reached = {"none": 0, "all": len(replaced)}.get(mode, chance.randint(0, len(replaced)))
        kept = {}
        for sector, known in versions.items():
            if mode == "each":
                kept[sector] = chance.choice([before for _, before in known] + [now[sector]])
            else:
                later = [before for index, before in known if index >= reached]
                kept[sector] = later[0] if later else now[sector]
        self.figures["sectors at stake"] += len(versions)
        self.figures["sectors lost"] += sum(1 for sector in kept if kept[sector] != now[sector])
        path.write_bytes(_compose(content, kept))

    # -- what the folder held

    def _lose_changes(self, changes, chance):
        survived = 0 if self.thorough else chance.choice([0, len(changes), chance.randint(0, len(changes))])
        for kind, names in reversed(changes[survived:]):
            self.figures["changes of the folder lost"] += 1
            first = self.folder / names[0]
            if kind in "CL":
                first.unlink(missing_ok=True)
            elif kind == "U":
                os.link(self.grave / names[1], first)
            elif kind == "R":
                os.rename(self.folder / names[1], first)
                if names[2]:
                    os.link(self.grave / names[2], self.folder / names[1])


class _Unsynced:
    """The writes to one file that a power cut may take back, each as sector → what it replaced."""

    def __init__(self):
        self.writes = []
        # Those that a failed sync has left: later ones do not count them as theirs.
        self.forsaken = []

    @property
    def replaced(self):
        return [sectors for sectors in (*self.forsaken, *self.writes) if sectors]

    def failed(self):
        self.forsaken += self.writes
        self.writes = []

    def synced(self):
        again = {sector for sectors in self.writes for sector in sectors}
        self.forsaken = [{at: held for at, held in one.items() if at not in again} for one in self.forsaken]
        self.writes = []


def _unsynced(journal):
    """By file what it had replaced and not synced, the folder's changes since its sync, and how many syncs failed."""
    names, files, changes, failed = {}, defaultdict(_Unsynced), [], 0
    for kind, file, offset, span, content in _notes(journal):
        if kind == "N":
            names[file] = content.decode()
        elif kind in "WT":
            files[file].writes.append(_sectors(offset, span, content))
        elif kind == "S":
            files[file].synced()
        elif kind == "F":
            files[file].failed()
            failed += 1
        elif kind == "D":
            changes.clear()
        else:
            changes.append((kind, content.decode().split("\0")))
    return {names[file]: found.replaced for file, found in files.items() if found.replaced}, changes, failed


def _notes(journal):
    content = journal.read_bytes() if journal.exists() else b""
    place = 0
    while place + HEAD.size <= len(content):
        kind, file, offset, span, length = HEAD.unpack_from(content, place)
        place += HEAD.size + length
        if place > len(content):
            # The process died while it wrote this note: the deed was not begun.
            return
        yield kind.decode(), file, offset, span, content[place - length : place]


def _sectors(offset, span, content):
    """Sector number → what it held; shorter where the file ended in it, empty where it had ended before."""
    found = {}
    for start in range(0, span, SECTOR):
        found[(offset + start) // SECTOR] = content[start : start + SECTOR]
    return found


def _compose(content, kept):
    """The file with these sectors as they were; it ends with its last byte that is there."""
    found = {number: content[number * SECTOR : (number + 1) * SECTOR] for number in range(-(-len(content) // SECTOR))} | kept
    end = max((number * SECTOR + len(held) for number, held in found.items() if held), default=0)
    return b"".join(found.get(number, b"").ljust(SECTOR, b"\0") for number in range(-(-end // SECTOR)))[:end]
