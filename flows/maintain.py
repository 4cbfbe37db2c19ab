"""Keep the installation small: remove what nothing needs, pack the database, and say what that freed."""

from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.logging import get_run_logger
from prefect.states import Completed

from planning_review.parameters import MaintenanceParameters
from planning_review.settings import load_settings
from run.pruning import find_removals, pack_database

AS_USUAL = MaintenanceParameters()
"""What a schedule asks for: it gives no parameters."""


@flow(name="maintain", flow_run_name="maintenance", persist_result=False)
def maintain(parameters: MaintenanceParameters = AS_USUAL) -> State[None]:
    """Do what `planning-review prune --yes` does, and pack the data folder's own database."""
    settings, done = load_settings(), []
    with get_client(sync_client=True) as client:
        pruning = find_removals(settings, client, parameters.days)
        for removal in pruning.removals:
            removal.remove()
            done.append(f"Removed: {removal.text}.")
    if pruning.left:
        done.append(pruning.left)
    if packed := pack_database(settings):
        done.append(f"{packed}.")
    for line in done:
        get_run_logger().info(line)
    return Completed(message=" ".join(done) or "There was nothing to do.")
