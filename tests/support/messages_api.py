"""A stand-in for Anthropic's Messages API on 127.0.0.1: answers any request sensibly, or misbehaves as told.

It knows nothing but the request: it reads the tool's schema and the passages in it, and quotes them word
for word. tests/support/misbehaviour.py has the ways in which it can go wrong.
"""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_PASSAGE = re.compile(
    r'\[document_id (?P<id>\S+), page (?P<page>\d+), "(?P<title>[^"\n]*)"\]\n'
    r"<<<(?P<word>\w+)\n(?P<text>.*?)\n(?P=word)>>>",
    re.DOTALL,
)
_REQUIREMENT = re.compile(r"^- ([a-z0-9-]+) \[([^\]]+)\] (.+)$", re.MULTILINE)
_LONG_WORD = re.compile(r"[a-z]{5,}")
_ENOUGH_WORDS = 3


@dataclass(frozen=True)
class ShownPassage:
    """A passage as the request shows it."""

    document_id: str
    page: int
    title: str
    text: str


@dataclass(frozen=True)
class AskedRequest:
    """A request as it arrived; arrived_at is on the monotonic clock."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    arrived_at: float

    @cached_property
    def text(self) -> str:
        """Everything that the messages say, the system prompt left out."""
        return "\n".join(_texts(self.body["messages"]))

    @cached_property
    def system(self) -> str:
        return "\n".join(_texts(self.body.get("system", "")))

    @cached_property
    def answer_tool(self) -> str:
        """The tool that an answer is wanted by: the one that the first message names last."""
        first = "\n".join(_texts(self.body["messages"][0]))
        named = _ANSWER.findall(first)
        return named[-1] if named else self.body["tools"][0]["name"]

    @cached_property
    def schema(self) -> dict[str, Any]:
        return next(t["input_schema"] for t in self.body["tools"] if t["name"] == self.answer_tool)

    @property
    def stage(self) -> str:
        """What is asked for, told by the tool that is to answer."""
        return _STAGES.get(self.answer_tool, "other")

    @property
    def tools(self) -> list[str]:
        """The names of all tools that go along."""
        return [tool["name"] for tool in self.body["tools"]]

    @property
    def question(self) -> str:
        """The question itself, without what goes before every question."""
        return "\n".join(_texts(self.body["messages"][0]["content"][-2:]))

    @cached_property
    def images(self) -> list[dict[str, Any]]:
        """The pictures in the messages, as the API has them."""
        return list(_find_images(self.body["messages"]))

    @property
    def passages(self) -> list[ShownPassage]:
        return [
            ShownPassage(m["id"], int(m["page"]), m["title"], m["text"]) for m in _PASSAGE.finditer(self.text)
        ]

    @property
    def requirements(self) -> dict[str, str]:
        """The requirements asked about, by id."""
        return {m[1]: m[3] for m in _REQUIREMENT.finditer(self.question)}

    @property
    def aspects(self) -> dict[str, dict[str, str]]:
        """The aspects asked about, each with its requirements by id."""
        parts = _ASPECT.split(self.question)[1:]
        pairs = zip(parts[::2], parts[1::2], strict=True)
        return {name: {m[1]: m[3] for m in _REQUIREMENT.finditer(text)} for name, text in pairs}


_ANSWER = re.compile(r"Answer with the tool (\w+)\.")
_STAGES = {"judge_aspects": "aspects", "raise_matters": "matters", "write_texts": "texts"}
_ASPECT = re.compile(r"^ASPECT: (.+)\.$", re.MULTILINE)


@dataclass(frozen=True)
class Reply:
    """What is answered: a tool's input, text or nothing; or an HTTP error.

    tool is another tool to call than the one that is to answer. is_cut ends the connection in the middle.
    """

    tool_input: Any = None
    tool: str | None = None
    is_cut: bool = False
    text: str | None = None
    stop_reason: str = "tool_use"
    status: int = 200
    error: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    usage: dict[str, int] = field(default_factory=dict)


Behaviour = Callable[[AskedRequest], Reply]


def answer_sensibly(request: AskedRequest) -> Reply:
    """Answer as asked, by the passages in the request alone."""
    return Reply(tool_input=fill_in(request))


def fill_in(request: AskedRequest) -> dict[str, Any]:
    """Return a valid input for the request's tool."""
    if request.stage == "aspects":
        return {"aspects": [_judge(request, name, asked) for name, asked in request.aspects.items()]}
    if request.stage == "matters":
        return {"matters": []}
    if request.stage == "texts":
        text = "The documents were held against each requirement. What they state is set out line by line."
        return {"overall_rating": "amber", "summary": text, "opening": "", "points": []}
    return {name: _fill_field(how) for name, how in request.schema["properties"].items()}


