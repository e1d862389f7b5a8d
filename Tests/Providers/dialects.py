"""How each provider streams: the bytes of an answer, one piece a token, and the body of an error."""

import json


def dump(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Events:
    """Server-sent events; a dialect says what is in them."""

    media = "text/event-stream; charset=utf-8"
    comment = ": keep-alive\n\n"

    def __init__(self, script, request):
        self.script = script
        self.request = request
        self.count = len(script.tokens)
        self.usage = "no-usage" not in script

    def event(self, data, name=None):
        head = f"event: {name}\n" if name else ""
        return f"{head}data: {data if isinstance(data, str) else dump(data)}\n\n"

    def bytes(self, text):
        return (text.replace("\n", "\r\n") if "crlf" in self.script else text).encode()

    def garbage(self):
        return 'data: {"choices": [}\n\n'


class Chat(Events):
    """Chat Completions."""

    path = "/chat/completions"
    identity = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1750000000, "model": "m"}
    extra = {}

    @staticmethod
    def is_authorized(headers):
        return headers.get("authorization") == "Bearer the-key"

    def chunk(self, choices, **members):
        return self.event({**self.identity, "choices": choices, **members})

    def choice(self, delta, reason=None):
        return [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}]

    def begin(self):
        usage = {"usage": None} if self.wants_usage else {}
        return self.chunk(self.choice({"role": "assistant", "content": "", "refusal": None}), **usage, **self.extra)

    @property
    def wants_usage(self):
        return self.usage and bool((self.request.get("stream_options") or {}).get("include_usage"))

    def token(self, index, text):
        return self.chunk(self.choice({"content": text}), obfuscation="x" * (index % 7))

    def counts(self):
        return {"prompt_tokens": 9, "completion_tokens": self.count, "total_tokens": 9 + self.count}

    def finish(self):
        reason = "content_filter" if "filter" in self.script else "stop"
        last = self.chunk(self.choice({}, reason))
        return last + (self.chunk([], usage=self.counts()) if self.wants_usage else "")

    def done(self):
        return "data: [DONE]\n\n"

    def error_event(self):
        return self.event({"error": {"message": "boom", "type": "server_error", "code": 500}}) + self.done()

    @staticmethod
    def error(status, code):
        return {"error": {"message": "no", "type": code or "error", "param": None, "code": code}}


class OpenAI(Chat):
    pass


class Compatible(Chat):
    """As llama.cpp's server: error codes are numbers, timings in the last chunk."""

    @staticmethod
    def error(status, code):
        return {"error": {"message": "no", "type": code or "unavailable_error", "code": status}}


class OpenRouter(Chat):
    comment = ": OPENROUTER PROCESSING\n\n"
    extra = {"provider": "Somebody"}
    wants_usage = property(lambda self: self.usage)

    def counts(self):
        return super().counts() | {"cost": 0.00014, "is_byok": False}

    def error_event(self):
        failure = {"code": 502, "message": "gone", "metadata": {"error_type": "provider_unavailable"}}
        return self.chunk(self.choice({"content": ""}, "error"), error=failure)

    @staticmethod
    def error(status, code):
        return {"error": {"code": status, "message": "no", "metadata": {"error_type": code} if code else {}}}


class Groq(Chat):
    extra = {"x_groq": {"id": "req_1"}}

    def finish(self):
        group = {"id": "req_1", "usage": self.counts() | {"queue_time": 0.01, "total_time": 0.2}}
        return self.chunk(self.choice({}, "stop"), **({"x_groq": group} if self.usage else {}))

    def error_event(self):
        return self.chunk(self.choice({}), x_groq={"id": "req_1", "error": "over capacity"})


