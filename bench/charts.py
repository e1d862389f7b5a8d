"""Charts as SVG: bars with their spread, and curves. Colours come from the page's style sheet."""

import math
from html import escape

from figures import number


def svg(width: float, height: float, body: list[str], label: str) -> str:
    inner = "\n".join(body)
    return (
        f'<svg viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label="{escape(label)}" '
        f'xmlns="http://www.w3.org/2000/svg">{inner}</svg>'
    )


def words(x: float, y: float, content: str, kind: str = "", anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(content)}</text>'


def bars(case: dict) -> str:
    """A bar a server: the median, its spread as a line, user and system time as two shades."""
    rows = case["rows"]
    left, width, right, step, bar = 190.0, 430.0, 190.0, 34.0, 20.0
    scale = max((row["figure"]["most"] for row in rows if "figure" in row), default=1) or 1
    body = []
    for index, row in enumerate(rows):
        top = index * step + 6
        middle = top + bar / 2 + 4.5
        hub = row["server"].startswith("apus-")
        body.append(words(left - 12, middle, row["title"], "name hub" if hub else "name", "end"))
        if "figure" not in row:
            body.append(words(left, middle, f"missing: {(row['missing'] or 'not measured')[:70]}", "missing"))
            continue
        median, least, most = (row["figure"][key] / scale * width for key in ("median", "least", "most"))
        body += block(case, row, left, top, median, bar, "hub" if hub else "peer")
        body.append(f'<line class="whisker" x1="{left + least:.1f}" x2="{left + most:.1f}" y1="{top + bar / 2:.1f}" y2="{top + bar / 2:.1f}"/>')
        for end in (least, most):
            body.append(f'<line class="whisker" x1="{left + end:.1f}" x2="{left + end:.1f}" y1="{top + 6:.1f}" y2="{top + bar - 6:.1f}"/>')
        tail = left + max(median, most) + 10
        body.append(words(tail, middle, number(row["figure"]["median"]), "value"))
        if "ratio" in row:
            won = (row["ratio"]["median"] > 1) == case["more_is_better"]
            body.append(words(left + width + right - 8, middle, f"× {row['ratio']['median']:.2f}", "ratio won" if won else "ratio", "end"))
    return svg(left + width + right, len(rows) * step + 8, body, case["title"])


def block(case: dict, row: dict, left: float, top: float, width: float, height: float, kind: str) -> list[str]:
    """The bar itself; two shades where the figure has parts."""
    if not case["parts"]:
        return [rectangle(left, top, width, height, kind)]
    user, system = (row["medians"][part] for part in case["parts"])
    share = user / (user + system) if user + system else 0
    return [
        rectangle(left, top, width, height, f"{kind} system"),
        rectangle(left, top, width * share, height, f"{kind} user"),
    ]


def rectangle(x: float, y: float, width: float, height: float, kind: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 1):.1f}" height="{height:.1f}" rx="3" class="bar {kind}"/>'


PERCENTILES = [("p50_ms", "p50"), ("p90_ms", "p90"), ("p99_ms", "p99"), ("p999_ms", "p99.9"), ("max_ms", "max")]


def latencies(case: dict) -> str:
    """A curve a server over the percentiles, milliseconds on a logarithmic scale."""
    rows = [row for row in case["rows"] if "medians" in row and "p50_ms" in row["medians"]]
    series = [
        (row["title"], row["server"], [(at, row["medians"][key]) for at, (key, _) in enumerate(PERCENTILES)]) for row in rows
    ]
    return curves(series, "milliseconds", [name for _, name in PERCENTILES], logarithmic_x=False)


def ticks(low: float, high: float) -> list[float]:
    """1, 2, 5, 10, … within the range; more of them where it is small, powers of ten alone where it is large."""
    decades = math.log10(high / low)
    steps = (1, 1.5, 2, 3, 5, 7) if decades < 1 else (1, 2, 5) if decades < 2.5 else (1,)
    return [
        step * 10.0**power
        for power in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        for step in steps
        if low <= step * 10.0**power <= high
    ]


def curves(series: list[tuple], unit: str, names: list[str] | None = None, logarithmic_x: bool = True, x_unit: str = "") -> str:
    """Lines of (title, server, points); y is logarithmic, x too unless it has names."""
    points = [point for _, _, line in series for point in line if point[1] > 0]
    if not points:
        return ""
    left, top, width, height, right = 70.0, 16.0, 500.0, 250.0, 240.0
    low, high = min(y for _, y in points) / 1.25, max(y for _, y in points) * 1.25
    xs = [x for x, _ in points]

    def place(x: float, y: float) -> tuple[float, float]:
        if logarithmic_x:
            first, last = math.log10(max(min(xs), 1e-9)), math.log10(max(max(xs), 1e-9))
            share = (math.log10(max(x, 1e-9)) - first) / ((last - first) or 1)
        else:
            share = (x - min(xs)) / ((max(xs) - min(xs)) or 1)
        rise = (math.log10(max(y, low)) - math.log10(low)) / (math.log10(high) - math.log10(low))
        return left + share * width, top + height * (1 - rise)

    body = []
    for tick in ticks(low, high):
        y = place(xs[0], tick)[1]
        body.append(f'<line class="grid" x1="{left}" x2="{left + width}" y1="{y:.1f}" y2="{y:.1f}"/>')
        body.append(words(left - 8, y + 4, f"{tick:g}" if tick < 1000 else number(tick), "tick", "end"))
    for at, x in enumerate(sorted(set(xs))):
        name = names[at] if names else number(x).removesuffix(".00").removesuffix(".0")
        body.append(words(place(x, low)[0], top + height + 20, name, "tick", "middle"))
    body.append(words(left - 60, top - 4, unit, "tick"))
    if x_unit:
        body.append(words(left + width, top + height + 38, x_unit, "tick", "end"))
    ends = []
    for title, server, line in series:
        kind = server_class(server)
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*point) for point in line if point[1] > 0))
        body.append(f'<polyline class="line {kind}" points="{path}"/>')
        for x, y in (place(*point) for point in line if point[1] > 0):
            body.append(f'<circle class="dot {kind}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>')
        ends.append((place(*line[-1])[1], title, kind))
    body += legend(ends, left + width + 14, top + height)
    return svg(left + width + right, top + height + (44 if x_unit else 30), body, unit)


def legend(ends: list[tuple], x: float, bottom: float) -> list[str]:
    """The lines' names at their ends, moved apart where they would lie over each other."""
    placed, last = [], -math.inf
    for y, title, kind in sorted(ends):
        last = max(y, last + 17)
        placed.append([last, title, kind])
    surplus = (placed[-1][0] - bottom) if placed else 0
    if surplus > 0:
        for entry in placed:
            entry[0] -= surplus
    return [words(x, y + 4, title, f"end {kind}") for y, title, kind in placed]


SERVERS = ["apus-io_uring", "apus-epoll", "socketify", "ws", "websockets", "picows", "nchan", "nats"]


def server_class(server: str) -> str:
    return f"s{SERVERS.index(server)}" if server in SERVERS else "s0"
