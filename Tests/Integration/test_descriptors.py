"""As many sockets as the limit on open files allows, and not dead beyond it."""

from api import request
from raw import RawSocket


def test_it_keeps_serving_when_descriptors_run_out_and_recovers(start_hub):
    hub = start_hub(descriptors=96)
    token = hub.token("anna", "operator")
    with RawSocket.joined(hub, token) as first:
        crowd = [RawSocket(hub) for _ in range(150)]
        assert "ok" in first.reply(first.command("ping")), "who is in stays served"
        for peer in crowd:
            peer.socket.close()
        assert "ok" in first.reply(first.command("ping"))
        with RawSocket.joined(hub, token) as second:
            assert "ok" in second.reply(second.command("ping"))
    assert request(hub, "GET", "/healthz").status == 200
    assert len(hub.errors()) < 20_000, "it is logged once, not once a try"


def test_thousands_of_connections_come_and_go(start_hub):
    hub = start_hub()
    peers = [RawSocket(hub) for _ in range(2000)]
    for peer in peers:
        peer.write(b"")
    for peer in peers[::2]:
        peer.socket.close()
    for peer in peers[1::2]:
        assert peer.request("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").status == 200
        peer.socket.close()
    assert request(hub, "GET", "/healthz").status == 200


def test_descriptors_are_used_again_without_mixing_connections_up(hub):
    token = hub.token("anna", "operator")
    for turn in range(100):
        with RawSocket(hub) as abandoned:
            abandoned.upgrade()
            abandoned.write(b"\x81\xfe")
        with RawSocket.joined(hub, token) as peer:
            assert "ok" in peer.reply(peer.command("ping"))
