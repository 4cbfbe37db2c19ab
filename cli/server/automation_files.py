"""What a file of `automations/` holds: a misspelt key or event is refused, where Prefect ignores it."""

from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from jinja2 import Environment, TemplateSyntaxError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from cli.validation import describe_errors
from planning_review.errors import UsageError

_STATES = """
    Scheduled Late AwaitingRetry AwaitingConcurrencySlot Pending Running Retrying Paused Suspended Resuming
    Cancelling Cancelled Completed CompletedWithWarnings Failed TimedOut Crashed
"""
EVENTS = ["prefect.flow-run.heartbeat", *(f"prefect.flow-run.{state}" for state in _STATES.split())]
"""What can be waited for: Prefect names the event of a state after the state's name, ours included."""


def _check_event(event: str) -> str:
    if event not in EVENTS:
        near = get_close_matches(event, EVENTS, n=1)
        raise ValueError(f"{event!r} is no event of a run" + (f"; {near[0]} is" if near else ""))
    return event


def _check_template(template: str) -> str:
    try:
        Environment(autoescape=True).parse(template)
    except TemplateSyntaxError as error:
        raise ValueError(f"is no template that Jinja reads: {error.message}") from None
    return template


Event = Annotated[str, AfterValidator(_check_event)]
Template = Annotated[str, Field(min_length=1), AfterValidator(_check_template)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TriggerPart(_Part):
    """When it acts, once for each run of the flows: an expected event came.

    With `after` and `within_seconds` the other way round: after one of those events none of the
    expected ones came in time. Prefect's minimum for that is 10 seconds.
    """

    flows: list[str] = Field(min_length=1)
    expect: list[Event] = Field(min_length=1)
    after: list[Event] = []
    within_seconds: int | None = Field(None, ge=10)

    @model_validator(mode="after")
    def _has_both_or_neither(self) -> Self:
        if bool(self.after) != (self.within_seconds is not None):
            raise ValueError("`after` and `within_seconds` go together")
        return self


class Notice(_Part):
    """What is told, through which block: Jinja templates as Prefect's own, and `link` to the run."""

    block: str = "planning-notifications"
    subject: Template
    body: Template


class StateChange(_Part):
    """The state that the run is given, where Prefect allows the change; the message is no template."""

    type: Literal["CRASHED", "CANCELLED"]
    message: str = Field(min_length=1)


class AutomationFile(_Part):
    """One file of `automations/`; the automation's name comes from the file's."""

    description: str
    trigger: TriggerPart
    notify: Notice | None = None
    set_state: StateChange | None = None

    @model_validator(mode="after")
    def _does_one_thing(self) -> Self:
        if (self.notify is None) == (self.set_state is None):
            raise ValueError("it needs either `notify` or `set_state`")
        return self


def read_automation_file(path: Path) -> AutomationFile:
    """Read one file; raises UsageError with the file and the key where it is wrong."""
    try:
        return AutomationFile.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        raise UsageError(f"{path}: {describe_errors(error)}") from None
    except yaml.YAMLError as error:
        raise UsageError(f"{path} is not YAML: {error}") from None
