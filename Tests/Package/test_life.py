"""The package from its installation to its purging, on a machine with systemd."""

import json
import re

import pytest

UNIT = "apus.service"
# A request without a client: bash opens the socket.
REQUEST = r"""
request() { # METHOD PATH [BODY]
    exec 3<>/dev/tcp/127.0.0.1/8080
    printf '%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s' \
        "$1" "$2" "$(runuser -u apus -- apus token --data /var/lib/apus --user test --role admin)" "${#3}" "$3" >&3
    cat <&3
}
"""
EVENTS = "/api/v1/rooms/ticket%3A1/events"


def install(machine, package):
    return machine.ok(f"DEBIAN_FRONTEND=noninteractive dpkg -i /packages/{package.name}")


def post(machine, text):
    body = json.dumps({"kind": "message", "data": {"text": text}})
    answer = machine.ok(f"{REQUEST}\nrequest POST {EVENTS} '{body}'")
    assert "201" in answer.splitlines()[0], answer


def texts(machine):
    answer = machine.ok(f"{REQUEST}\nrequest GET '{EVENTS}?after=0'")
    return [event["data"]["text"] for event in json.loads(answer.split("\r\n\r\n", 1)[-1].split("\n\n", 1)[-1])["events"]]


def show(machine, name):
    return machine.ok(f"systemctl show --property={name} --value {UNIT}")


def wait_until(machine, condition):
    """Waits in the machine, for as long as an order may take."""
    machine.ok(f"until {condition}; do read -r -t 0.1 _ <> <(:) || :; done")


def is_running(machine):
    return machine.run(f"systemctl is-active --quiet {UNIT} && apus health --ready --config /etc/apus/apus.json").status == 0


def version_of(package):
    return package.name.split("_")[1]


def test_installed_it_runs_as_its_own_user_behind_the_unit_s_walls(machine, packages):
    install(machine, packages[-1])
    assert is_running(machine), machine.run(f"journalctl -u {UNIT} --no-pager").output
    assert show(machine, "StatusText").startswith("Serving 127.0.0.1:8080")
    assert machine.ok(f"ps -o user= -p $(systemctl show -P MainPID {UNIT}) 2>/dev/null || stat -c %U /proc/$(systemctl show -P MainPID {UNIT})") == "apus"
    assert machine.ok("stat -c '%U %a' /var/lib/apus") == "apus 750"
    assert machine.ok("stat -c '%U %a' /var/lib/apus/hs256.key") == "apus 600"
    assert machine.ok(f"systemctl is-enabled {UNIT}") == "enabled"
    log = machine.ok(f"journalctl -u {UNIT} --no-pager")
    assert "backend=io_uring" in log and "/usr/share/apus/clients" in log, log


def test_the_versions_agree(machine, packages):
    install(machine, packages[-1])
    package = machine.ok("dpkg-query -W -f '${Version}' apus")
    assert package == version_of(packages[-1])
    assert machine.ok("apus --version") == package
    assert f'"version":"{package}"' in machine.ok(f"{REQUEST}\nrequest GET /version")
    assert package in machine.ok("MANWIDTH=80 man --pager=cat apus | head -n 1; zcat /usr/share/man/man1/apus.1.gz | head -n 1")


def test_an_upgrade_keeps_data_and_settings_and_runs_the_new_one(machine, packages):
    older, newer = packages
    install(machine, older)
    post(machine, "before the upgrade")
    machine.ok("""sed -i 's/"port": 8080/"port": 8080, "log": {"format": "json"}/' /etc/apus/apus.json""")
    before = show(machine, "MainPID")
    install(machine, newer)
    assert is_running(machine)
    assert show(machine, "MainPID") not in (before, "0")
    assert machine.ok("dpkg-query -W -f '${Version}' apus") == version_of(newer)
    assert '"format": "json"' in machine.ok("cat /etc/apus/apus.json")
    assert texts(machine) == ["before the upgrade"]
    post(machine, "after it")
    # And back again.
    install(machine, older)
    assert texts(machine) == ["before the upgrade", "after it"]
    assert machine.ok("runuser -u apus -- apus doctor --config /etc/apus/apus.json").startswith("ok")


def test_a_hub_that_dies_or_hangs_is_started_again(machine, packages):
    install(machine, packages[-1])
    post(machine, "still there")
    machine.ok(f"kill -9 $(systemctl show -P MainPID {UNIT})")
    wait_until(machine, f"[ $(systemctl show -P NRestarts {UNIT}) = 1 ] && systemctl is-active --quiet {UNIT}")
    machine.ok(f"mkdir -p /etc/systemd/system/{UNIT}.d; printf '[Service]\\nWatchdogSec=2\\n' >/etc/systemd/system/{UNIT}.d/quick.conf")
    machine.ok(f"systemctl daemon-reload; systemctl restart {UNIT}")
    machine.ok(f"kill -STOP $(systemctl show -P MainPID {UNIT})")
    wait_until(machine, f"[ $(systemctl show -P NRestarts {UNIT}) -ge 1 ] && systemctl is-active --quiet {UNIT}")
    assert "watchdog" in machine.ok(f"journalctl -u {UNIT} --no-pager").lower()
    assert texts(machine) == ["still there"]


def test_a_wrong_setting_stops_it_for_good_and_says_why(machine, packages):
    install(machine, packages[-1])
    machine.ok("""sed -i 's/"port"/"prot"/' /etc/apus/apus.json""")
    assert machine.run(f"systemctl restart {UNIT}").status != 0
    assert show(machine, "NRestarts") == "0" and show(machine, "ExecMainStatus") == "2"
    assert "prot" in machine.ok(f"journalctl -u {UNIT} --no-pager")


def test_without_io_uring_it_takes_epoll(machine, packages):
    install(machine, packages[-1])
    machine.ok(f"mkdir -p /etc/systemd/system/{UNIT}.d")
    machine.ok(f"printf '[Service]\\nSystemCallFilter=~io_uring_setup\\n' >/etc/systemd/system/{UNIT}.d/epoll.conf")
    machine.ok(f"systemctl daemon-reload; systemctl restart {UNIT}")
    assert '"reactor":"epoll"' in machine.ok(f"{REQUEST}\nrequest GET /version")


def test_removed_it_leaves_data_and_settings_and_purged_nothing(machine, packages):
    install(machine, packages[-1])
    post(machine, "kept")
    machine.ok("dpkg --remove apus")
    assert machine.run("command -v apus").status != 0
    assert machine.run(f"systemctl is-active {UNIT}").status != 0
    assert "stopped" in machine.ok(f"journalctl -u {UNIT} --no-pager"), "it was drained"
    assert machine.run("test -f /etc/apus/apus.json -a -f /var/lib/apus/apus.sqlite").status == 0
    install(machine, packages[-1])
    assert texts(machine) == ["kept"]
    machine.ok("dpkg --purge apus")
    assert machine.run("test -e /etc/apus -o -e /var/lib/apus -o -e /usr/share/apus").status != 0
    assert machine.run(f"systemctl cat {UNIT}").status != 0


@pytest.mark.parametrize("tool", ["verify", "security"])
def test_systemd_finds_the_unit_sound_and_walled_in(machine, packages, tool):
    install(machine, packages[-1])
    if tool == "verify":
        assert machine.ok(f"systemd-analyze verify /lib/systemd/system/{UNIT}") == ""
    else:
        found = machine.ok(f"systemd-analyze security --no-pager {UNIT} | tail -n 1")
        assert float(re.search(r"([\d.]+) OK", found).group(1)) <= 1.5, found
