"""uWebSockets behind socketify: its C++ core does the fan-out by publish(); Python sees each published message once.
The loop of uWebSockets runs by itself: socketify's own run() would turn it without waiting, and burn a core when idle.

/room/NAME joins, and each message goes to everybody in the room; /echo sends it back. `PORT` comes as the argument.
"""

import sys

from socketify import App, AppListenOptions, CompressOptions

app = App()


def upgrade(response, request, context):
    key = request.get_header("sec-websocket-key")
    protocol = request.get_header("sec-websocket-protocol")
    response.upgrade(key, protocol, request.get_header("sec-websocket-extensions"), context, request.get_url())


def opened(ws):
    ws.subscribe(ws.get_user_data())


def message(ws, text, opcode):
    app.publish(ws.get_user_data(), text, opcode)


def echo(ws, text, opcode):
    ws.send(text, opcode)


ROOM = {"upgrade": upgrade, "open": opened, "message": message}
LIMITS = {
    "compression": CompressOptions.DISABLED,
    "max_payload_length": 1 << 20,
    "max_backpressure": 16 << 20,
    "idle_timeout": 120,
    "send_pings_automatically": True,
}
app.ws("/room/*", {**LIMITS, **ROOM})
app.ws("/echo", {**LIMITS, "message": echo})
app.listen(AppListenOptions(port=int(sys.argv[1]), host="127.0.0.1"))
app.loop.uv_loop.run()
