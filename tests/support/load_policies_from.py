"""Runs `planning-review policies load all` with the editions of another file, whose addresses are a test's.

python -m tests.support.load_policies_from EDITIONS.yaml [OPTIONS]
"""

import sys
from pathlib import Path

from cli.main import main
from planning_review.policy import editions

if __name__ == "__main__":
    editions._FILE = Path(sys.argv[1])
    main(["policies", "load", "all", *sys.argv[2:]])
