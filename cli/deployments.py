"""`make deploy` and `make worker`: the deployments on the server, and the worker that runs them here.

python -m cli.deployments deploy|worker [OPTIONS OF `prefect worker start`]
"""

import json
import os
import subprocess
import sys
import tempfile

from cli.command import keep_private
from cli.environment import list_run_settings, prepare_prefect, save_result_blocks
from cli.project_folder import PROJECT_FOLDER as HOME
from cli.runs import WORK_POOL
from cli.server.automations import apply_automations
from cli.telling import telling
from planning_review.errors import PlanningReviewError, UsageError
from planning_review.settings import load_settings
from planning_review.yaml_files import read_yaml

SERVER_SECONDS = 120
"""How long the server is waited for: after `systemctl restart`, or with the machine, it takes some time."""


def main(what: str, *options: str) -> int:
    """Run Prefect's own commands with the environment that runs need; returns their exit status."""
    keep_private()
    settings = load_settings()
    with telling():
        server_url = prepare_prefect(settings, is_terminal=False, wait_seconds=SERVER_SECONDS)
        save_result_blocks(settings)
    if what == "deploy":
        from cli.server.limits import make_limits

        status = _create_work_pool()
        status = status or _run_prefect("--no-prompt", "deploy", "--all")
        if not status:
            print(f"Deployments: {', '.join(_list_deployments())}, for the council {settings.council}")
        status = status or apply_automations(server_url)
        status = status or make_limits(settings)
        print(f"Prefect: {server_url}/deployments")
        if not status:
            print("What they are asked for is done by a worker. The worker is `make worker`.")
        return status
    if what == "worker":
        print(f"Prefect: {server_url}", flush=True)
        os.chdir(HOME)
        # In this process's place, so that whoever stops it stops the worker.
        start = ("-m", "prefect", "worker", "start", "--pool", WORK_POOL, "--type", "process", *options)
        os.execv(sys.executable, [sys.executable, *start])  # noqa: S606 - our own words
    raise UsageError(f"{what!r} is neither deploy nor worker.")


def _create_work_pool() -> int:
    """Create the pool, or set its jobs' environment anew: a retry finds the results on any worker."""
    from prefect.workers.process import ProcessWorker

    template = ProcessWorker.get_default_base_job_template()
    template["variables"]["properties"]["env"]["default"] = list_run_settings()
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(template, file)
        file.flush()
        options = ("--type", "process", "--overwrite", "--base-job-template", file.name)
        return _run_prefect("work-pool", "create", WORK_POOL, *options)


def _run_prefect(*arguments: str) -> int:
    """Run one of Prefect's commands; what it has to say is shown where it fails.

    It names a worker of its own, which would lack the environment that `make worker` prepares.
    """
    command = [sys.executable, "-m", "prefect", *arguments]
    done = subprocess.run(command, cwd=HOME, check=False, capture_output=True, text=True)  # noqa: S603 - our own words
    if done.returncode:
        print(done.stdout + done.stderr, file=sys.stderr)
    return done.returncode


def _list_deployments() -> list[str]:
    described = read_yaml(HOME / "prefect.yaml")
    return [deployment["name"] for deployment in described["deployments"]]


if __name__ == "__main__":
    try:
        sys.exit(main(*(sys.argv[1:] or [""])))
    except PlanningReviewError as error:
        print(error, file=sys.stderr)
        sys.exit(2 if isinstance(error, UsageError) else 1)
    except KeyboardInterrupt:
        sys.exit(130)
