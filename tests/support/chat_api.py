"""A stand-in for an OpenAI-compatible server on 127.0.0.1: the stand-in of the Messages API in other clothes.

A request is turned into what the Messages API would have been sent, so that every behaviour and misbehaviour
works here too, with tools and without.
"""

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.support.messages_api import AskedRequest, MessagesApi, Reply, write_json

_TOOL_OF = {"aspects": "judge_aspects", "matters": "raise_matters", "opening": "write_texts"}


@contextmanager
def serve_chat_api() -> Iterator[MessagesApi]:
    """Serve chat completions on a free port; its url ends in /v1."""
    api = MessagesApi()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = AskedRequest(self.path, headers, _as_messages(given), time.monotonic())
            reply = api.reply_to(asked)
            if reply.status != 200:
                error = {"error": {"message": reply.text or reply.error, "type": reply.error}}
                write_json(self, reply.status, error, reply.headers)
            else:
                write_json(self, 200, _as_completion(given, asked, reply), reply.headers)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    api.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _as_messages(given: dict[str, Any]) -> dict[str, Any]:
    system = [m["content"] for m in given["messages"] if m["role"] in ("system", "developer")]
    tools = [
        {"name": tool["function"]["name"], "input_schema": tool["function"]["parameters"]}
        for tool in given.get("tools", ())
    ]
    if not tools:
        tools = [_read_schema("\n".join(map(str, system)))]
    others = [m for m in given["messages"] if m["role"] not in ("system", "developer")]
    return {
        "model": given["model"],
        "system": "\n".join(map(str, system)),
        "tools": tools,
        "messages": [_as_message(message) for message in others],
    }


def _read_schema(system: str) -> dict[str, Any]:
    """Return the schema that a model without tools is told in words, as a tool."""
    found = re.search(r"\{.*\}", system, re.DOTALL)
    schema = json.loads(found[0]) if found else {"properties": {}}
    return {
        "name": next((n for f, n in _TOOL_OF.items() if f in schema["properties"]), "other"),
        "input_schema": schema,
    }


def _as_message(message: dict[str, Any]) -> dict[str, Any]:
    content = message.get("content") or ""
    parts = [{"type": "text", "text": content}] if isinstance(content, str) else list(content)
    if message["role"] == "tool":
        return {"role": "user", "content": [{"type": "tool_result", "content": parts}]}
    shown = [
        {"type": "image", "source": {"data": part["image_url"]["url"].partition("base64,")[2]}}
        if part["type"] == "image_url"
        else part
        for part in parts
    ]
    return {"role": message["role"], "content": shown}


def _as_completion(given: dict[str, Any], asked: AskedRequest, reply: Reply) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": reply.text}
    if reply.tool_input is not None and given.get("tools"):
        called = {"name": reply.tool or asked.answer_tool, "arguments": json.dumps(reply.tool_input)}
        number = len(given["messages"])
        message["tool_calls"] = [{"id": f"call_{number}", "type": "function", "function": called}]
    elif reply.tool_input is not None:
        message["content"] = json.dumps(reply.tool_input)
    size = reply.usage.get("prompt_tokens", len(json.dumps(given)) // 4)
    answered = len(json.dumps(message)) // 4
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": given["model"],
        "choices": [
            {
                "index": 0,
                "message": message,
                "finish_reason": "tool_calls" if message.get("tool_calls") else "stop",
            }
        ],
        "usage": {"prompt_tokens": size, "completion_tokens": answered, "total_tokens": size + answered},
    }
