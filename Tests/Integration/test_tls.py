"""TLS in the hub itself: who is let in, what rotates, what is refused at the start. What goes through it is tested by the
modules that conftest runs over TLS, too."""

import json
import shutil
import signal
import socket
import ssl
import subprocess
import time

import pytest

from api import request
from certificates import DAY
from client import Client
from hub import PATIENCE, ROOT, Hub, environment, run
from raw import RawSocket


def connected(hub, context=None, session=None):
    """A TLS socket to the hub."""
    plain = socket.create_connection((hub.host, hub.port), PATIENCE)
    return (context or hub.ssl).wrap_socket(plain, server_hostname="localhost", session=session)


def ask(peer, path="/healthz"):
    peer.sendall(f"GET {path} HTTP/1.1\r\nHost: hub\r\n\r\n".encode())
    head = b""
    while b"\r\n\r\n" not in head:
        piece = peer.recv(4096)
        assert piece, head
        head += piece
    return head


def serial(peer):
    return int(peer.getpeercert()["serialNumber"], 16)


def metric(hub, name):
    """The sum of a metric's samples whose name and labels begin so."""
    page = request(hub, "GET", "/metrics").body.decode()
    samples = [line.rpartition(" ") for line in page.splitlines() if line.startswith(name)]
    assert samples, name
    return sum(float(value) for _, _, value in samples)


def until_counted(hub, name, value):
    """Asks until the metric says so."""
    deadline = time.monotonic() + PATIENCE
    while metric(hub, name) != value:
        assert time.monotonic() < deadline, hub.errors()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
def test_both_versions_serve_pages_to_a_client_that_checks_everything(hub, version):
    context = hub.pair.context()
    context.minimum_version = context.maximum_version = version
    with connected(hub, context) as peer:
        assert peer.version() == version.name.replace("_", ".")
        assert ask(peer).startswith(b"HTTP/1.1 200")
    page = request(hub, "GET", "/")
    assert page.status == 200 and page.type == "text/html"


def test_http_1_1_is_agreed_on_and_other_protocols_are_refused(hub):
    with connected(hub, hub.pair.context(["h2", "http/1.1"])) as peer:
        assert peer.selected_alpn_protocol() == "http/1.1"
    before = metric(hub, 'apus_tls_failures_total{reason="no_application_protocol"}')
    with pytest.raises(ssl.SSLError, match="(?i)no.application.protocol"):
        connected(hub, hub.pair.context(["h2"]))
    assert metric(hub, 'apus_tls_failures_total{reason="no_application_protocol"}') == before + 1


