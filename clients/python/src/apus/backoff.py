"""How long to wait before the next attempt."""

import random
from collections.abc import Callable


class Backoff:
    """Exponential with full jitter: attempt n waits a random time below min(cap, base · 2ⁿ) seconds."""

    def __init__(self, base: float = 0.5, cap: float = 20.0, chance: Callable[[], float] = random.random):
        self.base = base
        self.cap = cap
        self.chance = chance
        self.attempt = 0

    def next(self) -> float:
        ceiling = min(self.cap, self.base * 2 ** min(self.attempt, 30))
        self.attempt += 1
        return self.chance() * ceiling

    def reset(self) -> None:
        self.attempt = 0
