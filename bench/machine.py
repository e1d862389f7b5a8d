"""What the figures were measured on, and how busy that was."""

import os
import pathlib
import platform
import subprocess
import time


def first_line(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20)
        return ((done.stdout or done.stderr).strip().splitlines() or [""])[0]
    except OSError:
        return "not found"


def processor() -> str:
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def memory_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)


def description(root: pathlib.Path) -> dict:
    def git(*arguments: str) -> str:
        return first_line(["git", "-C", str(root), *arguments])

    return {
        "when": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "processor": processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(memory_gib(), 1),
        "kernel": platform.release(),
        "commit": git("rev-parse", "--short", "HEAD"),
        "changed": bool(git("status", "--porcelain", "--untracked-files=no")),
        "swift": first_line(["swift", "--version"]),
        "python": platform.python_version(),
        "load_before": os.getloadavg()[0],
    }
