"""Every metric that an alert, a panel or the reference names is one that the hub exports, with the labels that are asked for."""

import json
import re
import urllib.request

import pytest
import yaml

from conftest import ROOT
from raw import TEXT, RawSocket, frame

RULES = ROOT / "deploy/prometheus/apus.rules.yml"
DASHBOARD = ROOT / "deploy/grafana/apus.json"
REFERENCE = ROOT / "docs/operations.md"
HISTOGRAM_PARTS = ("_bucket", "_sum", "_count")


@pytest.fixture(scope="module")
def exported(hub):
    """Metric → its type, and its labels. Closes have one only once there was one."""
    with RawSocket(hub) as peer:
        peer.upgrade()
        peer.write(frame(TEXT, b"{}", masked=False))
        assert peer.at_end()
    with urllib.request.urlopen(f"{hub.http}/metrics", timeout=10) as reply:
        page = reply.read().decode()
    kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", page, re.MULTILINE))
    labels = {name: set() for name in kinds}
    for name, inside in re.findall(r"^([a-z_]+)(?:\{([^}]*)\})? ", page, re.MULTILINE):
        labels[family(name, kinds)] |= set(re.findall(r'(\w+)="', inside)) - {"le"}
    return kinds, labels


@pytest.fixture(scope="module")
def known(exported):
    """What is exported, and what the reference says is absent from a hub such as this one."""
    kinds, labels = (dict(figures) for figures in exported)
    for name, kind, named, meaning in reference():
        if re.search(r"\babsent\b", meaning) and name not in kinds:
            kinds[name], labels[name] = kind, set(re.findall(r"`(\w+)`", named))
    return kinds, labels


def reference():
    """The rows of the reference: metric, type, labels, meaning."""
    return re.findall(r"^\| `(apus_\w+)` \| (\w+) \| (.+?) \| ([^|]*) \|$", REFERENCE.read_text(), re.MULTILINE)


def family(name, kinds):
    """A histogram's series carry a part behind its name."""
    for part in HISTOGRAM_PARTS:
        if name.endswith(part) and kinds.get(name.removesuffix(part)) == "histogram":
            return name.removesuffix(part)
    return name


def alerts():
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


def expressions():
    """What alerts and panels ask for: (where, expression)."""
    asked = [(rule["alert"], rule["expr"]) for rule in alerts()]
    dashboard = json.loads(DASHBOARD.read_text())
    for panel in dashboard["panels"]:
        asked += [(panel["title"], target["expr"]) for target in panel.get("targets", [])]
    asked += [(note["name"], note["expr"]) for note in dashboard["annotations"]["list"]]
    return asked


@pytest.mark.parametrize(("where", "expression"), expressions(), ids=lambda value: str(value)[:60])
def test_what_is_asked_for_is_exported(known, where, expression):
    kinds, labels = known
    names = re.findall(r"\bapus_\w+", expression)
    assert names or "up{" in expression, f"{where} asks for nothing of the hub's"
    for name in names:
        assert family(name, kinds) in kinds, f"{where} asks for {name}, which the hub does not export"
    own = set().union(*(labels[family(name, kinds)] for name in names))
    for group in re.findall(r"\bby \(([^)]*)\)", expression):
        for label in (label.strip() for label in group.split(",")):
            assert label in own | {"instance", "job", "le"}, f"{where} sorts by {label}, which those metrics do not have"


@pytest.mark.parametrize(("where", "expression"), expressions(), ids=lambda value: str(value)[:60])
def test_counters_are_asked_for_their_rate_and_gauges_are_not(known, where, expression):
    kinds, _ = known
    for name in re.findall(r"\bapus_\w+", expression):
        kind = kinds[family(name, kinds)]
        found = re.search(rf"(\w*)\(\s*{name}(\{{[^}}]*\}})?(\[[^\]]*\])?", expression)
        over = found.group(1) if found else ""
        if kind in ("counter", "histogram"):
            assert over in ("rate", "increase"), f"{where}: {name} is a {kind}"
        else:
            assert over not in ("rate", "increase"), f"{where}: {name} is a gauge"


def test_the_reference_lists_exactly_what_is_exported(exported):
    """Rows that say when a metric is absent may be missing from this hub's page; no other may."""
    kinds, labels = exported
    rows = reference()
    listed = {name: kind for name, kind, _, _ in rows}
    absent = {name for name, _, _, meaning in rows if re.search(r"\babsent\b", meaning)} - kinds.keys()
    assert {name: kind for name, kind in listed.items() if name not in absent} == kinds
    for name, _, named, _ in rows:
        assert labels.get(name, set()) <= set(re.findall(r"`(\w+)`", named)), f"{name} has labels that are not listed"


def test_every_alert_says_how_bad_it_is_and_what_to_do():
    for rule in alerts():
        assert rule["labels"]["severity"] in ("critical", "warning", "info"), rule["alert"]
        assert {"summary", "description"} <= rule["annotations"].keys(), rule["alert"]


def test_no_alert_or_panel_stands_twice():
    names = [rule["alert"] for rule in alerts()]
    assert len(set(names)) == len(names)
    panels = json.loads(DASHBOARD.read_text())["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    titles = [panel["title"] for panel in panels]
    assert len(set(titles)) == len(titles)
