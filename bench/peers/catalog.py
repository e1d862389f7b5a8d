"""Which peers there are, and how each is started."""

import contextlib
import pathlib
import shutil
import subprocess
from dataclasses import dataclass

from running import Missing, accepts, family, free_port, running, scratch, wait_until

HERE = pathlib.Path(__file__).parent


@dataclass(frozen=True)
class Peer:
    name: str
    title: str
    dialect: str = "plain"
    has_echo: bool = True
    has_deflate: bool = False


PEERS = [
    Peer("socketify", "uWebSockets (socketify)"),
    Peer("ws", "Node ws", has_deflate=True),
    Peer("websockets", "Python websockets", has_deflate=True),
    Peer("picows", "Python picows"),
    Peer("nchan", "nginx nchan", has_echo=False),
    Peer("nats", "nats-server", dialect="nats", has_echo=False),
]


def python_peer(home: pathlib.Path, module: str) -> list:
    python = home / "venv/bin/python"
    if not python.exists():
        raise Missing("its Python environment could not be made")
    done = subprocess.run([python, "-c", f"import {module}"], capture_output=True, text=True, env=libraries(home))
    if done.returncode != 0:
        raise Missing((done.stderr.strip().splitlines() or ["cannot be imported"])[-1])
    return [python, HERE / f"{module}_server.py"]


def libraries(home: pathlib.Path) -> dict:
    """The environment in which unpacked shared libraries are found."""
    return {"LD_LIBRARY_PATH": ":".join(map(str, (home / "debian/usr/lib").glob("*-linux-gnu")))}


def unpacked(home: pathlib.Path, path: str, package: str) -> pathlib.Path:
    """A file of a Debian package that was unpacked, not installed."""
    found = home / "debian" / path
    if not found.exists():
        raise Missing(f"Debian's {package} could not be fetched")
    return found


def filled(template: str, folder: pathlib.Path, **values) -> pathlib.Path:
    text = (HERE / template).read_text()
    for key, value in values.items():
        text = text.replace(f"@{key}@", str(value))
    path = folder / template
    path.write_text(text)
    return path


def command(peer: Peer, home: pathlib.Path, port: int, folder: pathlib.Path, deflate: bool) -> tuple[list, dict]:
    """What starts it, and its environment."""
    extra = ["deflate"] if deflate else []
    match peer.name:
        case "socketify" | "websockets" | "picows":
            return [*python_peer(home, peer.name), port, *extra], libraries(home)
        case "ws":
            modules = unpacked(home, "usr/share/nodejs/ws", "node-ws").parent
            node = shutil.which("node")
            if node is None:
                raise Missing("there is no node: Debian's nodejs is not installed")
            return [node, HERE / "ws_server.js", port, *extra], {"NODE_PATH": str(modules)}
        case "nchan":
            module = unpacked(home, "usr/lib/nginx/modules/ngx_nchan_module.so", "libnginx-mod-nchan")
            settings = filled("nchan.conf", folder, PORT=port, FOLDER=folder, MODULES=module.parent)
            return [unpacked(home, "usr/sbin/nginx", "nginx"), "-p", folder, "-c", settings], {}
        case "nats":
            settings = filled("nats.conf", folder, PORT=port, OTHER=free_port())
            return [unpacked(home, "usr/sbin/nats-server", "nats-server"), "-c", settings], {}
    raise Missing("nobody has said how it is started")


@contextlib.contextmanager
def started(peer: Peer, home: pathlib.Path, deflate: bool = False):
    """The peer, ready, as the arguments of the load generator."""
    with scratch() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        port = free_port()
        line, environment = command(peer, home, port, folder, deflate)
        with running(line, folder, environment) as process:
            # nginx listens before its worker is there.
            processes = 2 if peer.name == "nchan" else 1
            wait_until(lambda: accepts(port) and len(family(process.pid)) >= processes, process, folder)
            pids = [argument for pid in family(process.pid) for argument in ("--pid", str(pid))]
            yield ["--port", str(port), *pids, "--dialect", peer.dialect]
