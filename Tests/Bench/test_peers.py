"""What is said where a peer cannot be had or does not start."""

import pathlib
import sys

import pytest
from peers.catalog import PEERS, started
from running import Missing, accepts, free_port, running, wait_until


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_a_peer_that_was_not_fetched_is_missing_with_its_reason(peer, tmp_path):
    with pytest.raises(Missing, match="could not be|there is no node"):
        with started(peer, tmp_path):
            pass


def test_a_server_that_ends_at_once_is_missing_with_its_last_words(tmp_path):
    command = [sys.executable, "-c", "raise SystemExit('no such setting')"]
    with pytest.raises(Missing, match="no such setting"), running(command, tmp_path) as process:
        wait_until(lambda: False, process, tmp_path)


def test_a_server_is_waited_for_and_ended(tmp_path):
    port = free_port()
    with running([sys.executable, "-m", "http.server", port, "--bind", "127.0.0.1"], tmp_path) as process:
        assert wait_until(lambda: accepts(port), process, tmp_path)
        assert pathlib.Path(f"/proc/{process.pid}").exists()
    assert process.returncode is not None
    assert not accepts(port)
