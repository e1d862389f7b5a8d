"""How long a client waits before it dials again: the slot of a drain, else a backoff with jitter."""

import random

FIRST = 0.05
MOST = 2.0


class Comeback:
    def __init__(self):
        self._failures = 0

    def greeted(self):
        self._failures = 0

    def delay(self, slot=None):
        """Seconds; `slot` is what the notice of a drain gave this client."""
        if slot is not None:
            return slot
        self._failures += 1
        return random.uniform(0.5, 1) * min(MOST, FIRST * 2**self._failures)
