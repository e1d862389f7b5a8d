"""Client of the Apus realtime hub for programs that produce: rooms, token streams and generation jobs.

    async with Hub("ws://127.0.0.1:8080/ws", token) as hub:
        await hub.send("ticket:42", {"text": "hello"})
        async with hub.job(["project"]) as job:
            job.stage("plan")
            job.result = {"files": 3}
"""

from .errors import ApusError, Closed, LeaseLost, Refused
from .hub import Hub
from .jobs import Job
from .streams import Stream
from .subscriptions import Event, Subscription, Truncated

__all__ = [
    "ApusError", "Closed", "Event", "Hub", "Job", "LeaseLost", "Refused", "Stream", "Subscription", "Truncated",
]  # fmt: skip
