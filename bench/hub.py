"""The hub under measurement: a fresh one on an empty folder, full as it is in production, rate limits aside."""

import contextlib
import pathlib

import tokens
from running import running, scratch, wait_until

REACTORS = ["io_uring", "epoll"]


@contextlib.contextmanager
def hub(
    binary: pathlib.Path,
    people: int,
    reactor: str = "io_uring",
    loops: int = 1,
    core: str = "0",
    environment: dict | None = None,
    **settings,
):
    """The arguments of the load generator for it; `settings` are variables of its environment without `APUS_`."""
    with scratch() as name:
        folder = pathlib.Path(name)
        data = folder / "data"
        command = [binary, "serve", "--port", "0", "--reactors", loops, "--rate-limits", "off", "--echo"]
        variables = {f"APUS_{key.upper()}": str(value) for key, value in {"reactor": reactor, **settings}.items()}
        with running([*command, "--data", data], folder, {**(environment or {}), **variables}, core) as process:
            line = wait_until(lambda: listening(folder / "log"), process, folder)
            people_file = folder / "tokens"
            people_file.write_text("\n".join(tokens.mint(data, people)) + "\n")
            yield ["--port", line.rsplit(":", 1)[1], "--pid", str(process.pid), "--tokens", str(people_file)]


def listening(log: pathlib.Path) -> str | None:
    lines = log.read_text(errors="replace").splitlines()
    return next((line.strip() for line in lines if line.startswith("listening on ")), None)
