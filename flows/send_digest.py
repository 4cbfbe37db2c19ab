"""Tell people by PLANNING_NOTIFY what is new, what is due and what failed."""

from datetime import UTC, datetime

from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.states import Completed

from planning_review.settings import load_settings
from run.digest import tell


@flow(name="send-digest", flow_run_name="digest", persist_result=False)
def send_digest() -> State[None]:
    """Send a digest where there is news, and what could not be sent before.

    A mailbox that refuses fails nothing: the state says so, and the message waits for the next time.
    """
    with get_client(sync_client=True) as client:
        has_news, delivery = tell(load_settings(), client, datetime.now(UTC))
    news = "There was news." if has_news else "There was nothing new to tell."
    message = f"{news} {delivery.sent} sent, {delivery.waiting} waiting."
    if delivery.problems:
        return Completed(name="CompletedWithWarnings", message=f"{message} {' '.join(delivery.problems)}")
    return Completed(message=message)
