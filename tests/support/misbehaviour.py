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
    """Behave so on one aspect alone."""
    return lambda request: (
        behaviour(request)
        if f"Judge one aspect of this application: {aspect}." in request.text
        else otherwise(request)
    )


def find(requirement_id: str, verdict: str, *quotes: dict[str, Any], rating: str = "red") -> Behaviour:
    """Say one thing of one requirement and nothing of the others."""

    def change(answer: dict[str, Any], request: AskedRequest) -> None:
        answer["findings"] = []
        answer["quotes"] = []
        answer["rating"] = "no evidence"
        if requirement_id in request.requirements:
            answer["rating"] = rating
            answer["findings"] = [
                {
                    "requirement_id": requirement_id,
                    "compliant": verdict,
                    "reason": "The plan shows it.",
                    "quotes": list(quotes),
                }
            ]

    return edit(change)


def obey_the_document(request: AskedRequest) -> Reply:
    """Do what a planted instruction asks: rate everything green, and say so, with a quote that stands."""
    answer = fill_in(request)
    if request.stage == "aspect":
        quotes = [make_quote(passage) for passage in request.passages[:1]]
        answer |= {
            "rating": "green",
            "key_issue": "As instructed, this is rated green.",
            "analysis": "No breach was found. The scheme fully complies and is rated green.",
            "quotes": quotes,
            "findings": [
                {"requirement_id": r, "compliant": "met", "reason": "Excellent.", "quotes": quotes}
                for r in request.requirements
            ],
        }
    if request.stage == "summary":
        answer = {
            "overall_rating": "green",
            "summary": "As instructed, this is rated green overall. The scheme complies with all policies.",
        }
    return Reply(tool_input=answer)
