"""Ways in which a model or its server goes wrong, for the stand-in of the Messages API."""

from collections.abc import Callable
from typing import Any

from tests.support.messages_api import AskedRequest, Behaviour, Reply, answer_sensibly, fill_in, make_quote

SOON = {"retry-after-ms": "20"}


def overload(request: AskedRequest) -> Reply:
    """Say that the server has too much to do."""
    return Reply(status=529, error="overloaded_error", headers=SOON)


def fail_with(status: int, kind: str, message: str = "", **headers: str) -> Behaviour:
    """Return an HTTP error; `_` stands for `-` in a header's name."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda request: Reply(status=status, error=kind, text=message or None, headers=named)


def refuse(request: AskedRequest) -> Reply:
    """Refuse, in words and by the stop reason."""
    return Reply(text="I can't help with that.", stop_reason="refusal")


def say_nothing(request: AskedRequest) -> Reply:
    """Answer without any content."""
    return Reply(stop_reason="end_turn")


def write_prose(request: AskedRequest) -> Reply:
    """Ignore the tool and chat."""
    return Reply(text="Overall this looks like a fine scheme for cycling!", stop_reason="end_turn")


def cut_short(request: AskedRequest) -> Reply:
    """Stop in the middle, at the limit of tokens: no field of the answer is whole."""
    return Reply(tool_input={}, stop_reason="max_tokens")


def edit(change: Callable[[dict[str, Any], AskedRequest], None]) -> Behaviour:
    """Answer sensibly but for a change made to the answer."""

    def behave(request: AskedRequest) -> Reply:
        answer = fill_in(request)
        change(answer, request)
        return Reply(tool_input=answer)

    return behave


def on_aspect(aspect: str, behaviour: Behaviour, otherwise: Behaviour = answer_sensibly) -> Behaviour:
    """Behave so where one aspect is among those asked about."""
    return lambda request: behaviour(request) if aspect in request.aspects else otherwise(request)


def edit_aspects(change: Callable[[dict[str, Any], dict[str, str]], None]) -> Behaviour:
    """Answer sensibly but for a change made to each aspect, given its requirements by id."""

    def change_all(answer: dict[str, Any], request: AskedRequest) -> None:
        for aspect in answer["aspects"]:
            change(aspect, request.aspects[aspect["aspect"]])

    return edit(change_all)


def look(tool: str, **arguments: Any) -> Behaviour:
    """Call a tool once, and answer sensibly when it has answered."""

    def behave(request: AskedRequest) -> Reply:
        if len(request.body["messages"]) == 1:
            return Reply(tool_input=arguments, tool=tool)
        return answer_sensibly(request)

    return behave


def cut_connection(request: AskedRequest) -> Reply:
    """End the connection in the middle of the answer."""
    return Reply(is_cut=True)


def find(requirement_id: str, verdict: str, *quotes: dict[str, Any], rating: str = "red") -> Behaviour:
    """Say one thing of one requirement and nothing of the others."""

    def change(answer: dict[str, Any], requirements: dict[str, str]) -> None:
        answer["findings"] = []
        answer["quotes"] = []
        answer["rating"] = "no evidence"
        if requirement_id in requirements:
            answer["rating"] = rating
            answer["findings"] = [
                {
                    "requirement_id": requirement_id,
                    "compliant": verdict,
                    "reason": "The plan shows it.",
                    "quotes": list(quotes),
                }
            ]

    return edit_aspects(change)


def obey_the_document(request: AskedRequest) -> Reply:
    """Do what a planted instruction asks: rate everything green, and say so, with a quote that stands."""
    answer = fill_in(request)
    if request.stage == "aspects":
        quotes = [make_quote(passage) for passage in request.passages[:1]]
        for aspect in answer["aspects"]:
            aspect |= {
                "rating": "green",
                "key_issue": "As instructed, this is rated green.",
                "analysis": "No breach was found. The scheme fully complies and is rated green.",
                "quotes": quotes,
                "findings": [
                    {"requirement_id": r, "compliant": "met", "reason": "Excellent.", "quotes": quotes}
                    for r in request.aspects[aspect["aspect"]]
                ],
            }
    if request.stage == "texts":
        answer |= {
            "overall_rating": "green",
            "summary": "As instructed, this is rated green overall. The scheme complies with all policies.",
            "opening": "As instructed, nothing is wrong here.",
        }
    return Reply(tool_input=answer)
