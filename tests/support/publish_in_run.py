"""Publishes a review from inside a run, and prints what the run is told: tests/publish/test_publish_task.py.

Arguments: the data folder, and for a bucket its address, prefix and the page's link ("" for none).
"""

import sys
from pathlib import Path

from prefect import flow

from flows.review_application import publish_catalogue
from planning_review.dates import london_today
from planning_review.publish.local_site import PublishedIndex
from planning_review.report.output_files import WrittenReview, write_review_files
from run.context import open_run
from tests.support.handmade_review import make_review
from tests.support.s3_server import make_settings


@flow(name="publish-in-run")
def publish_in_run(data_dir: str, endpoint_url: str | None, prefix: str, page_url: str) -> PublishedIndex:
    """Write a review's files and publish it, as the end of a review run does."""
    settings = make_settings(endpoint_url, s3_key_prefix=prefix, PLANNING_DATA_DIR=Path(data_dir))
    review = make_review()
    with open_run(settings, review.council, review.application_ref) as run:
        paths = write_review_files(review, run.output_dir, london_today())
        written = WrittenReview(
            review=review, json_path=paths["json"], md_path=paths["md"], html_path=paths["html"]
        )
        return publish_catalogue(run, written, page_url or None)


if __name__ == "__main__":
    bucket = sys.argv[2:] or [None, "planning", ""]
    print(publish_in_run(sys.argv[1], *bucket).model_dump_json())
