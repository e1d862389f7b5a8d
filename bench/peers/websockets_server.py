"""PyPI's websockets on asyncio, with its own broadcast().

/room/NAME joins, and each message goes to everybody in the room; /echo sends it back. `PORT` comes as the argument;
`deflate` behind it switches permessage-deflate on.
"""

import asyncio
import sys
from collections import defaultdict

from websockets.asyncio.server import broadcast, serve

rooms = defaultdict(set)


async def handler(connection):
    path = connection.request.path
    if path == "/echo":
        async for message in connection:
            await connection.send(message)
        return
    members = rooms[path]
    members.add(connection)
    try:
        async for message in connection:
            broadcast(members, message)
    finally:
        members.discard(connection)


async def main():
    compression = "deflate" if "deflate" in sys.argv[2:] else None
    async with serve(handler, "127.0.0.1", int(sys.argv[1]), compression=compression, backlog=4096) as server:
        await server.serve_forever()


asyncio.run(main())
