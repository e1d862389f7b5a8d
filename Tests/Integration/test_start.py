"""Starting: flags, environment, file, the key, the lock on the folder, databases that cannot be served."""

import json
import os
import socket
import sqlite3
import stat

import pytest

from api import request
from client import Client
from hub import Hub, run
from raw import RawSocket


def serve(folder, *flags, **settings):
    return run("serve", "--port", "0", "--data", str(folder), *flags, cwd=folder.parent, **settings)


def refused(done, status, *words):
    assert done.returncode == status, (done.returncode, done.stderr)
    for word in words:
        assert word in done.stderr, done.stderr
    assert "Fatal error" not in done.stderr


WRONG_FLAGS = [
    (["--port", "x"], "port"),
    (["--port", "65536"], "port"),
    (["--port", "-1"], "port"),
    (["--reactors", "x"], "reactors"),
    (["--reactors", "65"], "reactors"),
    (["--rate-limits", "maybe"], "rate-limits"),
    (["--wings"], "wings"),
    (["--config", "/nowhere/apus.json"], "/nowhere/apus.json"),
]


@pytest.mark.parametrize(("flags", "name"), WRONG_FLAGS, ids=lambda value: str(value))
def test_a_wrong_flag_is_named_with_exit_2(tmp_path, flags, name):
    done = run("serve", "--data", str(tmp_path / "data"), *flags)
    refused(done, 2, name)


WRONG_SETTINGS = [
    ("APUS_PORT", "x"),
    ("APUS_LOG_LEVEL", "loud"),
    ("APUS_WINGS", "2"),
    ("APUS_REACTOR", "kqueue"),
    ("APUS_LIMITS_ROOMS", "0"),
    ("APUS_DEMO", "perhaps"),
]


@pytest.mark.parametrize(("name", "value"), WRONG_SETTINGS)
def test_a_wrong_variable_is_named_with_exit_2(tmp_path, name, value):
    refused(run("serve", "--data", str(tmp_path / "data"), **{name: value}), 2, name)


WRONG_FILES = [
    ("{", "apus.json"),
    ("[]", "apus.json"),
    ('{"wings": 2}', "wings"),
    ('{"limits": {"romms": 5}}', "limits.romms"),
    ('{"limits": {"rooms": "many"}}', "limits.rooms"),
    ('{"port": true}', "port"),
    ('{"log": "info"}', "log"),
]


@pytest.mark.parametrize(("text", "name"), WRONG_FILES)
def test_a_wrong_key_in_the_file_is_named_with_exit_2(tmp_path, text, name):
    file = tmp_path / "apus.json"
    file.write_text(text)
    refused(run("serve", "--data", str(tmp_path / "data"), "--config", str(file)), 2, name)


async def test_flags_win_over_environment_over_file(start_hub, tmp_path):
    file = tmp_path / "apus.json"
    file.write_text(json.dumps({"ping_interval_ms": 3000, "limits": {"rooms": 7}, "reactors": 4, "demo": True}))
    hub = start_hub(flags=["--config", str(file)], settings={"APUS_LIMITS_ROOMS": 5})
    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        assert anna.welcome["ping"] == 3000
        assert anna.welcome["limits"]["rooms"] == 5
    assert request(hub, "GET", "/demo/people").status == 200


def test_the_address_is_printed_and_the_backend_said(start_hub, variant):
    hub = start_hub()
    assert f"listening on http://127.0.0.1:{hub.port}" in hub.lines[0]
    assert variant["reactor"] in hub.errors() + "\n".join(hub.lines)


def test_the_key_is_for_its_owner_alone(start_hub):
    hub = start_hub()
    mode = stat.S_IMODE(os.stat(hub.data / "hs256.key").st_mode)
    assert mode == 0o600
    before = hub.key
    hub.restart()
    assert hub.key == before


async def test_apus_token_mints_what_the_hub_accepts(start_hub):
    hub = start_hub()
    done = run("token", "--data", str(hub.data), "--user", "u7", "--role", "helper", "--tenant", "t1", "--ttl", "1h")
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 1, "the token alone on stdout"
    async with await Client.open(hub, done.stdout.strip()) as client:
        assert (client.welcome["user"], client.welcome["roles"]) == ("u7", ["helper"])
        assert abs(client.welcome["expires"] - client.welcome["now"] - 3_600_000) < 60_000


@pytest.mark.parametrize("flags", [[], ["--user", "u"], ["--user", "u", "--role", "king"], ["--user", "u", "--ttl", "x"]])
def test_apus_token_refuses_what_it_cannot_mint(tmp_path, start_hub, flags):
    hub = start_hub()
    done = run("token", "--data", str(hub.data), *flags)
    if flags == ["--user", "u"]:
        assert done.returncode == 0
    else:
        assert done.returncode == 2 and not done.stdout and done.stderr


