"""The memory of a scan for the next one, its table for people, and its end."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from prefect.artifacts import create_table_artifact
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import VariableCreate, VariableUpdate
from prefect.client.schemas.objects import State
from prefect.logging import get_run_logger
from prefect.states import Completed, Failed

from planning_review.publish.entry_folder import read_newest_entries
from planning_review.report.output_files import artifact_key
from planning_review.scan.contract import ScannedApplication, ScanOutcome, Step
from planning_review.scan.window import WAIT_DAYS, ScanMemory, update_waiting
from run.outcome import RunIncomplete
from run.scan_context import ScanContext


def load_memory(council: str) -> ScanMemory:
    """Return what the council's last scan left in the Prefect variable `scan_{council}`."""
    with get_client(sync_client=True) as client:
        variable = client.read_variable_by_name(name_variable(council))
    return ScanMemory.model_validate(variable.value) if variable else ScanMemory()


def keep_memory(
    council: str, memory: ScanMemory, scanned_to: date | None, steps: Mapping[str, Step], today: date
) -> None:
    """Keep the watermark and the applications that wait. scanned_to is None where nothing was proven."""
    looked_at = {
        reference: step is not Step.WAITING for reference, step in steps.items() if step is not Step.UNSEEN
    }
    waiting, expired = update_waiting(memory, looked_at, today)
    for reference in expired:
        get_run_logger().warning(
            "%s has had no documents for %d days and is no longer waited for. Once they are there: "
            "planning-review review %s --council %s",
            reference,
            WAIT_DAYS,
            reference,
            council,
        )
    kept = ScanMemory(scanned_to=scanned_to or memory.scanned_to, waiting=waiting).model_dump(mode="json")
    name = name_variable(council)
    with get_client(sync_client=True) as client:
        if client.read_variable_by_name(name):
            client.update_variable(VariableUpdate(name=name, value=kept))
        else:
            client.create_variable(VariableCreate(name=name, value=kept))


def find_open_reviews(scan: ScanContext, today: date) -> list[str]:
    """Return the council's reviewed applications that can still be commented on.

    Without a last day they count for WAIT_DAYS after their review. Knows what this machine's data
    folder knows: its own reviews, and the bucket's as of its last review.
    """
    roots = [scan.settings.output_dir, *(scan.settings.data_dir / "bucket-catalogue").glob("*")]
    entries = [entry for root in roots for entry in read_newest_entries(root)]
    return sorted(
        {
            entry.reference
            for entry in entries
            if entry.council == scan.council.code
            and entry.decision is None
            and (entry.consultation_end or entry.judged_on + timedelta(days=WAIT_DAYS)) >= today
        }
    )


def publish_scan(
    scan: ScanContext,
    found: Sequence[ScannedApplication],
    steps: Mapping[str, Step],
    links: Mapping[str, str],
) -> None:
    """Show every application with its verdict in Prefect's UI, the interesting ones first.

    links are the addresses of those that a list named; not every register's can be made from a reference.
    """
    create_table_artifact(
        key=artifact_key("scan", scan.council.code, ""),
        description="Every application that the scan found: its verdict, why, and what was done.",
        table=[
            {
                "reference": application.reference,
                "review": "yes" if application.interesting else "no",
                "reason": application.reason,
                "then": steps.get(application.reference, Step.NOTHING).value,
                "proposal": application.proposal or "",
                "status": application.status or "",
                "link": links.get(application.reference)
                or scan.platform.application_url(application.reference),
            }
            for application in sorted(found, key=lambda application: not application.interesting)
        ],
    )


def end_scan(
    outcome: ScanOutcome, steps: Mapping[str, Step], command: str, error: str | None = None
) -> State[ScanOutcome]:
    """Return the scan's final state, with its outcome as data and the next command in its message."""
    unseen = [reference for reference, step in steps.items() if step is Step.UNSEEN]
    failed = [reference for reference, step in steps.items() if step is Step.FAILED]
    if error or unseen:
        problem = error or f"{', '.join(unseen)} could not be looked at."
        message = f"{problem} The next scan begins where this one did. To try again: `{command}`."
        return Failed(message=message, data=RunIncomplete(message, outcome))
    interesting = sum(application.interesting for application in outcome.found)
    done = [
        f"{count} {step.value}"
        for step in Step
        if step is not Step.NOTHING and (count := list(steps.values()).count(step))
    ]
    message = ", ".join([f"{len(outcome.found)} found", f"{interesting} of interest", *done]) + "."
    if failed:
        return Completed(
            name="CompletedWithWarnings",
            message=f"{message} The reviews of {', '.join(failed)} failed: `planning-review retry` for each.",
            data=outcome,
        )
    return Completed(message=message, data=outcome)


def name_variable(council: str) -> str:
    """Return the name of the Prefect variable that has a council's memory."""
    return "scan_" + council.replace("-", "_")
