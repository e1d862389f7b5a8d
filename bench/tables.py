"""The results as text for the terminal, and as the document that charts are drawn from."""

from cases import Case
from figures import figure, number, ratio
from measure import Results, servers
from peers.catalog import PEERS

TITLES = {
    "apus-io_uring": "Apus (io_uring)",
    "apus-epoll": "Apus (epoll)",
    "c-loop": "SQLite in a C loop",
    **{peer.name: peer.title for peer in PEERS},
}
HUB = "apus-io_uring"


def rows(case: Case, results: Results) -> list[dict]:
    """A server each: its figures, and the hub's ratio to it."""
    samples = results.samples.get(case.key, {})
    table = []
    for name in servers(case):
        mine = samples.get(name, [])
        row = {"server": name, "title": TITLES[name], "missing": results.missing.get(case.key, {}).get(name)}
        if mine:
            row["figure"] = figure(mine, case.figure).json()
            row["medians"] = {
                member: figure(mine, member).median
                for member, value in mine[0].items()
                if isinstance(value, (int, float))
            }
            if not name.startswith("apus-") and (against := ratio(samples.get(HUB, []), mine, case.figure)):
                row["ratio"] = against.json()
        table.append(row)
    return table


def document(machine: dict, cases: list[Case], results: Results, settings: dict) -> dict:
    return {
        "machine": machine,
        "settings": settings,
        "cases": [
            {
                "key": case.key,
                "title": case.title,
                "load": case.load,
                "figure": case.figure,
                "unit": case.unit,
                "more_is_better": case.more,
                "parts": case.parts,
                "latency": case.latency,
                "note": case.note,
                "rows": rows(case, results),
                "samples": results.samples.get(case.key, {}),
            }
            for case in cases
        ],
    }


def text(document: dict) -> str:
    machine = document["machine"]
    lines = [
        f"{machine['processor']}, {machine['cores']} cores, kernel {machine['kernel']}, commit {machine['commit']}, "
        f"load average {machine['load_before']:.1f} before and {machine['load_after']:.1f} after",
        f"median (least–most) of {document['settings']['runs']} runs; ratio: Apus on io_uring to this peer",
    ]
    for case in document["cases"]:
        lines += ["", f"{case['title']}: {case['unit']}"]
        for row in case["rows"]:
            if row["missing"]:
                lines.append(f"  {row['title']:26} missing: {row['missing'][:90]}")
                continue
            spread = "{median} ({least}–{most})".format(
                **{name: number(row["figure"][name]) for name in ("median", "least", "most")}
            )
            against = f"× {row['ratio']['median']:.2f}" if "ratio" in row else ""
            tail = ""
            if case["latency"] and "p50_ms" in row["medians"]:
                tail = f"p50 {number(row['medians']['p50_ms'])} ms, p99 {number(row['medians']['p99_ms'])} ms"
            lines.append(f"  {row['title']:26}{spread:>28}{against:>10}   {tail}")
    for curve in document.get("curves", []):
        lines += ["", f"{curve['title']}: {curve['unit']} by {curve['x_unit']}"]
        for line in curve["lines"]:
            points = "   ".join(f"{number(x)}: {number(y)}" for x, y in line["points"])
            lines.append(f"  {line['title']:26}{points}")
    return "\n".join(lines)
