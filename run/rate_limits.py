"""Turns that several machines take at the Prefect server: requests to a register, reviews of a council.

The turns are Prefect's global concurrency limits, which `make deploy` creates (cli/server/limits.py). Where a
limit is absent from the server, as on a machine that works alone, nothing waits here.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

import httpx
from prefect.client.orchestration import get_client
from prefect.client.schemas.responses import GlobalConcurrencyLimitResponse
from prefect.concurrency.asyncio import ConcurrencySlotAcquisitionError
from prefect.concurrency.sync import concurrency, rate_limit
from prefect.exceptions import ObjectNotFound
from prefect.logging import get_run_logger

from planning_review.errors import PermanentError, TransientError

LONGEST_TURN_WAIT_SECONDS = 600.0
"""A request that waits longer for its turn fails: the task's retry, or the next run, asks again."""

REVIEW_LEASE_SECONDS = 60.0
"""The shortest that the server accepts. A killed run's turn is free when it has run out, and up to
15 s later, when the server looks for leases that have."""

_REVIEW_PAUSE_SECONDS = 2.0


def name_register_limit(council: str) -> str:
    """Return the name of the limit that paces requests to a council's register."""
    return f"register-{council}"


def name_review_limit(council: str) -> str:
    """Return the name of the limit on reviews of a council's applications."""
    return f"review-{council}"


def find_register_turn(council: str, interval_seconds: float) -> Callable[[], None] | None:
    """Return what waits until this machine may ask a council's register; None where machines share no pace.

    Also None with no interval to keep. Called once a run, the result before each request. Raises
    TransientError where the server does not answer.
    """
    name = name_register_limit(council)
    if interval_seconds == 0 or _find_limit(name) is None:
        return None
    return partial(take_register_turn, name)


def take_register_turn(name: str) -> None:
    """Wait for a slot of a limit that decays, and take it.

    Raises TransientError where the server does not answer, which Prefect tries for about a minute, and
    where no turn came in ten minutes: never a reason to ask the register without one.
    """
    with _explain_errors(name):
        # With one waiter a machine Prefect's own waiting wastes little: 4 % with two machines.
        rate_limit(name, timeout_seconds=LONGEST_TURN_WAIT_SECONDS)


@contextmanager
def hold_council_turn(council: str) -> Iterator[None]:
    """Hold one of the council's turns to review, for as long as the body runs; waits for it, and says so.

    The limit `review-{council}` is 1 until an operator raises it on the Prefect server's page
    "Concurrency" (or by `prefect gcl update review-cherwell --limit 2`); 0 holds all reviews back.
    Needs a flow run. Raises TransientError where the server does not answer. A turn whose run was
    killed is free after REVIEW_LEASE_SECONDS and what the server takes to notice.
    """
    name = name_review_limit(council)
    with ExitStack() as turn:
        if _find_limit(name):
            # Prefect's own waiting looks twice a minute and says nothing; it is left for who comes second.
            _wait_for_room(name, council)
            with _explain_errors(name):
                turn.enter_context(concurrency(name, lease_duration=REVIEW_LEASE_SECONDS))
        yield


def _wait_for_room(name: str, council: str) -> None:
    is_waiting = False
    while (limit := _find_limit(name)) and limit.active and limit.active_slots >= limit.limit:
        if not is_waiting:
            is_waiting = True
            get_run_logger().info(
                "Waiting for another review of %s to end. How many may run at once is the limit %s on the "
                "Prefect server's page Concurrency.",
                council,
                name,
            )
        time.sleep(_REVIEW_PAUSE_SECONDS)


def _find_limit(name: str) -> GlobalConcurrencyLimitResponse | None:
    with get_client(sync_client=True) as client, _explain_errors(name):
        try:
            return client.read_global_concurrency_limit_by_name(name)
        except ObjectNotFound:
            return None


def _find_status(error: Exception) -> int | None:
    cause = error.__cause__ or error
    return cause.response.status_code if isinstance(cause, httpx.HTTPStatusError) else None


@contextmanager
def _explain_errors(name: str) -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise TransientError(
            f"No turn to ask the register came within {LONGEST_TURN_WAIT_SECONDS:.0f} s. See the limit "
            f"{name} on the Prefect server's page Concurrency; `make deploy` sets it again."
        ) from error
    except (ConcurrencySlotAcquisitionError, httpx.HTTPError) as error:
        status = _find_status(error)
        if status is not None and status < httpx.codes.INTERNAL_SERVER_ERROR:
            raise PermanentError(
                f"The Prefect server answered {status} for the limit {name}. Look at it on the server's "
                "page Concurrency; `make deploy` sets it again."
            ) from error
        found = f"answered {status}" if status else "did not answer"
        raise TransientError(
            f"The Prefect server {found} when it was asked for the limit {name}. See that it runs, then "
            "run the same command again."
        ) from error
