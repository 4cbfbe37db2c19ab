"""Reviews the applications that standard input names, one after the other in this one process.

Prints a line of JSON for each: its run, and how that ended. A process of its own, since Prefect
reads its settings once.
"""

import json
import sys

from cli.environment import prepare_prefect, save_result_blocks
from planning_review.parameters import ReviewParameters
from planning_review.settings import load_settings


def main() -> None:
    settings = load_settings()
    prepare_prefect(settings, is_terminal=False)
    from flows.review_application import review_application

    save_result_blocks(settings)
    for line in sys.stdin:
        state = review_application(ReviewParameters(reference=line.strip()), return_state=True)
        run_id = str(state.state_details.flow_run_id)
        print(json.dumps({"run_id": run_id, "state": state.name, "message": state.message}), flush=True)


if __name__ == "__main__":
    main()