def test_plain_http_is_told_where_to_go(hub):
    with socket.create_connection((hub.host, hub.port), PATIENCE) as peer:
        peer.sendall(b"GET /healthz HTTP/1.1\r\nHost: hub\r\n\r\n")
        answer = b"".join(iter(lambda: peer.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 400 ") and b"this port speaks HTTPS" in answer


def test_a_client_that_does_not_trust_the_certificate_is_counted(hub):
    before = metric(hub, 'apus_tls_failures_total{reason="peer_alert"}')
    context = ssl.create_default_context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(ssl.SSLCertVerificationError):
        connected(hub, context)
    assert metric(hub, 'apus_tls_failures_total{reason="peer_alert"}') == before + 1


def test_a_client_resumes_its_session(hub):
    context = hub.pair.context()
    session = None
    resumed = metric(hub, "apus_tls_resumed_total{")
    for turn in range(4):
        with connected(hub, context, session) as peer:
            ask(peer)
            assert peer.session_reused == (turn > 0)
            session = peer.session
    assert metric(hub, "apus_tls_resumed_total{") == resumed + 3


async def test_pages_of_the_same_host_must_be_encrypted_too(hub):
    for origin, status in ((hub.http, 101), (hub.http.replace("https", "http"), 403), ("https://evil.example", 403)):
        with RawSocket(hub) as peer:
            assert peer.upgrade(Origin=origin).status == status, origin


async def test_a_new_certificate_reaches_new_connections_and_disturbs_none(start_hub, authority, tmp_path, room):
    hub = start_hub(pair=authority.issue(f"rotated-{tmp_path.name}"))
    former = hub.pair
    token = hub.token("anna", "operator")
    async with await Client.open(hub, token) as anna:
        await anna.sub(room)
        with connected(hub) as peer:
            assert serial(peer) == former.serial
        following = authority.issue(former.name)
        hub.signal(signal.SIGHUP)
        until_counted(hub, 'apus_tls_reloads_total{outcome="done"}', 1)
        with connected(hub) as peer:
            assert serial(peer) == following.serial

        # A pair that does not fit changes nothing but the log.
        former.key.write_text(authority.issue("another").key.read_text())
        hub.signal(signal.SIGHUP)
        until_counted(hub, 'apus_tls_reloads_total{outcome="failed"}', 1)
        assert "the certificate was not taken; the former one stays in use" in hub.errors()
        assert f"APUS_TLS_KEY: {former.key} is not the key of the certificate in {former.certificate}" in hub.errors()
        with connected(hub) as peer:
            assert serial(peer) == following.serial

        await anna.send(room, {"text": "still here"})
        assert [event["data"]["text"] for event in await anna.events(room, 1)] == ["still here"]
    assert hub.stop() == 0


def test_a_plain_listener_beside_it_serves_the_same(start_hub):
    hub = start_hub(settings={"APUS_TLS_PLAIN_ADDRESS": "127.0.0.1:0"})
    with connected(hub) as peer:
        assert ask(peer).startswith(b"HTTP/1.1 200")
    while len(hub.lines) < 2:
        assert hub.running, hub.errors()
    assert hub.lines[0] == f"listening on https://127.0.0.1:{hub.port}"
    port = int(hub.lines[1].removeprefix("listening on http://127.0.0.1:"))
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as peer:
        assert ask(peer).startswith(b"HTTP/1.1 200")
    assert hub.stop() == 0


def test_a_handshake_that_stops_halfway_holds_nobody_up(hub):
    context = hub.pair.context()
    silent = [socket.create_connection((hub.host, hub.port), PATIENCE) for _ in range(20)]
    outgoing = ssl.MemoryBIO()
    halved = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        halved.do_handshake()
    hello = outgoing.read()
    for peer in silent:
        peer.sendall(hello[:50])
    with connected(hub) as peer:
        assert ask(peer).startswith(b"HTTP/1.1 200")
    before = metric(hub, 'apus_tls_failures_total{reason="disconnected"}')
    for peer in silent:
        peer.shutdown(socket.SHUT_WR)
        assert peer.recv(100) == b""
        peer.close()
    assert metric(hub, 'apus_tls_failures_total{reason="disconnected"}') == before + 20


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl")
@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_curl_posts_an_event_and_reads_it_back(hub, room, version):
    token = hub.token("anna", "operator")
    url = f"{hub.http}/api/v1/rooms/{room.replace(':', '%3A')}/events"
    command = [
        "curl", "--silent", "--show-error", "--fail", "--http1.1", f"--tlsv{version}", "--tls-max", version,
        "--cacert", hub.pair.authority.root, "--noproxy", "*", "-H", f"Authorization: Bearer {token}",
        "-H", "Content-Type: application/json",
    ]  # fmt: skip
    body = json.dumps({"kind": "message", "data": {"text": "by curl"}})
    posted = subprocess.run([*command, "--data", body, url], capture_output=True, text=True, timeout=PATIENCE)
    assert posted.returncode == 0, posted.stderr
    read = subprocess.run([*command, url], capture_output=True, text=True, timeout=PATIENCE)
    assert [event["data"] for event in json.loads(read.stdout)["events"]] == [{"text": "by curl"}], read


@pytest.mark.skipif(not shutil.which("node"), reason="there is no Node.js")
def test_a_socket_of_node_opens_and_says_hello(hub):
    script = """
        const WebSocket = globalThis.WebSocket ?? require("ws");
        const socket = new WebSocket(process.env.URL_OF_HUB, ["apus.v1"]);
        socket.onopen = () => socket.send(JSON.stringify({ id: 1, cmd: "hello", token: process.env.TOKEN }));
        socket.onmessage = (event) => { console.log(event.data); socket.close(1000); };
        socket.onerror = (event) => { console.error(event.message); process.exitCode = 1; };
    """
    done = subprocess.run(
        ["node", "-e", script],
        env=environment()
        | {
            "NODE_PATH": "/usr/share/nodejs",
            "NODE_EXTRA_CA_CERTS": str(hub.pair.authority.root),
            "URL_OF_HUB": hub.ws,
            "TOKEN": hub.token("anna", "operator"),
        },
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[0])["ok"]["user"] == "anna"


# What is refused at the start needs no variant.


@pytest.fixture
def pair(authority, tmp_path):
    return authority.issue(f"start-{tmp_path.name}")


def refused(tmp_path, *words, **settings):
    done = run("serve", "--port", "0", "--data", str(tmp_path / "data"), **settings)
    assert done.returncode == 2, (done.returncode, done.stderr)
    for word in words:
        assert word in done.stderr, done.stderr
    assert "listening" not in done.stdout


def test_half_of_a_pair_is_refused(tmp_path, pair):
    refused(tmp_path, "APUS_TLS_KEY: needs tls.certificate beside it", APUS_TLS_KEY=pair.key)
    refused(tmp_path, "APUS_TLS_CERTIFICATE: needs tls.key beside it", APUS_TLS_CERTIFICATE=pair.certificate)


def test_a_file_that_cannot_be_used_is_named_with_its_setting(tmp_path, pair, authority):
    other = authority.issue(f"other-{tmp_path.name}")
    refused(tmp_path, f"APUS_TLS_KEY: {other.key} is not the key of", **pair.settings | {"APUS_TLS_KEY": other.key})
    other.key.unlink()
    refused(tmp_path, f"APUS_TLS_KEY: {other.key} cannot be read: No such file", **other.settings)
    refused(tmp_path, "APUS_TLS_CERTIFICATE: /dev is not a plain file", **pair.settings | {"APUS_TLS_CERTIFICATE": "/dev"})
    late = authority.issue(f"late-{tmp_path.name}", begin=-3 * DAY, end=-DAY)
    refused(tmp_path, f"APUS_TLS_CERTIFICATE: the certificate in {late.certificate} has expired, on 2", **late.settings)


def doctor(tmp_path, pair):
    return run("doctor", "--data", str(tmp_path / "data"), APUS_WEB_ROOT=ROOT / "clients", **pair.settings)


def test_the_doctor_looks_at_certificate_and_key(tmp_path, pair, authority):
    done = doctor(tmp_path, pair)
    assert done.returncode == 0, done.stdout
    assert f"ok    TLS: {pair.certificate} and its key can be used until 2" in done.stdout
    pair.key.chmod(0o644)
    soon = authority.issue(pair.name, end=5.5 * DAY)
    soon.key.chmod(0o644)
    done = doctor(tmp_path, soon)
    assert done.returncode == 0, done.stdout
    assert f"care  TLS: {pair.key} can be read by others" in done.stdout
    assert f"care  TLS: the certificate in {pair.certificate} ends in 5 days, on 2" in done.stdout
    pair.key.write_text("no key")
    done = doctor(tmp_path, pair)
    assert done.returncode == 1, done.stdout
    assert f"wrong TLS: APUS_TLS_KEY: {pair.key} holds no private key in PEM" in done.stdout


def test_health_asks_the_plain_listener(start_hub):
    hub = start_hub(settings={"APUS_TLS_PLAIN_ADDRESS": "127.0.0.1:0"})
    while len(hub.lines) < 2:
        assert hub.running, hub.errors()
    place = hub.lines[1].removeprefix("listening on http://")
    done = run("health", "--port", str(hub.port), APUS_TLS_PLAIN_ADDRESS=place, **hub.pair.settings)
    assert done.returncode == 0, done.stderr
    done = run("health", "--port", str(hub.port), **hub.pair.settings)
    assert done.returncode == 2 and "tls.plain_address: is needed" in done.stderr, done.stderr
    assert hub.stop() == 0


def test_without_tls_a_hang_up_ends_the_hub_as_it_ends_any_process(tmp_path):
    # Whoever runs the tests may ignore hang-ups, as nohup does, and children inherit that.
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    try:
        hub = Hub(tmp_path / "data").start()
    finally:
        signal.signal(signal.SIGHUP, before)
    hub.signal(signal.SIGHUP)
    assert hub.wait() == -signal.SIGHUP
