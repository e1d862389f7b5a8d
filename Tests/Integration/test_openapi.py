"""schemathesis: requests made from openapi.yaml, valid ones and wrong ones, against a running hub."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from contract import PROTOCOL
from hub import PATIENCE, Hub

HERE = Path(__file__).parent


@pytest.fixture
def one_hub(tmp_path):
    """Of its own, on one reactor: what is sent to it is no other test's concern."""
    hub = Hub(tmp_path / "data").start()
    yield hub
    assert hub.running, f"a request ended the hub\n{hub.errors()}"
    assert hub.stop() == 0, hub.errors()


def schemathesis(hub, document, folder, *more):
    command = [
        Path(sys.executable).with_name("st"), "--config-file", HERE / "schemathesis.toml", "run", document,
        "--url", hub.http, "--header", f"Authorization: Bearer {hub.token('anna', 'operator')}",
        "--phases", "examples,coverage,fuzzing", "--max-examples", "40", "--generation-deterministic",
        "--continue-on-failure", "--no-color", *more,
    ]  # fmt: skip
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=4 * PATIENCE)


def test_the_hub_answers_every_request_as_the_document_says(one_hub, tmp_path):
    done = schemathesis(one_hub, PROTOCOL / "openapi.yaml", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    generated = re.search(r"(\d+) generated", done.stdout)
    assert "Tested: 21" in done.stdout and generated and int(generated[1]) > 210, done.stdout


def test_a_document_that_is_wrong_is_noticed(one_hub, tmp_path):
    text = (PROTOCOL / "openapi.yaml").read_text().replace("schemas/", f"{PROTOCOL}/schemas/")
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(text.replace("http.json#/$defs/health", "http.json#/$defs/version"))
    done = schemathesis(one_hub, wrong, tmp_path, "--include-operation-id", "health")
    assert done.returncode == 1 and '{"status":"ok"}' in done.stdout, done.stdout + done.stderr
