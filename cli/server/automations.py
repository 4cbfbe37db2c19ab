"""The automations: one file each in `automations/`, checked and put on the server by `make deploy`.

A misspelt key or event in a file is refused, where Prefect ignores it.
"""

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

import yaml
from jinja2 import Environment, TemplateSyntaxError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from cli.project_folder import PROJECT_FOLDER
from cli.validation import describe_errors
from planning_review.errors import UsageError
from planning_review.yaml_files import read_yaml

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.events.actions import ActionTypes
    from prefect.events.schemas.automations import Automation, AutomationCore, EventTrigger

FOLDER = PROJECT_FOLDER / "automations"
NAME_PREFIX = "planning-"
TAG = "planning-review"
ONCE_WITHIN_SECONDS = 5
"""No end of the same run is told again within it.

On SQLite a busy server reads an event again after `database is locked`, for all its automations:
with Prefect's default of 0 one failure was told three times.
"""

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


def load_automation_file(path: Path) -> AutomationFile:
    """Read one file; raises UsageError with the file and the key where it is wrong."""
    try:
        return AutomationFile.model_validate(read_yaml(path))
    except ValidationError as error:
        raise UsageError(f"{path}: {describe_errors(error)}") from None
    except yaml.YAMLError as error:
        raise UsageError(f"{path} is not YAML: {error}") from None


@dataclass(frozen=True)
class _Choice:
    """The action for a file on this server, None while there is no block for it, and why."""

    action: "ActionTypes | None"
    why: str


def apply_automations(server_url: str, folder: Path = FOLDER) -> int:
    """Create or update every automation of a folder on the server, and print a line for each.

    Run again it changes nothing; one that a person paused stays paused. Raises UsageError, before
    anything is changed, where a file is wrong. Needs Prefect's environment; returns 0.
    """
    from prefect.client.orchestration import get_client

    files = {path: load_automation_file(path) for path in sorted(folder.glob("*.yaml"))}
    with get_client(sync_client=True) as client:
        for path, file in files.items():
            name = f"{NAME_PREFIX}{path.stem}"
            choice = _choose_action(client, file, server_url)
            is_on = _save(client, _build(name, file, choice.action), has_action=choice.action is not None)
            why = choice.why
            if choice.action is not None and not is_on:
                why = "paused in Prefect: switch it on there, on the Automations page"
            print(f"Automation {name}: {'on' if is_on else 'off'}, {why}")
    return 0


def _build(name: str, file: AutomationFile, action: "ActionTypes | None") -> "AutomationCore":
    from prefect.events.actions import DoNothing
    from prefect.events.schemas.automations import AutomationCore

    return AutomationCore(
        name=name,
        description=file.description,
        tags=[TAG],
        enabled=action is not None,
        trigger=_build_trigger(file.trigger),
        actions=[action or DoNothing()],
    )


def _build_trigger(part: TriggerPart) -> "EventTrigger":
    from prefect.events.schemas.automations import EventTrigger

    if part.after:
        timing = {"posture": "Proactive", "within": part.within_seconds}
    else:
        timing = {"posture": "Reactive", "within": ONCE_WITHIN_SECONDS}
    return EventTrigger.model_validate(
        {
            "match": {"prefect.resource.id": "prefect.flow-run.*"},
            # By the flow's name, since runs of the command line have no deployment.
            "match_related": {"prefect.resource.role": "flow", "prefect.resource.name": part.flows},
            "after": part.after,
            "expect": part.expect,
            "for_each": ["prefect.resource.id"],
            **timing,
        }
    )


def _choose_action(client: "SyncPrefectClient", file: AutomationFile, server_url: str) -> _Choice:
    from prefect.events.actions import CallWebhook, ChangeFlowRunState, SendNotification

    if file.set_state is not None:
        change = ChangeFlowRunState.model_validate(
            {"state": file.set_state.type, "message": file.set_state.message}
        )
        return _Choice(change, "needs no block")
    assert file.notify is not None  # noqa: S101 (the validator holds it)
    name = file.notify.block
    again = "then run `make deploy` again."
    blocks = _find_blocks(client, name)
    if not blocks:
        return _Choice(
            None, f"save a Webhook or notification block named {name} in Prefect's Blocks page, {again}"
        )
    if len(blocks) > 1:
        slugs = ", ".join(sorted(block["block_type"]["slug"] for block in blocks))
        return _Choice(None, f"several blocks are named {name} ({slugs}): delete all but one, {again}")
    (block,) = blocks
    slug = block["block_type"]["slug"]
    # The server knows its own address only where PREFECT_UI_URL or PREFECT_API_URL told it.
    fallback = f"{server_url}/runs/flow-run/"
    link = f"{{% set link = (flow_run | ui_url) or ('{fallback}' ~ flow_run.id) %}}"
    subject, body = file.notify.subject, file.notify.body
    if slug == "webhook":
        call = CallWebhook(block_document_id=block["id"], payload=link + _build_payload(subject, body))
        return _Choice(call, f"calls webhook/{name}")
    if "notify" in block["block_schema"]["capabilities"]:
        send = SendNotification(block_document_id=block["id"], subject=link + subject, body=link + body)
        return _Choice(send, f"notifies through {slug}/{name}")
    return _Choice(
        None, f"{slug}/{name} can't notify: give a Webhook or notification block that name, {again}"
    )


def _build_payload(subject: str, body: str) -> str:
    """Return the template of a JSON object; `tojson` quotes whatever a message holds."""
    fields = {
        "subject": "subject",
        "body": "body",
        "automation": "automation.name",
        "flow_run_id": "flow_run.id | string",
        "flow_run": "flow_run.name",
        "state": "flow_run.state.name",
        "message": "flow_run.state.message",
        "link": "link",
    }
    pairs = ", ".join(
        f'"{key}": {{{{ ({value}) | default(none) | tojson }}}}' for key, value in fields.items()
    )
    return f"{{% set subject %}}{subject}{{% endset %}}{{% set body %}}{body}{{% endset %}}{{{pairs}}}"


def _find_blocks(client: "SyncPrefectClient", name: str) -> list[dict[str, Any]]:
    """Return the saved blocks of a name, of every type, without their secrets."""
    asked = {"block_documents": {"name": {"any_": [name]}}, "include_secrets": False}
    found: list[dict[str, Any]] = client.request("POST", "/block_documents/filter", json=asked).json()
    return found


def _save(client: "SyncPrefectClient", wanted: "AutomationCore", *, has_action: bool) -> bool:
    """Create the automation or update the one of its name; returns whether it is on now."""
    existing = next(iter(client.read_automations_by_name(wanted.name)), None)
    if existing is None:
        client.create_automation(wanted)
        return wanted.enabled
    was_waiting = all(action.type == "do-nothing" for action in existing.actions)
    enabled = has_action and (was_waiting or existing.enabled)
    if _compare_by(existing) != _compare_by(wanted):
        # A new trigger forgets the runs that it was watching, so that only a change may bring one.
        client.update_automation(existing.id, wanted.model_copy(update={"enabled": enabled}))
    elif enabled != existing.enabled:
        (client.resume_automation if enabled else client.pause_automation)(existing.id)
    return enabled


def _compare_by(automation: "Automation | AutomationCore") -> dict[str, Any]:
    return automation.model_dump(include={"description", "tags", "trigger", "actions"})
