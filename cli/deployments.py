"""`make deploy` and `make worker`: the deployments on the server, and the worker that runs them here.

python -m cli.deployments deploy|worker
"""

import os
import subprocess
import sys
from pathlib import Path

from cli.environment import prepare_prefect, save_result_blocks
from planning_review.errors import PlanningReviewError, UsageError
from planning_review.settings import load_settings

HOME = Path(__file__).resolve().parent.parent
WORK_POOL = "planning"


def main(what: str) -> int:
    """Run Prefect's own commands with the environment that runs need; returns their exit status."""
    settings = load_settings()
    server_url = prepare_prefect(settings, is_terminal=False)
    save_result_blocks(settings)
    # Read from prefect.yaml by both: where the project, its `.env` and its relative folders are.
    os.environ["PLANNING_HOME"] = str(HOME)
    if what == "deploy":
        status = _run_prefect("work-pool", "create", WORK_POOL, "--type", "process", "--overwrite")
        status = status or _run_prefect("--no-prompt", "deploy", "--all")
        print(f"Prefect: {server_url}/deployments")
        return status
    if what == "worker":
        print(f"Prefect: {server_url}")
        return _run_prefect("worker", "start", "--pool", WORK_POOL, "--type", "process")
    raise UsageError(f"{what!r} is neither deploy nor worker.")


def _run_prefect(*arguments: str) -> int:
    command = [sys.executable, "-m", "prefect", *arguments]
    return subprocess.run(command, cwd=HOME, check=False).returncode  # noqa: S603 - our own words


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
    except PlanningReviewError as error:
        print(error, file=sys.stderr)
        sys.exit(2 if isinstance(error, UsageError) else 1)
    except KeyboardInterrupt:
        sys.exit(130)
