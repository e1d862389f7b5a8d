"""Writes what a client sees and does as JSON lines (history.py has the format)."""

import json
import time


class Record:
    def __init__(self, path, name, user):
        self._file = open(path, "w", encoding="utf-8", buffering=1 << 16)
        self._began = time.monotonic()
        self._connection = 0
        self._write({"client": name, "user": user})

    def _write(self, item):
        self._file.write(json.dumps(item, ensure_ascii=False, separators=(",", ":")) + "\n")

    def _line(self, member, text):
        now = int((time.monotonic() - self._began) * 1000)
        self._file.write(f'{{"t":{now},"c":{self._connection},"{member}":{text}}}\n')

    def opened(self, life):
        self._connection += 1
        self._line("open", life)

    def sent(self, line):
        self._line("out", line)

    def received(self, line):
        """The object; None where it is none."""
        try:
            item = json.loads(line)
        except ValueError:
            item = None
        if isinstance(item, dict):
            self._line("in", line)
            return item
        self._line("bad", json.dumps(line))
        return None

    def ended(self, code, clean):
        self._line("end", f'{code or 1006},"clean":true' if clean else str(code or 1006))

    def said(self, **entry):
        self._write({"put": entry})

    def posted(self, entry, status, answer):
        """A request over HTTP that was answered."""
        said = {"room": entry.room, "kind": entry.kind, "key": entry.key, "data": entry.data}
        self._write({"posted": said | {"status": status, "answer": answer}})

    def done(self, room, key):
        self._write({"done": {"room": room, "key": key}})

    def shows(self, room, epoch, events):
        self._write({"view": {"room": room, "epoch": epoch, "events": events}})

    def close(self):
        self._file.close()
