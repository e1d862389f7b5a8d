"""The stand-in as a process: HTTP/1.1 by hand, because much of what it must do wrong no library lets through."""

import asyncio
import json
import sys
from urllib.parse import parse_qs, unquote, urlsplit

from dialects import DIALECTS, dump
from script import Script


class Gone(Exception):
    """The client has closed its connection."""


class Cut(Exception):
    """The script says that the connection ends here."""


class Base:
    """What has happened under one base address."""

    def __init__(self):
        self.requests = []
        self.released = asyncio.Event()
        self.news = asyncio.Condition()

    @property
    def ended(self):
        return [request for request in self.requests if request["end"]]

    async def end(self, request, how):
        async with self.news:
            request["end"] = how
            self.news.notify_all()

    async def until_ended(self, count):
        async with self.news:
            await self.news.wait_for(lambda: len(self.ended) >= count)

    async def until_sent(self, count):
        async with self.news:
            await self.news.wait_for(lambda: sum(request["tokens"] for request in self.requests) >= count)


class Peer:
    """One connection: reads requests, and notices while it answers when the client goes."""

    def __init__(self, server, reader, writer):
        self.server = server
        self.reader = reader
        self.writer = writer

    async def serve(self):
        try:
            while (head := await self.read_head()) is not None:
                method, target, headers = head
                body = await self.reader.readexactly(int(headers.get("content-length", 0)))
                await self.answer(method, target, headers, body)
        except (Cut, Gone, ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.writer.transport.abort()

    async def read_head(self):
        try:
            text = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except asyncio.IncompleteReadError:
            return None
        first, *lines = text.rstrip("\r\n").split("\r\n")
        method, target, _ = first.split(" ")
        return method, target, {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}

    async def answer(self, method, target, headers, body):
        parts = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path in ("/seen", "/ended", "/sent", "/release"):
            base = self.server.base(query["base"])
            if parts.path == "/release":
                base.released.set()
            if parts.path == "/ended":
                await self.unless_gone(base.until_ended(int(query.get("count", 1))))
            if parts.path == "/sent":
                await self.unless_gone(base.until_sent(int(query.get("count", 1))))
            return await self.reply(200, dump(base.requests).encode(), {})
        name, text, *rest = parts.path.lstrip("/").split("/", 2)
        await self.provide(name, text, "/" + (rest[0] if rest else ""), method, headers, body)

    async def provide(self, name, text, path, method, headers, body):
        base = self.server.base(f"/{name}/{text}")
        dialect, script = DIALECTS[name], Script(unquote(text))
        request = {"path": path, "headers": headers, "body": json.loads(body or b"null"), "tokens": 0, "end": None}
        base.requests.append(request)
        if "times" in script and len(base.requests) > script.number("times"):
            script = script.faultless()
        try:
            await self.perform(dialect, script, path, method, request, base)
            await base.end(request, "answered")
        except Cut:
            await base.end(request, "cut")
            raise
        except (Gone, ConnectionError):
            await base.end(request, "gone")
            raise

    async def perform(self, dialect, script, path, method, request, base):
        if script.text("hang") == "head":
            await self.hang(base)
        if "redirect" in script:
            return await self.reply(307, b"", {"Location": script.text("redirect")})
        if (method, path) != ("POST", dialect.path):
            return await self.reply(404, dump(dialect.error(404, "not_found")).encode(), {})
        if not dialect.is_authorized(request["headers"]):
            return await self.reply(401, dump(dialect.error(401, "invalid_api_key")).encode(), {})
        if "status" in script:
            status = script.number("status")
            more = {"Retry-After": script.text("retry-after")} if "retry-after" in script else {}
            return await self.reply(status, dump(dialect.error(status, script.text("code"))).encode(), more)
        await self.stream(dialect(script, request["body"]), script, request, base)

    async def hang(self, base):
        await self.unless_gone(base.released.wait())

    async def unless_gone(self, wait):
        """Waits, or notices that the client goes: it sends nothing while it is answered, so any byte is its end."""
        waiting, going = asyncio.ensure_future(wait), asyncio.ensure_future(self.reader.read(1))
        await asyncio.wait([waiting, going], return_when=asyncio.FIRST_COMPLETED)
        if not waiting.done():
            waiting.cancel()
            raise Gone
        if going.done():
            raise Gone
        going.cancel()
        await asyncio.gather(going, return_exceptions=True)

    # -- what goes out

    async def reply(self, status, body, headers):
        lines = [f"HTTP/1.1 {status} Stand-in", "Content-Type: application/json", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await self.writer.drain()

    async def stream(self, dialect, script, request, base):
        lines = ["HTTP/1.1 200 Stand-in", f"Content-Type: {dialect.media}", "X-Request-Id: req_1"]
        lines += [f"X-Large: {'x' * script.number('head-bytes')}"] if "head-bytes" in script else []
        lines += ["Connection: close"] if "open-ended" in script else ["Transfer-Encoding: chunked"]
        self.writer.write("\r\n".join([*lines, "", ""]).encode())
        await self.writer.drain()
        if script.text("hang") == "start":
            await self.hang(base)
        comment = dialect.comment if "comments" in script else ""
        await self.send(dialect.bytes(comment + dialect.begin()), script)
        middle = len(script.tokens) // 2
        for index, text in enumerate(script.tokens):
            if "pace" in script:
                await self.pace(script.number("pace"))
            for word, make in (("error", dialect.error_event), ("garbage", dialect.garbage)):
                if word in script and index == script.number(word, middle):
                    await self.send(dialect.bytes(make()), script)
                    return await self.close_body(script)
            if "hang" in script and index == script.number("hang", -1):
                await self.hang(base)
            piece = dialect.bytes(comment + dialect.token(index, text))
            if script.text("cut") in ("character", "line") and index >= middle:
                await self.cut(piece, script.text("cut"), script)
            await self.send(piece, script)
            async with base.news:
                request["tokens"] += 1
                base.news.notify_all()
        if script.text("cut") == "end":
            raise Cut
        await self.send(dialect.bytes(dialect.finish()), script)
        if "no-done" not in script:
            await self.send(dialect.bytes(dialect.done()), script)
        await self.close_body(script)

    async def cut(self, piece, where, script):
        if where == "character":
            places = [index for index in range(len(piece)) if piece[index] & 0xC0 == 0x80]
            if not places:
                return
            place = places[0]
        else:
            place = len(piece) // 2
        await self.send(piece[:place], script)
        raise Cut

    async def send(self, data, script):
        size = script.number("bytes", len(data)) or 1
        for start in range(0, len(data), size):
            piece = data[start : start + size]
            whole = piece if "open-ended" in script else b"%x\r\n%s\r\n" % (len(piece), piece)
            self.writer.write(whole)
            await self.writer.drain()
        if self.reader.at_eof() or self.writer.is_closing():
            raise Gone

    async def close_body(self, script):
        if "open-ended" in script:
            await self.writer.drain()
            self.writer.close()
            await self.writer.wait_closed()
            return
        self.writer.write(b"0\r\n\r\n")
        await self.writer.drain()

    async def pace(self, milliseconds):
        done = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_later(milliseconds / 1000, lambda: done.done() or done.set_result(None))
        await self.unless_gone(done)


class Server:
    def __init__(self):
        self.bases = {}

    def base(self, path):
        return self.bases.setdefault(unquote(path), Base())

    async def connected(self, reader, writer):
        await Peer(self, reader, writer).serve()


async def main(port):
    listener = await asyncio.start_server(Server().connected, "127.0.0.1", port, limit=1 << 20)
    print(f"listening on http://127.0.0.1:{listener.sockets[0].getsockname()[1]}", flush=True)
    # Ends with whoever started it: their end of the pipe closes.
    end = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await end


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 0))
