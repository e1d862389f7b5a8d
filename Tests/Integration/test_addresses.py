"""Limits per address, behind a proxy that is trusted (connections from loopback itself are exempt)."""

from raw import RawSocket

LIMITS = {
    "APUS_TRUSTED_PROXIES": "127.0.0.0/8",
    "APUS_LIMITS_CONNECTIONS_PER_ADDRESS": 3,
    "APUS_LIMITS_ACCEPTS_PER_ADDRESS": 100_000,
}


def status(peer, address):
    return peer.upgrade(X_Forwarded_For=address).status


def test_an_address_has_so_many_connections_and_not_one_more(start_hub):
    hub = start_hub(settings=LIMITS)
    peers = [RawSocket(hub) for _ in range(5)]
    assert [status(peer, "203.0.113.7") for peer in peers[:3]] == [101] * 3
    assert status(peers[3], "203.0.113.7") == 429
    assert status(peers[4], "203.0.113.8") == 101, "another address has its own count"
    peers[0].socket.close()
    while status(again := RawSocket(hub), "203.0.113.7") != 101:
        again.socket.close()  # the place is free as soon as the hub has seen the end
    again.socket.close()
    for peer in peers:
        peer.socket.close()


def test_what_an_untrusted_peer_forwards_does_not_count(start_hub):
    hub = start_hub(settings={"APUS_LIMITS_CONNECTIONS_PER_ADDRESS": 3})
    peers = [RawSocket(hub) for _ in range(6)]
    assert [status(peer, "203.0.113.7") for peer in peers] == [101] * 6
    for peer in peers:
        peer.socket.close()
