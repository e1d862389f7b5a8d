"""The package as pip installs it, and the example as somebody runs it."""

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

from apus import Event, Hub

CLIENT = Path(__file__).resolve().parents[2] / "clients/python"


def install(folder):
    """From a copy, because a build leaves things beside its sources."""
    source = shutil.copytree(CLIENT, folder.parent / "source")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", folder, source]
    subprocess.run([*command, "--disable-pip-version-check"], check=True, capture_output=True)


async def test_the_installed_package_runs_the_example(process, tmp_path):
    install(tmp_path / "site")
    assert (tmp_path / "site/apus/py.typed").exists()
    worker = await asyncio.create_subprocess_exec(
        sys.executable, CLIENT / "examples/project_generator.py", tmp_path / "out",
        env={
            "PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path / "site"), "APUS": process.ws,
            "TOKEN": process.token("generator", "worker"),
        },
    )  # fmt: skip
    try:
        async with Hub(process.ws, process.token("anna", "user")) as hub:
            made = await hub.submit("project", {"name": "To do!", "idea": "a list of things"})
            async with hub.subscribe(made["room"], since=0) as heard:
                async for event in heard:
                    if isinstance(event, Event) and event.kind == "job" and event.data.get("state") == "done":
                        break
            seen = await hub.call("job.get", job=made["job"])
            files = [event["data"]["file"] for event in await hub.history(made["room"], after=0) if "file" in event["data"]]
    finally:
        worker.terminate()
        await worker.wait()
    assert seen["result"]["name"] == "to_do" and [file["path"] for file in files] == seen["result"]["files"]
    project = tmp_path / "out" / made["job"]
    done = subprocess.run([sys.executable, "-m", "to_do"], cwd=project, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "a list of things"
