"""What the suite is expected to see, and how what it saw differs from that."""

import json
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).with_name("expected-results.json")

# Sections that take seconds: framing, control frames, fragments, UTF-8, closing.
QUICK = ("1", "2", "3", "4", "5", "6", "7", "10")


class Outcome(NamedTuple):
    """`behavior` is the suite's word on the case, `close` that on how the connection ended, `code` the hub's close code."""

    behavior: str
    close: str
    code: int | None

    def __str__(self):
        return f"{self.behavior}, closed {self.close} with {self.code or 'no code'}"


def expected_outcomes(file=FILE):
    """Case id → outcome, in the suite's order."""
    outcomes = {case: Outcome(**fields) for case, fields in json.loads(file.read_text()).items()}
    return {case: outcomes[case] for case in sorted(outcomes, key=in_order)}


def in_order(case):
    return [int(number) for number in case.split(".")]


def section(case):
    return case.partition(".")[0]


def chosen(expected, wanted):
    """The expected outcomes of the wanted sections and cases (`7`, `7.1`, `7.1.6`)."""
    for name in wanted:
        if not any(belongs(case, name) for case in expected):
            raise LookupError(f"there is no section or case '{name}'")
    return {case: outcome for case, outcome in expected.items() if any(belongs(case, name) for name in wanted)}


def belongs(case, name):
    return case == name or case.startswith(name + ".")


def differences(expected, seen):
    """A line for every case that went otherwise, was not run, or is not expected at all; empty if nothing differs."""
    lines = []
    for case in sorted(expected.keys() | seen.keys(), key=in_order):
        if case not in seen:
            lines.append(f"{case}: did not run; expected {expected[case]}")
        elif case not in expected:
            lines.append(f"{case}: is not in {FILE.name}; it went {seen[case]}")
        elif seen[case] != expected[case]:
            lines.append(f"{case}: {seen[case]}; expected {expected[case]}")
    return lines
