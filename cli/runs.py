"""The runs of this project's flows as a Prefect server knows them, and which of them to retry."""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydantic import ValidationError

from planning_review.errors import UsageError
from planning_review.parameters import LetterParameters, ReviewParameters
from planning_review.references import HOME_COUNCIL, describe_review
from planning_review.scan.contract import ScanParameters
from planning_review.scan.description import describe_command

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.objects import FlowRun, State

Parameters = ReviewParameters | LetterParameters | ScanParameters

FLOWS: dict[str, type[Parameters]] = {
    "review-application": ReviewParameters,
    "write-letter": LetterParameters,
    "scan-register": ScanParameters,
}
"""The flows whose runs are looked at, with what each takes."""

WORK_POOL = "planning"
"""The pool whose workers do the runs of deployments."""

_ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
_GOING = ("SCHEDULED", "PENDING", "RUNNING", "PAUSED", "CANCELLING")
_PAGE_RUNS = 200
"""The most that a server hands out at once."""


@dataclass(frozen=True)
class Run:
    """One run. changed_at is when it came into its state; parameters are None if they don't fit its flow.

    message is its state's, as the run left it: it may repeat what a register or a document says.
    """

    id: UUID
    name: str
    flow: str
    state_type: str
    state_name: str
    changed_at: datetime
    parameters: Parameters | None
    deployment_id: UUID | None = None
    work_pool: str | None = None
    message: str = ""

    @property
    def is_going(self) -> bool:
        """Whether it has not ended yet."""
        return self.state_type not in _ENDED

    @property
    def is_retryable(self) -> bool:
        """Whether it ended with something that a retry may mend."""
        if self.parameters is None:
            # What was refused once is refused again.
            return False
        if self.state_type == "COMPLETED":
            return self.state_name == "CompletedWithWarnings"
        return not self.is_going

    @property
    def subject(self) -> tuple[str, ...]:
        """What it is about: runs with the same subject do each other's work."""
        if self.parameters is None:
            return (self.flow, str(self.id))
        if isinstance(self.parameters, ScanParameters):
            return (self.flow, self.parameters.model_dump_json())
        return (self.flow, self.parameters.council, self.parameters.reference)

    @property
    def command(self) -> str:
        """The command that makes such a run anew."""
        parameters = self.parameters
        if parameters is None:
            return "planning-review review REFERENCE"
        if isinstance(parameters, ScanParameters):
            return describe_command(parameters)
        if isinstance(parameters, LetterParameters):
            option = "" if parameters.council == HOME_COUNCIL else f" --council {parameters.council}"
            return f"planning-review letter {parameters.reference} --stance {parameters.stance}{option}"
        return describe_review(parameters.reference, parameters.council)

    def __str__(self) -> str:
        return f"{self.name} ({self.id})"


def find_run(client: "SyncPrefectClient", run_id: UUID) -> Run | None:
    """Return the run with an id, None where there is none; raises UsageError for another flow's."""
    from prefect.exceptions import ObjectNotFound

    try:
        found = client.read_flow_run(run_id)
        flow = client.read_flow(found.flow_id).name
    except ObjectNotFound:
        return None
    if flow not in FLOWS:
        raise UsageError(
            f"{run_id} is a run of the flow {flow}. Only runs of {', '.join(FLOWS)} are retried."
        )
    return _make_run(found, found.state, flow) if found.state else None


def walk_runs(client: "SyncPrefectClient", name: str | None = None) -> Iterator[Run]:
    """Yield the runs of our flows, of one name where it is given, the one that changed last first.

    Runs that a schedule has planned and that have not begun are left out.
    """
    going = sorted(_walk_states(client, _GOING, name), key=lambda run: run.changed_at, reverse=True)
    ended = _walk_states(client, _ENDED, name)
    return heapq.merge(going, ended, key=lambda run: run.changed_at, reverse=True)


def choose_run(runs: Iterable[Run], server_url: str, *, is_named: bool) -> Run:
    """Return the first run that a retry may mend; raises UsageError, saying why, where there is none.

    runs come with the latest change first. A run gives way to a later one of the same subject that
    has not ended. Where no run was named, also to a later one that completed without warnings, and
    those that a person cancelled are not picked.
    """
    settled: set[tuple[str, ...]] = set()
    refused: list[Run] = []
    for run in runs:
        is_picked = is_named or run.state_type != "CANCELLED"
        if run.is_retryable and is_picked and run.subject not in settled:
            return run
        refused.append(run)
        if run.is_going or not (is_named or run.is_retryable):
            settled.add(run.subject)
    if not refused:
        raise UsageError(
            f"There is no run on the Prefect server at {server_url} yet. Review an application first: "
            "planning-review review REFERENCE"
        )
    raise UsageError(_explain_refusal(refused, server_url, is_named=is_named))


def _explain_refusal(runs: Sequence[Run], server_url: str, *, is_named: bool) -> str:
    newest = runs[0]
    going = next((run for run in runs if run.is_going), None)
    if is_named and going is not None:
        return (
            f"{going} is {going.state_name} and has not ended: wait for it, or cancel it on "
            f"{server_url}/runs/flow-run/{going.id}. If the process that ran it is gone, do it anew: "
            f"{going.command}"
        )
    if is_named:
        return (
            f"{newest} completed without warnings: there is nothing to retry. To do it anew: {newest.command}"
        )
    said = [f"There is nothing to retry. The last run is {newest}, {newest.state_name}."]
    if any(run.is_retryable and run.state_type != "CANCELLED" for run in runs):
        said.append("After each one that failed, a later run of the same completed or has not ended.")
    cancelled = next((run for run in runs if run.state_type == "CANCELLED"), None)
    if cancelled is not None:
        said.append(
            f"One that was cancelled is retried when it is named: planning-review retry {cancelled.id}"
        )
    return " ".join(said)


def _walk_states(client: "SyncPrefectClient", states: Sequence[str], name: str | None) -> Iterator[Run]:
    from prefect.client.schemas.filters import FlowFilter, FlowRunFilter
    from prefect.client.schemas.sorting import FlowRunSort

    flow_filter = FlowFilter(name={"any_": list(FLOWS)})
    flows = {flow.id: flow.name for flow in client.read_flows(flow_filter=flow_filter)}
    run_filter = FlowRunFilter(
        state={"type": {"any_": list(states)}}, name={"any_": [name]} if name is not None else None
    )
    offset = 0
    while True:
        page = client.read_flow_runs(
            flow_filter=flow_filter,
            flow_run_filter=run_filter,
            sort=FlowRunSort.END_TIME_DESC,
            limit=_PAGE_RUNS,
            offset=offset,
        )
        for found in page:
            is_planned = found.auto_scheduled and found.state_type == "SCHEDULED"
            if found.flow_id in flows and found.state is not None and not is_planned:
                yield _make_run(found, found.state, flows[found.flow_id])
        if len(page) < _PAGE_RUNS:
            return
        offset += _PAGE_RUNS


def _make_run(found: "FlowRun", state: "State[Any]", flow: str) -> Run:
    try:
        # A schedule gives none: its flow has its own.
        parameters = FLOWS[flow].model_validate(found.parameters.get("parameters", {}))
    except ValidationError:
        parameters = None
    return Run(
        id=found.id,
        name=found.name,
        flow=flow,
        state_type=state.type.value,
        state_name=state.name or state.type.value,
        changed_at=(found.end_time if state.is_final() else None) or state.timestamp,
        parameters=parameters,
        deployment_id=found.deployment_id,
        work_pool=found.work_pool_name,
        message=state.message or "",
    )