def test_a_second_start_on_a_folder_names_the_holder(start_hub):
    hub = start_hub()
    refused(serve(hub.data), 1, str(hub.process.pid))
    assert request(hub, "GET", "/readyz").status == 200


def test_a_folder_is_free_again_after_a_kill(start_hub):
    hub = start_hub()
    hub.kill()
    hub.start()
    assert request(hub, "GET", "/readyz").status == 200


def test_a_taken_port_is_refused_with_a_sentence(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        refused(run("serve", "--port", str(port), "--data", str(tmp_path / "data")), 1, str(port))


def test_the_port_of_another_hub_is_refused_too(start_hub, tmp_path):
    hub = start_hub()
    refused(run("serve", "--port", str(hub.port), "--data", str(tmp_path / "other")), 1, str(hub.port))


def test_an_address_that_is_not_ours_is_refused(tmp_path):
    done = run("serve", "--port", "0", "--host", "192.0.2.1", "--data", str(tmp_path / "data"))
    refused(done, 1, "192.0.2.1")


def test_a_newer_database_is_refused(start_hub):
    hub = start_hub()
    assert hub.stop() == 0
    database = sqlite3.connect(hub.database)
    database.execute("INSERT INTO grdb_migrations (identifier) VALUES ('from the future')")
    database.execute("PRAGMA user_version = 2000000000")
    database.commit()
    database.close()
    before = hub.database.read_bytes()
    refused(serve(hub.data), 1, "newer")
    assert hub.database.read_bytes() == before, "and left as it is"


def test_a_file_that_is_no_database_is_refused(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "apus.sqlite").write_bytes(b"this is no database " * 1000)
    refused(serve(folder), 1, "apus.sqlite")
    assert (folder / "apus.sqlite").read_bytes().startswith(b"this is no database"), "and left as it is"


def test_a_database_locked_by_another_program_is_refused(start_hub):
    hub = start_hub()
    assert hub.stop() == 0
    other = sqlite3.connect(hub.database, isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    refused(serve(hub.data), 1, "locked")
    other.close()


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    refused(serve(tmp_path / "file"), 1, str(tmp_path / "file"))


def test_a_key_that_others_can_read_is_refused(start_hub):
    hub = start_hub()
    hub.stop()
    os.chmod(hub.data / "hs256.key", 0o644)
    done = serve(hub.data)
    assert done.returncode in (1, 2) and "hs256.key" in done.stderr


def test_help_and_version(tmp_path):
    for command in (["--help"], ["serve", "--help"], ["token", "--help"], ["--version"]):
        done = run(*command)
        assert done.returncode == 0 and done.stdout


def test_doctor_finds_a_healthy_folder_healthy(start_hub):
    hub = start_hub()
    done = run("doctor", "--data", str(hub.data))
    assert done.returncode == 0, done.stdout + done.stderr


def test_json_logs_are_one_object_a_line(start_hub):
    hub = start_hub(settings={"APUS_LOG_FORMAT": "json", "APUS_LOG_LEVEL": "debug"})
    with RawSocket(hub) as peer:
        assert peer.upgrade().status == 101
        peer.send(8)
        peer.at_end()
    hub.stop()
    lines = hub.errors().splitlines()[1:]
    assert lines and all(isinstance(json.loads(line), dict) for line in lines)


async def test_no_token_or_message_reaches_the_log(start_hub, room):
    hub = start_hub(settings={"APUS_LOG_LEVEL": "trace"})
    token = hub.token("anna", "operator")
    async with await Client.open(hub, token) as anna:
        await anna.send(room, "a very private sentence")
        await anna.error("auth", token=token + "x")
        assert request(hub, "GET", f"/version?token={token}", token=token).status == 200
    hub.stop()
    log = (hub.data.parent / "data.log").read_text()
    assert log, "something is logged at this level"
    assert token.split(".")[2] not in log and "private" not in log


async def test_ipv6_and_localhost(start_hub):
    for host in ("::1", "localhost"):
        hub = start_hub(f"data-{host.strip(':')}", flags=["--host", host])
        async with await Client.open(with_address(hub), hub.token("anna", "operator")):
            pass


def with_address(hub):
    if ":" in hub.host:
        hub.host = f"[{hub.host}]"
    return hub


def test_the_database_is_durable_by_default(start_hub):
    hub = start_hub()
    text = request(hub, "GET", "/metrics").body.decode()
    assert "synchronous" in text


def test_a_hub_without_options_needs_only_a_folder(tmp_path, variant):
    hub = Hub(tmp_path / "fresh" / "deeper", flags=[], **variant)
    (tmp_path / "fresh").mkdir()
    hub.start()
    try:
        assert hub.database.exists()
    finally:
        assert hub.stop() == 0
