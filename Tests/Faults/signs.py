"""What the hub says about itself from outside: metrics and readiness."""

import http.client
import json
import time

from api import request
from hub import PATIENCE


def metric(hub, name):
    """The value of a metric without labels."""
    page = request(hub, "GET", "/metrics").body.decode()
    return float(next(line for line in page.splitlines() if line.startswith(f"{name} ")).split()[1])


def until_ready(hub, status):
    """Asks, on one connection, until readiness answers so; its reason."""
    connection = http.client.HTTPConnection(hub.host, hub.port, timeout=PATIENCE)
    limit = time.monotonic() + PATIENCE
    try:
        while True:
            connection.request("GET", "/readyz")
            response = connection.getresponse()
            answer = json.loads(response.read())
            if response.status == status:
                return answer.get("reason")
            assert time.monotonic() < limit, f"readiness stays {answer}\n{hub.errors()}"
    finally:
        connection.close()
