"""The page of charts: one file without anything fetched, in light and dark."""

from html import escape

import charts
from figures import number

STYLE = """
:root { color-scheme: light dark; --ground: #fbfaf7; --card: #fff; --ink: #1d2433; --quiet: #6b7280; --rule: #e6e3dc;
  --hub: #0b7a75; --hub-user: #064e4a; --peer: #c9c4b8; --peer-user: #8d8778; --won: #0b7a75; --lost: #b4451f;
  --s0: #0b7a75; --s1: #5bb5ae; --s2: #b4451f; --s3: #d99a2b; --s4: #6a5acd; --s5: #b0579a; --s6: #4f7cac; --s7: #7d8597; }
@media (prefers-color-scheme: dark) { :root { --ground: #14171f; --card: #1c212c; --ink: #e8e6e1; --quiet: #98a1b3;
  --rule: #2d3442; --hub: #2bb3a9; --hub-user: #8fe3dc; --peer: #4a5263; --peer-user: #8791a5; --won: #4fd1c5;
  --lost: #f08a5d; --s0: #4fd1c5; --s1: #2b8f88; --s2: #f08a5d; --s3: #e9c46a; --s4: #a99cf2; --s5: #e08fc8;
  --s6: #7fb0e0; --s7: #a3adbf; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
main { max-width: 940px; margin: 0 auto; padding: 48px 24px 80px; }
h1 { font-size: 34px; line-height: 1.15; margin: 0 0 8px; letter-spacing: -0.02em; }
h2 { font-size: 19px; margin: 0 0 2px; letter-spacing: -0.01em; }
p { margin: 0 0 10px; color: var(--quiet); max-width: 70ch; }
section { background: var(--card); border: 1px solid var(--rule); border-radius: 14px; padding: 22px 26px 18px; margin-top: 22px; }
.facts { display: flex; flex-wrap: wrap; gap: 6px 22px; font-size: 14px; color: var(--quiet); margin: 14px 0 0; }
.facts b { color: var(--ink); font-weight: 600; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(195px, 1fr)); gap: 14px; margin-top: 26px; }
.tile { background: var(--card); border: 1px solid var(--rule); border-radius: 14px; padding: 16px 18px; }
.tile strong { display: block; font-size: 30px; letter-spacing: -0.02em; color: var(--won); font-variant-numeric: tabular-nums; }
.tile strong.lost { color: var(--lost); }
.tile span { font-size: 14px; color: var(--quiet); display: block; line-height: 1.35; }
svg { width: 100%; height: auto; display: block; margin-top: 10px; font: 13px system-ui, sans-serif; }
svg text { fill: var(--ink); font-variant-numeric: tabular-nums; }
svg .name { fill: var(--quiet); } svg .name.hub { fill: var(--ink); font-weight: 650; }
svg .value { font-weight: 600; } svg .tick, svg .missing { fill: var(--quiet); font-size: 12px; }
svg .ratio { fill: var(--lost); font-weight: 650; } svg .ratio.won { fill: var(--won); }
.bar.hub { fill: var(--hub); } .bar.hub.user { fill: var(--hub-user); } .bar.peer { fill: var(--peer); } .bar.peer.user { fill: var(--peer-user); }
.whisker { stroke: var(--ink); stroke-width: 1.3; opacity: .55; } .grid { stroke: var(--rule); }
.line { fill: none; stroke-width: 2; } svg .end { font-size: 12px; font-weight: 600; }
details { margin-top: 8px; } summary { cursor: pointer; color: var(--quiet); font-size: 14px; }
table { border-collapse: collapse; width: 100%; font-size: 14px; font-variant-numeric: tabular-nums; margin-top: 8px; }
th, td { text-align: right; padding: 5px 8px; border-bottom: 1px solid var(--rule); } th:first-child, td:first-child { text-align: left; }
th { color: var(--quiet); font-weight: 500; } code { font-size: 13px; }
""" + "\n".join(
    f".line.s{n} {{ stroke: var(--s{n}); }} .dot.s{n}, svg .end.s{n} {{ fill: var(--s{n}); }}" for n in range(8)
) + "\n.line.s0 { stroke-width: 3.2; }"


