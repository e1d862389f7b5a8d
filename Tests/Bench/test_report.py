"""The bench's arithmetic, its table and its page, from samples that are made up here."""

import xml.etree.ElementTree as ElementTree

import pytest
import report
import tables
from cases import CASES, Case
from figures import Figure, figure, number, ratio
from measure import Results

CASE = Case(
    "fan", "Fan-out: <few> subscribers", ["fan-out"], figure="cost", unit="µs", peers=("socketify", "nats"),
    parts=("user", "system"), latency=True,
)


def sample(cost: float) -> dict:
    times = {"p50_ms": 1.0, "p90_ms": 2.0, "p95_ms": 2.5, "p99_ms": 3.0, "p999_ms": 4.0, "max_ms": 5.0}
    return {"scenario": "fan-out", "cost": cost, "user": cost / 4, "system": cost * 3 / 4, **times}


@pytest.fixture
def document() -> dict:
    results = Results()
    for cost in (2.0, 1.0, 4.0):
        results.add("fan", "apus-io_uring", sample(cost))
        results.add("fan", "socketify", sample(cost * 2))
    results.lacks("fan", "nats", "there is no <nats-server>")
    results.lacks("fan", "apus-epoll", "why not")
    machine = {
        "when": "now", "processor": "P", "cores": 2, "memory_gib": 1, "kernel": "6", "commit": "abc", "changed": False,
        "swift": "6.3", "load_before": 0.5, "load_after": 1.5,
    }
    made = tables.document(machine, [CASE], results, {"runs": 3, "seconds": 1.0, "set": "short"})
    made["curves"] = [
        {
            "title": "A curve", "note": "", "unit": "µs", "x_unit": "people",
            "lines": [{"title": "Apus", "server": "apus-io_uring", "points": [[10, 4.0], [1000, 1.0]]}],
        }
    ]
    return made


def test_a_figure_is_the_median_with_its_least_and_most():
    assert figure([{"a": 3}, {"a": 1}, {"b": 9}, {"a": 2}], "a") == Figure(2, 1, 3, 3)
    assert figure([{"b": 1}], "a") is None


def test_a_ratio_is_taken_run_by_run():
    mine, theirs = [{"a": 1}, {"a": 10}], [{"a": 2}, {"a": 20}, {"a": 7}]
    assert ratio(mine, theirs, "a") == Figure(0.5, 0.5, 0.5, 2)
    assert ratio(mine, [{"a": 0}, {"a": 20}], "a").runs == 1
    assert ratio([], theirs, "a") is None


@pytest.mark.parametrize(
    ("value", "text"), [(12345.6, "12 346"), (1000, "1 000"), (123.4, "123"), (12.34, "12.3"), (1.234, "1.23"), (0.0123, "0.012")]
)
def test_numbers_show_three_figures(value, text):
    assert number(value) == text


def test_rows_hold_the_hubs_ratio_to_each_peer_and_why_one_is_missing(document):
    rows = {row["server"]: row for row in document["cases"][0]["rows"]}
    assert rows["apus-io_uring"]["figure"] == {"median": 2.0, "least": 1.0, "most": 4.0, "runs": 3}
    assert "ratio" not in rows["apus-io_uring"]
    assert rows["socketify"]["ratio"]["median"] == 0.5
    assert rows["nats"]["missing"] == "there is no <nats-server>"


def test_the_table_names_every_server(document):
    text = tables.text(document)
    assert "Apus (io_uring)" in text and "2.00 (1.00–4.00)" in text
    assert "× 0.50" in text
    assert "nats-server                missing: there is no <nats-server>" in text


def test_the_page_is_whole_and_fetches_nothing(document):
    page = report.page(document)
    # Well-formed once the void elements are closed, so nothing of the samples got through unescaped.
    closed = page.replace("<!doctype html>", "").replace('charset="utf-8">', 'charset="utf-8"/>')
    closed = closed.replace('content="width=device-width">', 'content="width=device-width"/>')
    root = ElementTree.fromstring(closed)
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "&lt;nats-server&gt;" in page and "&lt;few&gt;" in page
    texts = "".join(root.itertext())
    assert "× 0.50" in texts and "missing: there is no <nats-server>" in texts and "A curve" in texts


def test_bars_are_as_long_as_their_figures(document):
    section = report.section(document["cases"][0])
    tree = ElementTree.fromstring(section)
    svg = "{http://www.w3.org/2000/svg}"
    bars = [bar for bar in tree.iter(f"{svg}rect") if "system" in bar.get("class")]
    hub, peer = (float(bar.get("width")) for bar in bars)
    assert peer == pytest.approx(hub * 2, abs=0.2)


def test_every_case_has_a_key_of_its_own_and_the_short_set_its_share():
    keys = [case.key for case in CASES]
    assert len(set(keys)) == len(keys)
    assert 5 <= sum(case.in_short for case in CASES) < len(CASES)
