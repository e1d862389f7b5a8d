"""The failing disk from the test's side: disk.c, and the page it shares with the hub."""

import mmap
import struct
from pathlib import Path

SOURCE = Path(__file__).parent / "disk.c"
LAYOUT = struct.Struct("=6i2q")
FIELDS = ("write_error", "sync_error", "read_error", "is_full", "sync_delay")


class Disk:
    """`fail(write_error=errno.EIO)` and so on from now on; `mend()` ends all of it."""

    def __init__(self, place, library):
        self.library = library
        self.control = Path(place) / "control"
        self.control.write_bytes(bytes(LAYOUT.size))
        with self.control.open("r+b") as file:
            self._page = mmap.mmap(file.fileno(), LAYOUT.size)

    def settings(self, folder, files="apus.sqlite"):
        """The environment of a process whose files of this folder that begin so are on this disk."""
        return {
            "LD_PRELOAD": self.library,
            "DISK_FOLDER": folder,
            "DISK_FILES": files,
            "DISK_CONTROL": self.control,
        }

    def fail(self, **faults):
        for name, value in faults.items():
            struct.pack_into("=i", self._page, 4 * FIELDS.index(name), value)

    def mend(self):
        self.fail(**dict.fromkeys(FIELDS, 0))

    @property
    def failed(self):
        """Operations that have failed."""
        return LAYOUT.unpack_from(self._page)[6]

    @property
    def slowed(self):
        """Syncs that were delayed."""
        return LAYOUT.unpack_from(self._page)[7]
