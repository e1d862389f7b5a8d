"""Medians, spreads and ratios of samples."""

import statistics
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    median: float
    least: float
    most: float
    runs: int

    @staticmethod
    def of(values: list[float]) -> "Figure | None":
        if not values:
            return None
        return Figure(statistics.median(values), min(values), max(values), len(values))

    def json(self) -> dict:
        return {"median": self.median, "least": self.least, "most": self.most, "runs": self.runs}


def figure(samples: list[dict], name: str) -> Figure | None:
    return Figure.of([sample[name] for sample in samples if name in sample])


def ratio(samples: list[dict], others: list[dict], name: str) -> Figure | None:
    """Of the runs pair by pair: those were measured one after the other, so a noisy minute is in both."""
    pairs = [
        (mine[name], theirs[name]) for mine, theirs in zip(samples, others) if name in mine and theirs.get(name)
    ]
    return Figure.of([mine / theirs for mine, theirs in pairs])


def number(value: float) -> str:
    """Three figures, thousands apart."""
    if abs(value) >= 1000:
        return f"{value:,.0f}".replace(",", " ")
    if abs(value) >= 100:
        return f"{value:.0f}"
    if abs(value) >= 10:
        return f"{value:.1f}"
    return f"{value:.3f}" if abs(value) < 0.1 else f"{value:.2f}"
