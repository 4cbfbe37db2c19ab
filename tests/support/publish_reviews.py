"""Publishes reviews of its own one after the other; started twice at once by tests/publish/test_catalogue.py.

Arguments: the data folder, the number of the first review, a folder where the two meet before either begins,
and for a bucket its address and prefix.
"""

import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

from blocks.storage import create_storage_backend
from planning_review.publish.local_site import publish_on_disk
from run.bucket_site import publish_in_bucket
from tests.support.handmade_review import make_review
from tests.support.s3_server import make_settings

REVIEWS_EACH = 6


def main(
    data_dir: str, first: int, meeting: Path, endpoint_url: str | None = None, prefix: str = "planning"
) -> None:
    settings = make_settings(endpoint_url, s3_key_prefix=prefix, PLANNING_DATA_DIR=Path(data_dir))
    storage = create_storage_backend(settings)
    (meeting / str(first)).touch()
    while len(list(meeting.iterdir())) < 2:
        time.sleep(0.01)
    for number in range(first, first + REVIEWS_EACH):
        review = make_review(application={"reference": f"25/{number:05}/F"})
        now = datetime.now(UTC)
        if endpoint_url is None:
            publish_on_disk(settings, [review], now, date(2026, 11, 23))
        else:
            publish_in_bucket(settings, storage, [review], now, date(2026, 11, 23))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), *sys.argv[4:])
