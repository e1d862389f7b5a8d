"""A worker that writes a small project, file by file, and lets everybody watch.

    APUS=ws://127.0.0.1:8080/ws TOKEN=$(apus token --user generator --role worker) python project_generator.py ./out

It takes jobs of kind `project` whose input is {"name", "idea"}. It has no model: its outline is made by rules, and the
project says so. Put a model in place of `outline` and `content`, and keep the rest.
"""

import asyncio
import os
import re
import sys
from pathlib import Path

from apus import Hub, Job


def outline(name: str, idea: str) -> list[tuple[str, str]]:
    """Which files the project has and what each is for: by rules, not by a model."""
    return [
        ("README.md", f"{name}: {idea}"),
        (f"{name}/__init__.py", f'"""{idea}"""'),
        (f"{name}/__main__.py", "the entry point"),
        (f"tests/test_{name}.py", "a first test"),
    ]


def content(name: str, path: str, purpose: str) -> str:
    """The text of a file."""
    if path == "README.md":
        return f"# {name}\n\n{purpose.partition(': ')[2]}\n\nThis outline was made by rules, without a model.\n"
    if path.endswith("__init__.py"):
        return purpose + '\n\n\ndef describe() -> str:\n    """What this is."""\n    return __doc__ or ""\n'
    if path.endswith("__main__.py"):
        return f"from {name} import describe\n\nprint(describe())\n"
    return f"from {name} import describe\n\n\ndef test_it_says_what_it_is():\n    assert describe()\n"


async def generate(job: Job, folder: Path) -> dict[str, object]:
    """Does one job; returns its result."""
    given = job.input if isinstance(job.input, dict) else {}
    name = re.sub(r"\W+", "_", str(given.get("name", "project"))).strip("_").lower() or "project"
    idea = str(given.get("idea", "a small project"))
    job.stage("outline")
    files = outline(name, idea)
    job.log(f"{len(files)} files, outlined by rules without a model")
    job.stage("files", done=0, total=len(files))
    for number, (path, purpose) in enumerate(files, 1):
        if job.cancelled.is_set():
            raise RuntimeError(f"cancelled by {job.cancelled_by}")
        text = content(name, path, purpose)
        async with job.stream(path) as stream:
            for token in re.findall(r"\S+\s*|\s+", text):
                stream.append(token)
        target = folder / job.id / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        job.file(path, text)
        job.progress(number, len(files))
    return {"name": name, "files": [path for path, _ in files], "made_by": "rules"}


async def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "out")
    async with Hub(os.environ["APUS"], os.environ["TOKEN"]) as hub:
        while True:
            async with hub.job(["project"]) as job:
                job.result = await generate(job, folder)


if __name__ == "__main__":
    asyncio.run(main())
