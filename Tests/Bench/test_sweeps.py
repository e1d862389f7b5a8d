"""Curves from samples that are made up here."""

from cases import CASES
from measure import Results
from report import curve_section
from sweeps import SWEEPS, curve

BY_KEY = {sweep.key: sweep for sweep in SWEEPS}


def test_a_line_a_server_with_the_median_of_each_point():
    sweep = BY_KEY["subscribers"]
    results = Results()
    for (x, case), costs in zip(sweep.points, ([4, 2, 3], [1])):
        for cost in costs:
            results.add(case.key, "apus-io_uring", {case.figure: cost})
    assert curve(sweep, results)["lines"] == [
        {"title": "Apus (io_uring)", "server": "apus-io_uring", "points": [[10, 3], [100, 1]]}
    ]


def test_a_point_lies_where_its_own_figure_says():
    sweep = BY_KEY["gather"]
    results = Results()
    results.add(sweep.points[0][1].key, "apus-epoll", {"cpu_us_per_delivery": 3.0, "p50_ms": 0.2})
    assert curve(sweep, results)["lines"][0]["points"] == [[0.2, 3.0]]


def test_lines_of_one_server_differ_in_their_colour():
    sweep = BY_KEY["sleep"]
    results = Results()
    for _, case in sweep.points:
        results.add(case.key, "apus-io_uring", {"bytes_per_room": 900, "bytes_per_sleeping_room": 90})
    section = curve_section(curve(sweep, results))
    assert 'class="line s0"' in section and 'class="line s2"' in section


def test_no_sweep_shares_a_key_with_a_case():
    keys = [case.key for sweep in SWEEPS for _, case in sweep.points] + [case.key for case in CASES]
    assert len(set(keys)) == len(keys)