class Responses(Events):
    path = "/responses"
    is_authorized = staticmethod(Chat.is_authorized)
    error = staticmethod(Chat.error)

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.number = -1

    def typed(self, kind, **members):
        self.number += 1
        return self.event({"type": kind, "sequence_number": self.number, **members}, kind)

    def response(self, status, **members):
        return {"id": "resp_1", "object": "response", "status": status, "model": "m", "output": [], **members}

    def begin(self):
        item = {"id": "msg_1", "type": "message", "status": "in_progress", "role": "assistant", "content": []}
        part = {"type": "output_text", "text": "", "annotations": []}
        return (
            self.typed("response.created", response=self.response("in_progress"))
            + self.typed("response.in_progress", response=self.response("in_progress"))
            + self.typed("response.output_item.added", output_index=0, item=item)
            + self.typed("response.content_part.added", item_id="msg_1", output_index=0, content_index=0, part=part)
        )

    def token(self, index, text):
        place = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
        return self.typed("response.output_text.delta", **place, delta=text, logprobs=[])

    def finish(self):
        place = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
        return self.typed("response.output_text.done", **place, text=self.script.answer)

    def done(self):
        counts = {"input_tokens": 9, "output_tokens": self.count, "total_tokens": 9 + self.count}
        usage = {"usage": counts} if self.usage else {}
        if "filter" in self.script:
            details = {"incomplete_details": {"reason": "content_filter"}}
            return self.typed("response.incomplete", response=self.response("incomplete", **details, **usage))
        return self.typed("response.completed", response=self.response("completed", **usage))

    def error_event(self):
        failure = {"code": "server_error", "message": "boom"}
        return self.typed("response.failed", response=self.response("failed", error=failure))

    def garbage(self):
        return 'event: response.output_text.delta\ndata: {"type"\n\n'


class Anthropic(Events):
    path = "/messages"
    comment = 'event: ping\ndata: {"type":"ping"}\n\n'

    @staticmethod
    def is_authorized(headers):
        return headers.get("x-api-key") == "the-key" and headers.get("anthropic-version") == "2023-06-01"

    def typed(self, kind, **members):
        return self.event({"type": kind, **members}, kind)

    def begin(self):
        message = {
            "id": "msg_1", "type": "message", "role": "assistant", "content": [], "model": "m",
            "stop_reason": None, "stop_sequence": None,
        }  # fmt: skip
        if self.usage:
            message["usage"] = {"input_tokens": 9, "output_tokens": 1}
        block = {"type": "text", "text": ""}
        return self.typed("message_start", message=message) + self.typed("content_block_start", index=0, content_block=block)

    def token(self, index, text):
        return self.typed("content_block_delta", index=0, delta={"type": "text_delta", "text": text})

    def finish(self):
        reason = "refusal" if "filter" in self.script else "end_turn"
        usage = {"usage": {"output_tokens": self.count}} if self.usage else {}
        delta = {"stop_reason": reason, "stop_sequence": None}
        return self.typed("content_block_stop", index=0) + self.typed("message_delta", delta=delta, **usage)

    def done(self):
        return self.typed("message_stop")

    def error_event(self):
        return self.typed("error", error={"type": "overloaded_error", "message": "Overloaded"})

    @staticmethod
    def error(status, code):
        return {"type": "error", "error": {"type": code or "api_error", "message": "no"}, "request_id": "req_1"}


class Yandex:
    path = "/completion"
    media = "application/json"
    comment = ""

    def __init__(self, script, request):
        self.script = script
        self.text = ""
        self.count = len(script.tokens)

    @staticmethod
    def is_authorized(headers):
        return headers.get("authorization") == "Api-Key the-key"

    def line(self, text, status, count):
        result = {"alternatives": [{"message": {"role": "assistant", "text": text}, "status": f"ALTERNATIVE_STATUS_{status}"}]}
        if "no-usage" not in self.script:
            # 64-bit integers are texts.
            counts = {"inputTextTokens": "9", "completionTokens": str(count), "totalTokens": str(9 + count)}
            result["usage"] = counts | {"completionTokensDetails": {"reasoningTokens": "0"}}
        return dump({"result": {**result, "modelVersion": "1"}}) + "\n"

    def bytes(self, text):
        return (text.replace("\n", "\r\n") if "crlf" in self.script else text).encode()

    def begin(self):
        return ""

    def token(self, index, text):
        self.text += text
        shown = self.text
        if "rewrite" in self.script and index == self.count // 2:
            shown = "Подождите. " + self.text
        return self.line(shown, "PARTIAL", index + 1)

    def finish(self):
        return ""

    def done(self):
        return self.line(self.text, "CONTENT_FILTER" if "filter" in self.script else "FINAL", self.count)

    def garbage(self):
        return '{"result":\n'

    def error_event(self):
        return dump(self.error(503, "14")) + "\n"

    @staticmethod
    def error(status, code):
        grpc = int(code) if code and code.isdigit() else {400: 3, 401: 16, 403: 7, 404: 5, 429: 8, 504: 4}.get(status, 14)
        return {"error": {"grpcCode": grpc, "httpCode": status, "message": "no", "httpStatus": "No", "details": []}}


DIALECTS = {
    "openai": OpenAI,
    "openai-responses": Responses,
    "anthropic": Anthropic,
    "openrouter": OpenRouter,
    "groq": Groq,
    "yandexgpt": Yandex,
    "openai-compatible": Compatible,
}
