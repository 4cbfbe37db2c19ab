"""Asks the model of the settings one small thing, and says what came of it, step by step."""

import time
import warnings
from collections.abc import Iterator
from typing import Annotated

from pydantic import Field
from pydantic_ai.models import parse_model_id

from planning_review.check_step import Step
from planning_review.errors import PermanentError
from planning_review.model.connect import connect
from planning_review.model.ledger import BudgetReached, Ledger
from planning_review.model.lenient import Answer
from planning_review.model.metering import NoAnswer
from planning_review.model.session import ModelSession
from planning_review.parameters import EVIDENCE_MODEL
from planning_review.settings import Settings

_MOST_TOKENS = 1000
_SYSTEM = "This only tries whether you can be reached. Answer with the tool that you are given."


class ReadyAnswer(Answer):
    """The answer to the trial."""

    word: Annotated[str, Field(description='The word "ready".')]


def check_model(settings: Settings) -> Iterator[Step]:
    """Yield each step as it passes; raise PlanningReviewError at the one that does not.

    One request is sent; it costs a fraction of a cent.
    """
    name = settings.review_model
    if name == EVIDENCE_MODEL:
        asked = "reviews are made by rules, and no model is asked. PLANNING_REVIEW_MODEL sets one."
        yield Step("name", f"{EVIDENCE_MODEL}: {asked}")
        return
    connected = connect(name, settings)
    provider, model_name = parse_model_id(name)
    ledger = Ledger(provider or "", model_name, settings.model_budget_usd, settings.model_budget_tokens)
    yield Step("name", name)
    yield Step("address", str(connected.model.base_url or "the provider's own"))
    can = connected.abilities
    said = ", ".join(name for name, can_do in (("tools", can.tools), ("pictures", can.images)) if can_do)
    yield Step("taken to have", f"{said or 'neither tools nor pictures'} (PLANNING_MODEL_CAN sets it)")
    begun = time.monotonic()
    with (
        warnings.catch_warnings(record=True) as caught,
        ModelSession(
            connected, ledger, _SYSTEM, settings.model_timeout_seconds, {"give_answer": ReadyAnswer}
        ) as session,
    ):
        warnings.simplefilter("always")
        _ask(session, name)
    yield Step("answer", f"came in {time.monotonic() - begun:.1f} seconds, in the form asked for")
    tokens, cost = ledger.tokens(), ledger.cost_usd()
    price = "price not known, so no budget can be held" if cost is None else f"${cost:.6f}"
    yield Step("use", f"{tokens['input']} tokens in, {tokens['output']} out, {price}", cost is None)
    for warning in caught:
        if issubclass(warning.category, DeprecationWarning) and model_name in str(warning.message):
            yield Step("notice", " ".join(str(warning.message).split()), is_warning=True)


def _ask(session: ModelSession, name: str) -> None:
    try:
        session.ask("check", ReadyAnswer, ['Answer with the word "ready".'], _MOST_TOKENS)
    except NoAnswer as error:
        raise PermanentError(
            f"{name} {error}: it can be reached, but not used. Set PLANNING_REVIEW_MODEL to another model, "
            "or to evidence."
        ) from None
    except BudgetReached:
        raise PermanentError(
            f"One request to {name} may cost more than PLANNING_MODEL_BUDGET_USD allows. Raise it."
        ) from None