def page(document: dict) -> str:
    machine, settings = document["machine"], document["settings"]
    facts = {
        "measured": machine["when"], "processor": f"{machine['processor']}, {machine['cores']} cores",
        "memory": f"{machine['memory_gib']} GiB", "kernel": machine["kernel"],
        "commit": machine["commit"] + (" with changes" if machine["changed"] else ""),
        "runs": f"{settings['runs']} of {settings['seconds']:g} s", "swift": machine["swift"],
        "load average": f"{machine['load_before']:.1f} before, {machine['load_after']:.1f} after",
    }
    body = [
        "<h1>Apus, measured</h1>",
        "<p>The hub, with its offsets, ring and database, beside what people would pick instead, in one run. The server has a "
        "core of its own and the load another; every delivery is checked for order, gaps and repeats. Bars are medians, the "
        "thin line runs from the least to the most of all runs, the darker part is user time. "
        "The figure at the right is Apus divided by that server.</p>",
        '<div class="facts">' + "".join(f"<span>{escape(key)} <b>{escape(str(value))}</b></span>" for key, value in facts.items()) + "</div>",
        tiles(document["cases"]),
    ]
    body += [section(case) for case in document["cases"]]
    body += [curve_section(curve) for curve in document.get("curves", [])]
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>Apus, measured</title><style>{STYLE}</style><main>{''.join(body)}</main></html>\n"
    )


def tiles(cases: list[dict]) -> str:
    """The ratios to uWebSockets' core, which is the one to beat."""
    found = []
    for case in cases:
        for row in case["rows"]:
            if row["server"] == "socketify" and "ratio" in row:
                won = (row["ratio"]["median"] > 1) == case["more_is_better"]
                kind = "won" if won else "lost"
                found.append(
                    f'<div class="tile"><strong class="{kind}">× {row["ratio"]["median"]:.2f}</strong>'
                    f"<span>{escape(case['title'].split(':')[0])}<br/>{escape(detail(case))} against uWebSockets’ core</span></div>"
                )
    return f'<div class="tiles">{"".join(found[:8])}</div>' if found else ""


def detail(case: dict) -> str:
    return case["title"].partition(":")[2].strip() or case["unit"]


def section(case: dict) -> str:
    better = "more is better" if case["more_is_better"] else "less is better"
    parts = [f"<h2>{escape(case['title'])}</h2>", f"<p>{escape(case['unit'])}; {better}. {escape(case['note'])}</p>", charts.bars(case)]
    if case["latency"]:
        parts.append(f"<details><summary>Latency</summary>{charts.latencies(case)}</details>")
    parts.append(f"<details><summary>Figures</summary>{table(case)}</details>")
    return f"<section>{''.join(parts)}</section>"


def table(case: dict) -> str:
    head = ["server", case["unit"], "least", "most", "Apus / it", "server cores", "load cores"]
    lines = ["<tr>" + "".join(f"<th>{escape(name)}</th>" for name in head) + "</tr>"]
    for row in case["rows"]:
        if "figure" not in row:
            reason = escape(row["missing"] or "not measured")
            lines.append(f'<tr><td>{escape(row["title"])}</td><td colspan="6">missing: {reason}</td></tr>')
            continue
        cells = [number(row["figure"][name]) for name in ("median", "least", "most")]
        cells.append(f"{row['ratio']['median']:.2f} ({row['ratio']['least']:.2f}–{row['ratio']['most']:.2f})" if "ratio" in row else "")
        cells += [number(row["medians"][name]) if name in row["medians"] else "" for name in ("server_cores", "load_cores")]
        lines.append(f"<tr><td>{escape(row['title'])}</td>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    return f"<table>{''.join(lines)}</table><p><code>apus-load {escape(' '.join(case['load']))}</code></p>"


def curve_section(curve: dict) -> str:
    servers = [line["server"] for line in curve["lines"]]
    # Lines of one server are told apart by their place.
    kinds = servers if len(set(servers)) == len(servers) else [charts.SERVERS[at * 2] for at in range(len(servers))]
    series = [(line["title"], kind, line["points"]) for line, kind in zip(curve["lines"], kinds)]
    chart = charts.curves(series, curve["unit"], x_unit=curve["x_unit"])
    return f"<section><h2>{escape(curve['title'])}</h2><p>{escape(curve['note'])}</p>{chart}</section>"
