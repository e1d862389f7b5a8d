"""The stand-in for AI providers (Tests/Providers) as a process, and hubs that ask it."""

import asyncio
import json
import subprocess
import sys
from urllib.parse import quote
from urllib.request import urlopen

from hub import PATIENCE, ROOT

SECRET = "the-key"


class Provider:
    def __init__(self):
        command = [sys.executable, "-B", str(ROOT / "Tests/Providers/server.py")]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().strip().removeprefix("listening on ")
        assert self.address.startswith("http://127.0.0.1:"), "the stand-in provider did not start"

    def stop(self):
        self.process.stdin.close()
        self.process.wait(timeout=PATIENCE)
        self.process.stdout.close()

    def entry(self, name, dialect="openai", script="ok", **more):
        """An entry of the file of providers."""
        return {
            "name": name, "dialect": dialect, "base": f"{self.address}/{dialect}/{script}", "model": f"{name}-m",
            "key_env": "PROVIDER_KEY", "private_addresses": ["127.0.0.1"], "price": {"input": 1, "output": 2}, **more,
        }  # fmt: skip

    async def asked(self, what, dialect, script, **query):
        more = "".join(f"&{name}={value}" for name, value in query.items())
        url = f"{self.address}/{what}?base={quote(f'/{dialect}/{script}', safe='')}{more}"
        return json.loads(await asyncio.to_thread(lambda: urlopen(url, timeout=PATIENCE).read()))


class Watcher:
    """What somebody who watches a room makes of its streams, held to the contract."""

    def __init__(self):
        self.texts = {}

    def take(self, message):
        data = message.get("data") or {}
        if message.get("kind") == "stream" and data.get("state") == "open":
            self.texts.setdefault(data["stream"], [data["attempt"], 0, "", "open"])
        elif message.get("kind") == "stream" and "offset" in message:
            known = self.texts.get(data["stream"])
            if known and known[0] == data["attempt"]:
                assert data["text"].startswith(known[2]), "what was shown is a beginning of the whole"
            self.texts[data["stream"]] = [data["attempt"], 0, data["text"], data["state"]]
        elif message.get("kind") == "snapshot":
            self.texts[message["stream"]] = [message["attempt"], message["to"], message["text"], "open"]
        elif message.get("kind") == "delta":
            known = self.texts[message["stream"]]
            assert (known[0], known[1]) == (message["attempt"], message["from"]), "a gap"
            known[1:3] = [message["to"], known[2] + message["text"]]


def ending(stream):
    """Picks the kept event that ends a stream."""
    return lambda push: push.get("kind") == "stream" and push["data"]["stream"] == stream and push["data"]["state"] != "open"
