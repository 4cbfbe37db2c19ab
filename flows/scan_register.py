"""Find every newly submitted application of a council, and review those that matter."""

from collections.abc import Iterable, Mapping
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.futures import wait
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from flows.review_application import review_application
from planning_review.dates import london_today
from planning_review.errors import ApplicationNotFound, PermanentError, TransientError
from planning_review.models import ApplicationPage
from planning_review.parameters import ReviewParameters
from planning_review.register.search import FoundApplication, SearchWindow
from planning_review.scan.contract import ScanOutcome, ScanParameters, Step
from planning_review.scan.description import describe_command, describe_found, describe_named
from planning_review.scan.fingerprint import fingerprint_documents
from planning_review.scan.interest import judge_interest, load_interest_rules
from planning_review.scan.window import choose_window
from planning_review.settings import load_settings
from run.context import name_retry
from run.scan_context import ScanContext, open_scan
from run.scan_report import end_scan, find_open_reviews, keep_memory, load_memory, publish_scan
from run.scan_reviews import (
    has_review_deployment,
    queue_review,
    remember_documents,
    settle_unbegun,
    was_reviewed,
)
from tasks.scan import look_at_application, search_register

GO_ON = ScanParameters()
"""What a schedule asks for: it gives no parameters."""


# Applications are looked at one after another anyway: the register is asked once a second.
THREADS: TaskRunner[Any] = ThreadPoolTaskRunner(max_workers=4)


@flow(
    name="scan-register",
    flow_run_name="{parameters.council} scan",
    task_runner=THREADS,
    persist_result=True,
)
def scan_register(parameters: ScanParameters = GO_ON) -> State[ScanOutcome]:
    """Search, prove the list, judge each application's interest, and see to the reviews.

    Ends Failed where the list could not be proven whole or an application could not be looked at: the
    watermark stays then where it was. The state's data is a ScanOutcome, or a
    RunIncomplete that has one.
    """
    today = london_today()
    with open_scan(load_settings(), parameters.council) as scan:
        settle_unbegun(scan)
        memory = load_memory(scan.council.code)
        command = name_retry() or describe_command(parameters)
        window = None if parameters.references else choose_window(parameters, memory, today)
        outcome = ScanOutcome(window={"from": window.date_from, "to": window.date_to} if window else None)
        try:
            total, listed = find_applications(scan, window)
        except (TransientError, PermanentError) as error:
            return end_scan(outcome, {}, command, str(error))
        rules = load_interest_rules(scan.settings.interest_file)
        found = [describe_found(application, judge_interest(application, rules)) for application in listed]
        wanted = [application.reference for application in found if application.interesting]
        wanted += [*parameters.references, *(() if parameters.is_backfill else memory.waiting)]
        if parameters.look_back:
            wanted += find_open_reviews(scan, today)
        pages: dict[str, ApplicationPage | Step] = {}
        if not parameters.dry_run or parameters.references:
            pages = look_at_applications(dict.fromkeys(wanted))
        for reference in parameters.references:
            page = pages[reference]
            found.append(describe_named(reference, None if isinstance(page, Step) else page))
        steps = {} if parameters.dry_run else see_to_reviews(scan, pages)
        publish_scan(scan, found, steps, {each.reference: each.register_url for each in listed})
        complete = Step.UNSEEN not in steps.values()
        if not parameters.dry_run:
            scanned_to = today if complete and not parameters.is_backfill else None
            keep_memory(scan.council.code, memory, scanned_to, steps, today)
        outcome = outcome.model_copy(
            update={"found": tuple(found), "total_printed": total, "complete": complete}
        )
        return end_scan(outcome, steps, command)


def find_applications(
    scan: ScanContext, window: SearchWindow | None
) -> tuple[int | None, list[FoundApplication]]:
    """Search by the date received, then by the date valid, for what was validated late.

    Returns how many the register says were received, and all that both lists have.
    """
    if window is None:
        return None, []
    received = search_register(scan.council.code, window)
    valid = search_register(scan.council.code, window.model_copy(update={"by": "valid"}))
    both = {
        application.reference: application for application in (*received.applications, *valid.applications)
    }
    return received.total_printed, list(both.values())


def look_at_applications(references: Iterable[str]) -> dict[str, ApplicationPage | Step]:
    """Read the applications' pages; where one could not be read, what that means for the scan."""
    futures = {reference: look_at_application.submit(reference) for reference in references}
    wait(list(futures.values()))
    pages: dict[str, ApplicationPage | Step] = {}
    for reference, future in futures.items():
        if future.state.is_completed():
            pages[reference] = future.result()
        else:
            is_gone = isinstance(future.state.result(raise_on_failure=False), ApplicationNotFound)
            pages[reference] = Step.GONE if is_gone else Step.UNSEEN
    return pages


def see_to_reviews(scan: ScanContext, pages: Mapping[str, ApplicationPage | Step]) -> dict[str, Step]:
    """Have each application reviewed whose documents were not, by a deployment or else here."""
    is_deployed = has_review_deployment()
    steps = {}
    for reference, page in pages.items():
        scan.stopping.check()
        if isinstance(page, Step):
            steps[reference] = page
        elif (fingerprint := fingerprint_documents(page.documents)) is None:
            steps[reference] = Step.WAITING
        elif is_deployed:
            steps[reference] = queue_review(scan, reference, fingerprint)
        elif was_reviewed(scan, reference, fingerprint):
            steps[reference] = Step.UNCHANGED
        else:
            steps[reference] = review_here(scan, reference, fingerprint)
    return steps


def review_here(scan: ScanContext, reference: str, fingerprint: str) -> Step:
    """Review an application in this process, as a part of the scan's run."""
    asked = ReviewParameters(reference=reference, council=scan.council.code, model=scan.settings.review_model)
    state = review_application(asked, return_state=True)
    if not state.is_completed():
        return Step.FAILED
    # Not by Prefect's `tags`: each task would ask for a turn of every tag, and Prefect keep a service and
    # a thread for each set of them, with the run's context, until the process ends.
    remember_documents(state, fingerprint)
    return Step.REVIEWED