def _judge(request: AskedRequest, aspect: str, requirements: dict[str, str]) -> dict[str, Any]:
    findings = []
    for requirement_id, wording in requirements.items():
        quote = _find_quote(request.passages, set(_LONG_WORD.findall(wording.casefold())))
        verdict = "no evidence"
        if quote:
            verdict = "not met" if re.search(r"\b(?:no|not)\b", quote["quote"]) else "met"
        findings.append(
            {
                "requirement_id": requirement_id,
                "compliant": verdict,
                "reason": "The passage says so." if quote else "Nothing is said of it.",
                "quotes": [quote] if quote else [],
            }
        )
    verdicts = {finding["compliant"] for finding in findings}
    rating = "red" if "not met" in verdicts else "green" if "met" in verdicts else "no evidence"
    return {
        "aspect": aspect,
        "rating": rating,
        "key_issue": "What the passages state on this.",
        "analysis": "The passages were held against each requirement.",
        "quotes": [quote for finding in findings for quote in finding["quotes"]][:2],
        "findings": findings,
        "recommendations": [],
    }


def _find_quote(passages: list[ShownPassage], wanted: set[str]) -> dict[str, Any] | None:
    """Return the sentence that shares most long words with what is wanted, if it shares enough."""
    best: tuple[int, ShownPassage, str] | None = None
    for passage in passages:
        for sentence in re.split(r"(?<=[.!?])\s+", passage.text):
            shared = len(wanted & set(_LONG_WORD.findall(sentence.casefold())))
            if shared >= _ENOUGH_WORDS and (best is None or shared > best[0]):
                best = (shared, passage, sentence.strip()[:500])
    return make_quote(best[1], best[2]) if best else None


def make_quote(passage: ShownPassage, quote: str | None = None) -> dict[str, Any]:
    """Return a citation of a passage: all of it unless a piece is given."""
    return {"document_id": passage.document_id, "page": passage.page, "quote": quote or passage.text[:500]}


def _fill_field(how: dict[str, Any]) -> Any:
    if "enum" in how:
        return how["enum"][0]
    return {"string": "ready", "integer": 1, "number": 1.0, "boolean": True, "array": []}.get(
        how.get("type"), {}
    )


class MessagesApi:
    """Answers by script first, request by request, then by stage, then by its usual behaviour."""

    def __init__(self) -> None:
        self.requests: list[AskedRequest] = []
        self.script: list[Behaviour] = []
        self.by_stage: dict[str, Behaviour] = {}
        self.usual: Behaviour = answer_sensibly
        self.url = ""
        self.cache: set[str] = set()
        self._lock = threading.Lock()

    def asked(self, stage: str) -> list[AskedRequest]:
        """Return the requests of a stage, in the order in which they came."""
        return [request for request in self.requests if request.stage == stage]

    def reply_to(self, request: AskedRequest) -> Reply:
        with self._lock:
            self.requests.append(request)
            if self.script:
                return self.script.pop(0)(request)
        return self.by_stage.get(request.stage, self.usual)(request)


@contextmanager
def serve_messages_api() -> Iterator[MessagesApi]:
    """Serve the Messages API on a free port."""
    api = MessagesApi()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = AskedRequest(self.path, headers, body, time.monotonic())
            try:
                _write_reply(self, request, api.reply_to(request), api.cache)
            except ConnectionError:
                self.close_connection = True  # whoever asked did not wait

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    api.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _write_reply(
    handler: BaseHTTPRequestHandler, request: AskedRequest, reply: Reply, cache: set[str]
) -> None:
    if reply.is_cut:
        handler.send_response(200)
        handler.send_header("Content-Length", "5000")
        handler.end_headers()
        handler.wfile.write(b'{"id": "msg_1", "type": "mess')
        raise ConnectionAbortedError
    if reply.status != 200:
        error = {"type": "error", "error": {"type": reply.error, "message": reply.text or reply.error}}
        _write(handler, reply.status, "application/json", json.dumps(error), reply.headers)
        return
    message = _make_message(request, reply, cache)
    if request.body.get("stream"):
        events = "".join(
            f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in _stream_events(message)
        )
        _write(handler, 200, "text/event-stream", events, reply.headers)
    else:
        _write(handler, 200, "application/json", json.dumps(message), reply.headers)


