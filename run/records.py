"""What the server is told of a run: whose it is, and that the one before it is gone."""

from pathlib import Path
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import StateType
from prefect.exceptions import ObjectNotFound
from prefect.logging import get_run_logger
from prefect.runtime import deployment, flow_run
from prefect.states import Cancelled, Crashed

_GOING = (StateType.PENDING, StateType.RUNNING, StateType.CANCELLING)


def name_retry() -> str | None:
    """Return the command that retries this run; None where no deployment made it."""
    return f"planning-review retry {flow_run.id}" if deployment.id else None


def tag_run(run_id: UUID, council: str, reference: str) -> None:
    """Tag a run with its council and reference, by which the runs' page can be filtered."""
    with get_client(sync_client=True) as client:
        tags = client.read_flow_run(run_id).tags
        client.update_flow_run(run_id, tags=sorted({*tags, council, reference}))


def settle_vanished_run(record: Path, run_id: UUID) -> None:
    """End the run that had the application before, where its process is gone and its state is not.

    record is the file in which a run that works on the application keeps its id, and removes when it
    ends. To be called with the application's lock held: whoever is in the file then holds it no more.
    """
    text = record.read_text(encoding="utf-8") if record.exists() else ""
    record.write_text(str(run_id), encoding="utf-8")
    try:
        vanished_id = UUID(text)
    except ValueError:
        return
    if vanished_id == run_id:
        return
    with get_client(sync_client=True) as client:
        try:
            vanished = client.read_flow_run(vanished_id)
        except ObjectNotFound:
            return
        if vanished.state is None or vanished.state.type not in _GOING:
            return
        end = Cancelled if vanished.state.type == StateType.CANCELLING else Crashed
        state = end(message=f"Its process ended without a word; run {run_id} went on from there.")
        client.set_flow_run_state(vanished_id, state, force=True)
    get_run_logger().info("The run %s before this one had ended without a word.", vanished.name)
