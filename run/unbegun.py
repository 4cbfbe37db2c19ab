"""Runs that were to begin and never did: the process was gone before it could say that it runs."""

from datetime import UTC, datetime, timedelta
from typing import Any

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import State, StateType
from prefect.states import Crashed

_FLOWS = ["review-application", "write-letter", "scan-register", "load-policies"]

UNBEGUN = "Its process ended before it began. `planning-review retry`, or the next scan, asks again."


def settle_unbegun_runs(client: SyncPrefectClient, patience_seconds: float) -> list[str]:
    """Mark runs as Crashed that have been Pending for longer than any process needs to start.

    Returns their names. The automation `settle-unbegun-runs` does the same where a server has it.
    """
    found = client.read_flow_runs(
        flow_filter=FlowFilter(name=FlowFilterName(any_=_FLOWS)),
        flow_run_filter=FlowRunFilter(
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.PENDING]))
        ),
    )
    earliest = datetime.now(UTC) - timedelta(seconds=patience_seconds)
    settled = []
    for run in found:
        if run.state is None or run.state.timestamp > earliest:
            continue
        state: State[Any] = Crashed(message=UNBEGUN)
        client.set_flow_run_state(run.id, state, force=True)
        settled.append(run.name)
    return settled