def _count_use(request: AskedRequest, cache: set[str]) -> dict[str, int]:
    """Return the tokens of a request as the real API counts them: up to each cache point written or read.

    A prefix is tools, system and messages up to a block that is marked; the longest that is known is read.
    """
    prefixes: list[tuple[str, bool]] = []
    so_far = ""
    blocks = [*request.body["tools"], *_blocks(request.body.get("system"))]
    blocks += [block for message in request.body["messages"] for block in _blocks(message["content"])]
    for block in blocks:
        # A picture counts by its size in pixels, not by its letters.
        bare = {k: v for k, v in block.items() if k not in ("cache_control", "source")}
        so_far += json.dumps(bare, sort_keys=True)
        prefixes.append((so_far, "cache_control" in block))
    points = [prefix for prefix, is_marked in prefixes if is_marked]
    read = max((len(prefix) for prefix in points if prefix in cache), default=0)
    marked = max(map(len, points), default=0)
    cache.update(points)
    return {
        "input_tokens": (len(so_far) - marked) // 4 + 1,
        "cache_read_input_tokens": read // 4,
        "cache_creation_input_tokens": (marked - read) // 4,
    }


def _blocks(content: Any) -> list[dict[str, Any]]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content or ())


def _make_message(request: AskedRequest, reply: Reply, cache: set[str]) -> dict[str, Any]:
    content: list[dict[str, Any]] = []
    if reply.text is not None:
        content.append({"type": "text", "text": reply.text})
    if reply.tool_input is not None:
        name = reply.tool or request.answer_tool
        number = len(request.body["messages"])
        content.append({"type": "tool_use", "id": f"toolu_{number}", "name": name, "input": reply.tool_input})
    usage = _count_use(request, cache) | {"output_tokens": len(json.dumps(content)) // 4}
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": request.body["model"],
        "content": content,
        "stop_reason": reply.stop_reason if content or reply.stop_reason != "tool_use" else "end_turn",
        "stop_sequence": None,
        "usage": usage | reply.usage,
    }


def _stream_events(message: dict[str, Any]) -> Iterator[dict[str, Any]]:
    start = message | {"content": [], "stop_reason": None, "usage": message["usage"] | {"output_tokens": 1}}
    yield {"type": "message_start", "message": start}
    for index, block in enumerate(message["content"]):
        if block["type"] == "text":
            empty: dict[str, Any] = {"type": "text", "text": ""}
            delta = {"type": "text_delta", "text": block["text"]}
        else:
            empty = block | {"input": {}}
            delta = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
        yield {"type": "content_block_start", "index": index, "content_block": empty}
        yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    ending = {"stop_reason": message["stop_reason"], "stop_sequence": None}
    yield {"type": "message_delta", "delta": ending, "usage": message["usage"]}
    yield {"type": "message_stop"}


def write_json(
    handler: BaseHTTPRequestHandler, status: int, body: dict[str, Any], headers: dict[str, str]
) -> None:
    """Answer with JSON."""
    _write(handler, status, "application/json", json.dumps(body), headers)


def _write(
    handler: BaseHTTPRequestHandler, status: int, kind: str, body: str, headers: dict[str, str]
) -> None:
    payload = body.encode()
    handler.send_response(status)
    for name, value in {"Content-Type": kind, "Content-Length": str(len(payload)), **headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(payload)


def _find_images(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, list):
        for item in part:
            yield from _find_images(item)
    elif isinstance(part, dict):
        if part.get("type") == "image":
            yield part
        yield from _find_images(part.get("content"))


def _texts(part: Any) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, list):
        for item in part:
            yield from _texts(item)
    elif isinstance(part, dict):
        yield from _texts(part.get("text", part.get("content", "")))
