"""The limits that machines share, on the Prefect server: each register's pace, each council's reviews."""

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate, GlobalConcurrencyLimitUpdate
from prefect.client.schemas.responses import GlobalConcurrencyLimitResponse
from prefect.exceptions import ObjectNotFound

from planning_review.register.councils import list_paced_councils
from planning_review.settings import Settings
from run.rate_limits import name_register_limit, name_review_limit


def make_limits(settings: Settings) -> int:
    """Create the limits of the settings' council and of those tended here; print one line.

    The registers' are set to the settings' interval.

    With an interval of 0 a register has no limit, an older one is removed. A limit on reviews that
    exists is the operator's, and stays as it is. Returns 0.
    """
    interval_seconds = settings.register_interval_seconds
    with get_client(sync_client=True) as client:
        for council in list_paced_councils(settings.council):
            _set_register_limit(client, name_register_limit(council), interval_seconds)
            name = name_review_limit(council)
            if _find_limit(client, name) is None:
                client.create_global_concurrency_limit(GlobalConcurrencyLimitCreate(name=name, limit=1))
    pace = f"one request in {interval_seconds:g} s" if interval_seconds else "any number of requests"
    print(
        f"Limits over all machines: {pace} to a register; 1 review of a council, or what was set in Prefect"
    )
    return 0


def _set_register_limit(client: SyncPrefectClient, name: str, interval_seconds: float) -> None:
    found = _find_limit(client, name)
    if interval_seconds == 0:
        if found:
            client.delete_global_concurrency_limit_by_name(name)
        return
    wanted = {"limit": 1, "slot_decay_per_second": 1 / interval_seconds, "active": True}
    if found is None:
        client.create_global_concurrency_limit(GlobalConcurrencyLimitCreate(name=name, **wanted))
    elif {key: getattr(found, key) for key in wanted} != wanted:
        client.update_global_concurrency_limit(name, GlobalConcurrencyLimitUpdate(**wanted))


def _find_limit(client: SyncPrefectClient, name: str) -> GlobalConcurrencyLimitResponse | None:
    try:
        return client.read_global_concurrency_limit_by_name(name)
    except ObjectNotFound:
        return None
