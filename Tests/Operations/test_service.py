"""The unit, the package's settings and manual, and what the hub tells its service manager."""

import json
import re
import shutil
import signal
import socket
import subprocess
import urllib.request

import pytest

from conftest import ROOT
from hub import BINARY, PATIENCE, Hub, environment, run

UNIT = ROOT / "deploy/systemd/apus.service"


def settings(section):
    """Setting → its values; systemd lets some stand more than once."""
    found = {}
    inside = None
    for line in UNIT.read_text().splitlines():
        if line.startswith("["):
            inside = line.strip("[]")
        elif inside == section and "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd-analyze here")
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path):
    copy = tmp_path / UNIT.name
    text = re.sub(r"^(Documentation|User|Group)=.*\n", "", UNIT.read_text(), flags=re.MULTILINE)
    copy.write_text(text.replace("/usr/bin/apus", "/bin/true"))
    done = subprocess.run(["systemd-analyze", "verify", str(copy)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd-analyze here")
def test_the_unit_exposes_little():
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", str(UNIT)], capture_output=True, text=True
    )
    level = re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)
    assert float(level.group(1)) <= 1.5, done.stdout


def test_the_unit_leaves_time_to_drain_and_to_write():
    default = re.search(r"`drain.deadline_ms`.*?`(\d+)` \|", (ROOT / "docs/configuration.md").read_text()).group(1)
    assert int(settings("Service")["TimeoutStopSec"][0]) >= int(default) / 1000 + 10


def test_the_unit_does_not_try_wrong_settings_again(tmp_path):
    wrong = run("serve", "--config", "/nowhere.json", "--data", str(tmp_path))
    assert settings("Service")["RestartPreventExitStatus"] == [str(wrong.returncode)]


def test_the_package_s_settings_are_the_unit_s(tmp_path):
    packaged = json.loads((ROOT / "deploy/debian/apus.json").read_text())
    assert settings("Service")["StateDirectory"] == [packaged["data"].removeprefix("/var/lib/")]
    assert packaged["host"] == "127.0.0.1", "a fresh installation is not open to the network"
    done = run("health", "--config", str(ROOT / "deploy/debian/apus.json"), "--port", "1")
    assert done.returncode == 1, "they are valid, nobody answers"


def test_the_manual_knows_every_command():
    listed = re.search(r"SUBCOMMANDS:\n(.*?)\n\n", run("--help").stdout, re.DOTALL).group(1)
    commands = re.findall(r"^  (\w+) ", listed, re.MULTILINE)
    manual = (ROOT / "deploy/debian/apus.1").read_text()
    assert set(commands) - {"help"} == set(re.findall(r"^\.TP\n\.B (\w+)\n", manual, re.MULTILINE))
    if shutil.which("groff"):
        done = subprocess.run(["groff", "-man", "-ww", "-z", str(ROOT / "deploy/debian/apus.1")], capture_output=True, text=True)
        assert done.stderr == ""


# -- what the hub tells


@pytest.fixture
def manager(tmp_path):
    """The service manager's side: a datagram socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.settimeout(PATIENCE)
        manager.bind(str(tmp_path / "notify"))
        yield manager


def said(manager):
    return dict(line.split("=", 1) for line in manager.recv(4096).decode().split("\n"))


def test_it_says_when_it_serves_and_when_it_stops(manager, tmp_path):
    hub = Hub(tmp_path / "data", flags=(), settings={"NOTIFY_SOCKET": manager.getsockname()}).start()
    first = said(manager)
    assert first["READY"] == "1" and str(hub.port) in first["STATUS"]
    hub.signal(signal.SIGTERM)
    assert said(manager)["STOPPING"] == "1"
    assert hub.wait() == 0


def test_it_gives_signs_of_life_as_long_as_it_can(manager, tmp_path):
    watched = {"NOTIFY_SOCKET": manager.getsockname(), "WATCHDOG_USEC": "20000"}
    hub = Hub(tmp_path / "data", flags=(), settings=watched).start()
    assert said(manager)["READY"] == "1"
    for _ in range(5):
        assert said(manager) == {"WATCHDOG": "1"}
    hub.signal(signal.SIGTERM)
    while said(manager) == {"WATCHDOG": "1"}:
        pass
    assert hub.wait() == 0


def test_a_hub_that_cannot_start_never_says_that_it_serves(manager, tmp_path, hub):
    done = run("serve", "--port", str(hub.port), "--data", str(tmp_path / "data"), NOTIFY_SOCKET=manager.getsockname())
    assert done.returncode == 1
    manager.setblocking(False)
    with pytest.raises(BlockingIOError):
        manager.recv(1)


# -- what supervisors without a client ask


def test_health_tells_a_running_hub_from_none(tmp_path):
    hub = Hub(tmp_path / "data", flags=()).start()
    for more in ([], ["--ready"]):
        done = run("health", "--port", str(hub.port), *more)
        assert (done.returncode, done.stderr) == (0, ""), done
    hub.kill()
    done = run("health", "--port", str(hub.port))
    assert done.returncode == 1 and "nobody answers" in done.stderr


def test_health_finds_the_hub_by_its_settings(hub, tmp_path):
    config = tmp_path / "apus.json"
    config.write_text(json.dumps({"host": "0.0.0.0", "port": hub.port}))
    assert run("health", "--config", str(config)).returncode == 0
    assert run("health", APUS_PORT=hub.port).returncode == 0
    assert run("health", "--port", "0").returncode == 2


def test_health_is_not_fooled_by_somebody_else(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.settimeout(PATIENCE)
        done = subprocess.Popen(
            [BINARY, "health", "--port", str(other.getsockname()[1])],
            stderr=subprocess.PIPE, text=True, env=environment(),
        )  # fmt: skip
        peer, _ = other.accept()
        with peer:
            peer.recv(4096)
            peer.sendall(b"220 mail.example ESMTP\r\n")
        assert "no hub" in done.communicate(timeout=PATIENCE)[1]
        assert done.returncode == 1


def test_health_gives_up_on_one_who_says_nothing():
    with socket.create_server(("127.0.0.1", 0)) as other:
        done = run("health", "--port", str(other.getsockname()[1]), "--timeout", "1")
        assert done.returncode == 1


def test_health_names_a_wrong_flag(hub):
    done = run("health", "--port", str(hub.port), "--timeout", "0")
    assert done.returncode == 2 and "timeout" in done.stderr


def test_the_versions_agree(hub):
    with urllib.request.urlopen(f"{hub.http}/version", timeout=10) as reply:
        served = json.load(reply)["version"]
    source = (ROOT / "Sources/Server/Lifecycle/Release.swift").read_text()
    assert run("--version").stdout.strip() == served == re.search(r'version = "([^"]+)"', source).group(1)
