"""Publishing at the end of a run: it fails no run, and what went wrong comes with the next command."""

from contextlib import closing
from pathlib import Path
from typing import Any

from tests.support.commands import run_module
from tests.support.s3_server import (
    BUCKET,
    FaultProxy,
    answer,
    make_raw_client,
    proxy_url,
)

AGAIN = "To try again: `planning-review review 25/00284/F`."
PAGE = "https://files.example.org/page.html"


def publish(prefect_url: str, folder: Path, *bucket: str) -> dict[str, Any]:
    arguments = (str(folder / "data"), *bucket)
    done = run_module("tests.support.publish_in_run", arguments, prefect_url, folder, {})
    assert done.status == 0, done.stderr
    answered: dict[str, Any] = done.line
    return answered


def read_index(server: str, prefix: str) -> str:
    with closing(make_raw_client(server)) as client:
        content: bytes = client.get_object(Bucket=BUCKET, Key=f"{prefix}/index.html")["Body"].read()
    return content.decode()


def test_run_without_a_bucket_gets_the_path(prefect_url: str, tmp_path: Path) -> None:
    index = tmp_path / "data" / "output" / "index.html"
    assert publish(prefect_url, tmp_path) == {"location": str(index), "problem": ""}
    assert "25_00284_F/rev_" in index.read_text()


def test_index_that_cannot_be_written_fails_no_run(prefect_url: str, tmp_path: Path) -> None:
    (tmp_path / "data" / "output" / "index.html").mkdir(parents=True)

    found = publish(prefect_url, tmp_path)

    assert found["location"] is None
    assert found["problem"].startswith("The index of all reviews was not published: ")
    assert found["problem"].endswith(AGAIN)


def test_bucket_that_stays_away_costs_three_tries_and_fails_no_run(
    prefect_url: str, server: str, proxy: FaultProxy, prefix: str, tmp_path: Path
) -> None:
    proxy.fail_path("PUT", f"{prefix}/index.html", answer(503))

    found = publish(prefect_url, tmp_path, proxy_url(proxy), prefix, PAGE)

    assert found["location"] is None
    assert found["problem"].endswith(AGAIN)
    assert proxy.count("PUT", f"{prefix}/index.html") == 3

    proxy.mend()
    assert publish(prefect_url, tmp_path, proxy_url(proxy), prefix, PAGE) == {
        "location": f"{proxy_url(proxy)}/{BUCKET}/{prefix}/index.html",
        "problem": "",
    }
    assert "25_00284_F/output/rev_" in read_index(server, prefix)


def test_review_without_a_public_page_is_not_linked_in_the_bucket(
    prefect_url: str, server: str, prefix: str, tmp_path: Path
) -> None:
    found = publish(prefect_url, tmp_path, server, prefix, "")

    assert found["problem"].startswith(
        "The review is not in the bucket's index, as its page was not uploaded."
    )
    assert found["problem"].endswith(AGAIN)
    assert "25_00284_F" not in read_index(server, prefix)
    assert "25_00284_F" in (tmp_path / "data" / "output" / "index.html").read_text()
