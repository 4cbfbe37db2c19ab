"""The folder that the project stands in on this machine: `.env` and relative folders go by it."""

import os
from pathlib import Path

PROJECT_FOLDER = Path(__file__).resolve().parent.parent


def enter_project_folder() -> dict[str, str]:
    """Go into the project's folder; the first step of every run that a worker starts.

    Prefect's own step for this takes the folder from the machine that made the deployment.
    """
    os.chdir(PROJECT_FOLDER)
    return {"directory": str(PROJECT_FOLDER)}
