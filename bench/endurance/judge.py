"""Whether a run was flat: pure functions over samples."""

import statistics

# Memory may still grow by so much of its median between the end of the warm-up and the end of a life, or by so many
# bytes where that is more.
TOLERANCE = 0.05
LEAST = 2 << 20

# The store's two readers open the database and its log when they are first asked.
LATER_FILES = 4


def slope(points):
    """Theil-Sen: the median of the slopes between points, which no burst bends. Units: y for one x."""
    step = max(1, len(points) // 200)
    some = points[::step]
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for n, a in enumerate(some) for b in some[n + 1 :] if b[0] > a[0]]
    return statistics.median(slopes) if slopes else 0.0


def warmed_up(samples, warm_up):
    """Those after the first `warm_up` seconds of their life."""
    began = samples[0].at
    return [sample for sample in samples if sample.at - began >= warm_up]


def growth(samples, figure):
    """Bytes that the fitted line rises from the first sample to the last, and the median."""
    points = [(sample.at, getattr(sample, figure)) for sample in samples]
    return slope(points) * (points[-1][0] - points[0][0]), statistics.median(value for _, value in points)


def memory_faults(samples, warm_up):
    """What is wrong with the memory of one life."""
    faults = []
    steady = warmed_up(samples, warm_up)
    if len(steady) < 10:
        return [f"life {samples[0].life} is too short to judge: {len(steady)} samples after the warm-up"]
    for figure in ("resident", "anonymous"):
        rise, median = growth(steady, figure)
        allowed = max(TOLERANCE * median, LEAST)
        if rise > allowed:
            faults.append(
                f"{figure} memory rose by {rise / 2**20:.1f} MiB after the warm-up of life {samples[0].life}, "
                f"allowed are {allowed / 2**20:.1f}"
            )
    return faults


def rest_faults(before, after):
    """What has not gone back once everybody had left: two samples of the same life without clients."""
    faults = []
    for figure in ("files", "connections", "rooms"):
        was, now = getattr(before, figure), getattr(after, figure)
        if figure == "files":
            was += LATER_FILES
        if now > was:
            faults.append(f"{now} {figure} where there were {was} before anybody came")
    if after.lag_events:
        faults.append(f"{after.lag_events} events wait for the disk although nobody says anything")
    return faults


def lag_faults(samples, most_seconds):
    worst = max(samples, key=lambda sample: sample.lag_seconds)
    if worst.lag_seconds > most_seconds:
        return [f"the disk was {worst.lag_seconds:.1f} s behind at {worst.at:.0f} s, allowed are {most_seconds}"]
    return []
