"""What the gate on allocations lets through."""

import pathlib
import runpy

import pytest

gate = runpy.run_path(str(pathlib.Path(__file__).parents[2] / "bench/allocations/run.py"))


@pytest.mark.parametrize(
    ("count", "ceiling", "status"),
    [(8.0, 8.0, 0), (8.04, 8.0, 0), (7.6, 8.0, 0), (8.1, 8.0, 1), (9.0, 8.0, 1), (7.4, 8.0, 1), (8.0, None, 1)],
)
def test_a_count_has_to_lie_just_under_its_ceiling(count, ceiling, status, capsys):
    assert gate["judge"]("send", count, ceiling) == status
    assert f"{count:.2f} allocations" in capsys.readouterr().out


def test_the_quietest_round_counts():
    class Counter:
        totals = iter([0, 900, 1000, 1400, 2000, 2800, 3000, 3900, 4000, 4800])

        def loops(self):
            return next(self.totals)

    calls = []
    assert gate["least"](Counter(), lambda: calls.append(1)) == 400 / gate["COMMANDS"]
    assert len(calls) == gate["COMMANDS"] * gate["ROUNDS"]
