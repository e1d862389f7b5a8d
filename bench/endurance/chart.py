"""The samples of a run as a picture: memory, files, lag and rooms over time, with the lives of the hub."""

import matplotlib

matplotlib.use("svg")

import matplotlib.pyplot as plt  # noqa: E402

INK, PALE = "#1f2937", "#9ca3af"
BLUE, ORANGE, GREEN = "#2563eb", "#d97706", "#059669"
MOST_POINTS = 300


def draw(samples, path):
    plt.rcParams.update({"svg.hashsalt": "apus", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 9, "axes.edgecolor": PALE, "axes.labelcolor": INK})
    some = samples[:: max(1, len(samples) // MOST_POINTS)]
    figure, axes = plt.subplots(4, 1, sharex=True, figsize=(8, 7.2), layout="constrained")
    panels = [
        ("memory, MiB", [("resident", BLUE, 2**20), ("anonymous", ORANGE, 2**20)]),
        ("files, connections", [("files", BLUE, 1), ("connections", ORANGE, 1)]),
        ("disk behind, ms", [("lag_seconds", BLUE, 0.001)]),
        ("rooms in memory", [("rooms", GREEN, 1)]),
    ]
    for axis, (title, lines) in zip(axes, panels):
        for name, colour, unit in lines:
            for life in range(samples[-1].life + 1):
                own = [sample for sample in some if sample.life == life]
                points = [getattr(sample, name) / unit for sample in own]
                minutes = [sample.at / 60 for sample in own]
                axis.plot(minutes, points, color=colour, linewidth=1.1, label=name if life == 0 else None)
        for first in starts(samples):
            axis.axvline(first / 60, color=PALE, linewidth=0.8, linestyle=":")
        axis.set_ylabel(title)
        axis.set_ylim(bottom=0)
        axis.spines[["top", "right"]].set_visible(False)
        if len(lines) > 1:
            axis.legend(loc="lower right", frameon=False, ncols=2)
    axes[-1].set_xlabel("minutes; dotted: the hub was restarted")
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def starts(samples):
    """Moments of the first sample of each life but the first."""
    return [after.at for before, after in zip(samples, samples[1:]) if after.life != before.life]
