"""Runs one review in this process with the in-memory storage, and prints what was uploaded.

Started by tests/flows/test_storage_flow.py in a process of its own: Prefect reads its settings once.
"""

import hashlib
import json
import sys

from blocks.storage import InMemoryStorageBackend
from flows.review_application import review_application
from planning_review.parameters import ReviewParameters
from run import files as run_files


def main(reference: str) -> None:
    backend = InMemoryStorageBackend()
    run_files.create_storage_backend = lambda settings, attempts: backend
    state = review_application(ReviewParameters(reference=reference), return_state=True)
    uploads = {key: hashlib.sha256(content).hexdigest() for key, content in backend.uploads.items()}
    print(json.dumps({"state": state.name, "uploads": uploads}))


if __name__ == "__main__":
    main(sys.argv[1])
