"""Compiles what stands in front of the C library of the hub."""

import os
import shutil
import subprocess
from pathlib import Path

FLAGS = ["-shared", "-fPIC", "-O1", "-std=gnu17", "-Wall", "-Wextra", "-Werror"]


def shared_object(source, library):
    compiler = os.environ.get("CC") or shutil.which("cc") or shutil.which("clang")
    assert compiler, "there is no C compiler: CC names none, and neither cc nor clang is on PATH"
    subprocess.run([compiler, *FLAGS, "-o", library, source, "-ldl", "-lpthread"], check=True)
    return Path(library)
