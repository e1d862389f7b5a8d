"""PyPI's picows (WebSockets in Cython) on uvloop.

/room/NAME joins, and each message goes to everybody in the room; /echo sends it back. `PORT` comes as the argument.
"""

import asyncio
import sys
from collections import defaultdict

import uvloop
from picows import WSListener, WSMsgType, ws_create_server

rooms = defaultdict(set)


class Member(WSListener):
    def __init__(self, room):
        self.members = rooms[room]

    def on_ws_connected(self, transport):
        self.transport = transport
        self.members.add(transport)

    def on_ws_disconnected(self, transport):
        self.members.discard(transport)

    def on_ws_frame(self, transport, frame):
        if frame.msg_type == WSMsgType.TEXT:
            message = frame.get_payload_as_bytes()
            for member in self.members:
                member.send(WSMsgType.TEXT, message)


class Echo(WSListener):
    def on_ws_frame(self, transport, frame):
        if frame.msg_type == WSMsgType.TEXT:
            transport.send(WSMsgType.TEXT, frame.get_payload_as_bytes())


def listener(request):
    path = request.path.decode()
    return Echo() if path == "/echo" else Member(path)


async def main():
    server = await ws_create_server(listener, "127.0.0.1", int(sys.argv[1]), backlog=4096)
    await server.serve_forever()


uvloop.run(main())
