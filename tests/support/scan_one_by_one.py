"""Scans the applications that its arguments name, one scan for each, all in this one process.

Prints a line of JSON for each: how it ended, and what the process holds when it has.
"""

import gc
import json
import sys
import threading
from pathlib import Path

from cli.environment import prepare_prefect
from planning_review.scan.contract import ScanParameters
from planning_review.settings import load_settings


def main() -> None:
    prepare_prefect(load_settings(), is_terminal=True)
    from flows.scan_register import scan_register
    from run.context import RunContext

    for reference in sys.argv[1:]:
        state = scan_register(ScanParameters(references=(reference,)), return_state=True)
        message = state.message
        del state
        gc.collect()
        held = {
            "message": message,
            "runs": sum(isinstance(each, RunContext) for each in gc.get_objects()),
            "threads": threading.active_count(),
            "files": len(list(Path("/proc/self/fd").iterdir())),
        }
        print(json.dumps(held), flush=True)


if __name__ == "__main__":
    main()
