"""The paths that a deployed run is given in Prefect's form: which of them it may follow.

Whoever may use the form is not for that the user of the worker's machine, as whoever types a command is.
"""

from pathlib import Path

from prefect.runtime import deployment

from planning_review.errors import UsageError
from planning_review.policy.fetching import is_web_address
from planning_review.settings import Settings


def check_form_path(path: str | None, settings: Settings) -> None:
    """Raise UsageError where a deployed run is given a path that leads out of the folders for that.

    An address is none of its business, nor is a run that a command makes in its own process.
    """
    if path is None or is_web_address(path) or deployment.id is None:
        return
    place, allowed = Path(path).resolve(), settings.list_form_folders()
    if not any(place.is_relative_to(folder.resolve()) for folder in allowed):
        raise UsageError(
            f"{path[:200]!r} is in none of the folders that a form may name: "
            f"{', '.join(map(str, allowed))}. Whoever keeps the worker can add to them: PLANNING_FORM_FOLDERS"
        )
