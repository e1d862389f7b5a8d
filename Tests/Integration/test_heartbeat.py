"""Pings from the server: a silent peer is closed with 4408, any byte keeps it."""

from client import Client
from raw import PING, PONG, RawSocket

FAST = {"APUS_PING_INTERVAL_MS": 1000}


def test_two_silent_intervals_close_with_4408(start_hub):
    hub = start_hub(settings=FAST)
    with RawSocket.joined(hub, hub.token("anna", "operator")) as peer:
        peer.until(PING)
        assert peer.close_frame()[0] == 4408
        assert peer.at_end()


def test_a_peer_that_answers_stays(start_hub):
    hub = start_hub(settings=FAST)
    with RawSocket.joined(hub, hub.token("anna", "operator")) as peer:
        for _ in range(4):
            peer.send(PONG, peer.until(PING).payload)
        assert "ok" in peer.reply(peer.command("ping"))


def test_any_byte_counts_as_a_pong(start_hub):
    hub = start_hub(settings=FAST)
    with RawSocket.joined(hub, hub.token("anna", "operator")) as peer:
        for _ in range(4):
            peer.until(PING)
            peer.command("ping")
        assert "ok" in peer.reply(peer.command("ping"))


async def test_hello_tells_the_interval(start_hub):
    hub = start_hub(settings=FAST)
    async with await Client.open(hub, hub.token("anna", "operator")) as anna:
        assert anna.welcome["ping"] == 1000
