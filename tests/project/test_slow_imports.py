"""What is slow to load is loaded where it is used: every run pays for the rest."""

import subprocess
import sys

HEAVY = ("boto3", "botocore", "chromadb", "docx", "onnxruntime", "prefect_aws", "pymupdf", "tokenizers")


def test_a_review_loads_what_only_some_reviews_use_when_they_use_it() -> None:
    code = (
        "import sys, cli.flow_run, cli.commands.review, flows.review_application\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
