"""The catalogue: which review counts, and that no run's entry is lost, here and in a bucket."""

import os
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import etree, html

from blocks.storage import S3StorageBackend
from planning_review.errors import PlanningReviewError, StorageUnavailable
from planning_review.publish import local_site
from planning_review.publish.catalogue import (
    CatalogueEntry,
    dump_entry,
    group_keys,
    make_entry,
    make_next_entry,
    parse_entry,
)
from planning_review.publish.entry_folder import list_entry_keys, read_newest_entries, rebuild_catalogue
from planning_review.publish.local_site import publish_on_disk
from planning_review.references import reference_folder
from planning_review.report.contract import Review
from planning_review.report.output_files import write_review_files
from planning_review.settings import Settings
from run.bucket_site import publish_folder, publish_in_bucket
from tests.support.commands import CommandResult, run_module
from tests.support.handmade_review import HOSTILE, make_review
from tests.support.publish_reviews import REVIEWS_EACH
from tests.support.s3_server import (
    BUCKET,
    FaultProxy,
    answer,
    make_raw_client,
    make_settings,
    proxy_url,
)

TODAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
NOWHERE = "http://127.0.0.1:9/api"


def review_of(number: int, judged: date = TODAY, **judgement: object) -> Review:
    return make_review(
        application={"reference": f"25/{number:05}/F"}, judgement={"judged_on": judged, **judgement}
    )


def write_to_output(settings: Settings, review: Review, written_at: datetime = NOON) -> dict[str, Path]:
    folder = settings.output_dir / reference_folder(review.application_ref, review.council)
    paths = write_review_files(review, folder, TODAY)
    for path in paths.values():
        os.utime(path, (written_at.timestamp(), written_at.timestamp()))
    return paths


def read_links(index: bytes) -> list[str]:
    return [link.get("href") for link in html.document_fromstring(index).xpath("//h3/a")]


def read_titles(feed: bytes) -> list[str]:
    return [title.text for title in etree.fromstring(feed).findall("{*}entry/{*}title")]


def read_object(server: str, key: str) -> bytes:
    with closing(make_raw_client(server)) as client:
        content: bytes = client.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    return content


def publish(settings: Settings, *reviews: Review, now: datetime = NOON) -> str | None:
    return publish_in_bucket(settings, S3StorageBackend.from_settings(settings, 1), reviews, now, TODAY)


# Which review counts


def test_newer_review_takes_the_place_and_an_older_one_never_does() -> None:
    old, new = review_of(1, TODAY - timedelta(days=3)), review_of(1, TODAY)
    first = make_next_entry(old, [], NOON)
    assert first is not None
    second = make_next_entry(new, [first.key], NOON + timedelta(hours=1))
    assert second is not None

    keys = [second.key, first.key]
    assert group_keys(keys) == {first.folder: [second.key, first.key]}
    assert group_keys(reversed(keys)) == {first.folder: [second.key, first.key]}
    assert make_next_entry(old, keys, NOON + timedelta(hours=2)) is None


def test_unchanged_review_makes_no_new_entry() -> None:
    first = make_next_entry(review_of(1), [], NOON)
    assert first is not None
    assert make_next_entry(review_of(1), [first.key], NOON + timedelta(days=1)) is None


def test_later_entry_is_later_whatever_the_clock_says() -> None:
    first = make_next_entry(review_of(1), [], NOON)
    assert first is not None
    changed = review_of(1, summary="The deadline was moved.")

    second = make_next_entry(changed, [first.key], NOON - timedelta(hours=5))

    assert second is not None
    assert second.updated_at == NOON + timedelta(seconds=1)
    assert group_keys([first.key, second.key])[first.folder][0] == second.key


def test_councils_are_kept_apart() -> None:
    here = make_entry(review_of(1), NOON)
    there = make_entry(
        make_review(application={"reference": "25/00001/F", "council": "north-warwickshire"}), NOON
    )
    assert len(group_keys([here.key, there.key])) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"reference": "../../25/00284/F"},
        {"reference": "25/00284/F<script>"},
        {"council": "../x"},
        {"council": "javascript:alert(1)"},
        {"review_id": "rev_20261123_00000000/../../x"},
        {"overall_rating": "red onclick=alert(1)"},
        {"updated_at": "2026-11-23T13:00:00Z"},
        {"consultation_end": "soon"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_entry_that_is_not_what_its_key_says_is_refused(change: dict[str, str]) -> None:
    entry = make_entry(review_of(284), NOON)
    assert parse_entry(dump_entry(entry).encode(), entry.key) == entry

    content = CatalogueEntry.model_construct(**entry.model_dump() | change).model_dump_json(warnings=False)

    assert parse_entry(content.encode(), entry.key) is None


def test_field_of_a_newer_release_is_passed_over() -> None:
    entry = make_entry(review_of(284), NOON)
    content = dump_entry(entry).replace("{", '{"colour": "blue",', 1)
    assert parse_entry(content.encode(), entry.key) == entry


def test_long_texts_are_cut_at_a_word() -> None:
    long = make_review(application={"proposal": "word " * 900, "site_address": "x" * 900})
    entry = make_entry(long, NOON)
    assert entry.proposal is not None
    assert entry.site_address is not None
    assert entry.proposal.endswith("word …")
    assert len(entry.proposal) < 1010
    assert len(entry.site_address) < 200


# On this disk


def test_index_stands_beside_the_reviews(tmp_path: Path) -> None:
    settings = make_settings(None, PLANNING_DATA_DIR=tmp_path)
    review = review_of(284)
    paths = write_to_output(settings, review)

    index = publish_on_disk(settings, [review], NOON, TODAY)

    assert index == settings.output_dir / "index.html"
    (link,) = read_links(index.read_bytes())
    assert (index.parent / link).samefile(paths["html"])
    assert read_titles((index.parent / "feed.xml").read_bytes()) == [
        "Red: 25/00284/F, Land east of Mill Lane"
    ]
    assert index.stat().st_mode & 0o777 == 0o644


def test_folder_without_a_catalogue_gets_one_of_all_its_reviews(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = make_settings(None, PLANNING_DATA_DIR=tmp_path)
    older, newer = review_of(1, TODAY - timedelta(days=9)), review_of(1, TODAY - timedelta(days=2))
    write_to_output(settings, newer, NOON - timedelta(days=2))
    # Copied later than the newer one was written, as a restored backup is.
    write_to_output(settings, older, NOON)
    elsewhere = make_review(application={"council": "north-warwickshire", "reference": "25/00002/F"})
    write_to_output(settings, elsewhere)
    damaged = write_to_output(settings, review_of(3))["json"]
    damaged.write_text("{")
    without_page = write_to_output(settings, review_of(4))
    without_page["html"].unlink()
    moved = write_to_output(settings, review_of(5))["html"].parent
    moved.rename(moved.with_name("25_00006_F"))

    publish_on_disk(settings, [review_of(7)], NOON, TODAY)

    found = {entry.reference: entry for entry in read_newest_entries(settings.output_dir)}
    assert set(found) == {"25/00001/F", "25/00002/F", "25/00007/F"}
    assert found["25/00001/F"].review_id == newer.review_id
    assert found["25/00001/F"].updated_at == NOON - timedelta(days=2)
    for name in (damaged.name, without_page["json"].name, "25_00006_F"):
        assert name in caplog.text
    assert not list(settings.output_dir.glob(".catalogue-*"))


def test_rebuilding_an_empty_folder_makes_an_empty_index(tmp_path: Path) -> None:
    assert rebuild_catalogue(tmp_path / "output") == 0
    assert list_entry_keys(tmp_path / "output") == []


def test_damaged_entry_gives_way_to_the_one_before(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    settings = make_settings(None, PLANNING_DATA_DIR=tmp_path)
    before, after = review_of(1, TODAY - timedelta(days=1)), review_of(1)
    publish_on_disk(settings, [before], NOON, TODAY)
    publish_on_disk(settings, [after], NOON, TODAY)
    (newest,) = group_keys(list_entry_keys(settings.output_dir)).values()
    (settings.output_dir / newest[0]).write_text("{}")

    (entry,) = read_newest_entries(settings.output_dir)

    assert entry.review_id == before.review_id
    assert "passed over" in caplog.text


def run_two(folder: Path, data_dirs: list[Path], *bucket: str) -> None:
    """Publish from two processes at once."""
    meeting = folder / "meeting"
    meeting.mkdir()

    def run(number: int) -> CommandResult:
        arguments = (str(data_dirs[number]), str(number * REVIEWS_EACH), str(meeting), *bucket)
        return run_module("tests.support.publish_reviews", arguments, NOWHERE, folder, {})

    with ThreadPoolExecutor(2) as threads:
        for done in threads.map(run, range(2)):
            assert done.status == 0, done.stderr


def check_all_there(index: bytes, feed: bytes) -> None:
    references = {f"25/{number:05}/F" for number in range(2 * REVIEWS_EACH)}
    links = read_links(index)
    assert len(links) == len(references)
    assert {link.partition("/")[0] for link in links} == {name.replace("/", "_") for name in references}
    assert {title.split(": ")[1].split(",")[0] for title in read_titles(feed)} == references


@pytest.mark.slow
def test_two_processes_lose_nothing_on_this_disk(tmp_path: Path) -> None:
    run_two(tmp_path, [tmp_path, tmp_path])
    output = tmp_path / "output"
    check_all_there((output / "index.html").read_bytes(), (output / "feed.xml").read_bytes())


def test_nobody_publishes_while_another_makes_the_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = make_settings(None, PLANNING_DATA_DIR=tmp_path)
    write_both, refusals = local_site.write_site_files, []

    def write_while_another_tries(*arguments: Any) -> tuple[Path, Path]:
        with pytest.raises(PlanningReviewError, match="Another run has been publishing") as refused:
            publish_on_disk(settings, [review_of(2)], NOON, TODAY)
        refusals.append(refused)
        return write_both(*arguments)

    monkeypatch.setattr(local_site, "LOCK_WAIT_SECONDS", 0)
    monkeypatch.setattr(local_site, "write_site_files", write_while_another_tries)
    index = publish_on_disk(settings, [review_of(1)], NOON, TODAY)

    assert len(refusals) == 1
    assert len(read_links(index.read_bytes())) == 1


# In the bucket


@pytest.mark.slow
def test_two_machines_lose_nothing_in_the_bucket(server: str, prefix: str, tmp_path: Path) -> None:
    run_two(tmp_path, [tmp_path / "one", tmp_path / "two"], server, prefix)
    check_all_there(read_object(server, f"{prefix}/index.html"), read_object(server, f"{prefix}/feed.xml"))


class InterruptedBackend(S3StorageBackend):
    """A real backend before whose first PUT of the index something else happens."""

    interruption: Callable[[], object] | None = None

    def upload(self, local_path: Path, key: str) -> None:
        if key == "index.html" and self.interruption:
            happen, self.interruption = self.interruption, None
            happen()
        super().upload(local_path, key)


def test_index_made_before_anothers_entry_is_made_again(server: str, prefix: str, tmp_path: Path) -> None:
    settings = [
        make_settings(server, s3_key_prefix=prefix, PLANNING_DATA_DIR=tmp_path / name) for name in "ab"
    ]
    slow = InterruptedBackend.from_settings(settings[0], 1)
    assert isinstance(slow, InterruptedBackend)
    slow.interruption = lambda: publish(settings[1], review_of(2))

    publish_in_bucket(settings[0], slow, [review_of(1)], NOON, TODAY)

    assert slow.interruption is None
    index = read_object(server, f"{prefix}/index.html")
    assert {link[:10] for link in read_links(index)} == {"25_00001_F", "25_00002_F"}
    assert len(read_titles(read_object(server, f"{prefix}/feed.xml"))) == 2


def test_index_is_replaced_public_and_never_kept_by_a_browser(
    server: str, prefix: str, tmp_path: Path
) -> None:
    settings = make_settings(server, s3_key_prefix=prefix, PLANNING_DATA_DIR=tmp_path)
    link = publish(settings, review_of(1))
    before = read_object(server, f"{prefix}/index.html")
    publish(settings, review_of(1, overall_rating="green"), now=NOON + timedelta(days=1))

    assert link == f"{server}/{BUCKET}/{prefix}/index.html"
    index, feed = (read_object(server, f"{prefix}/{name}") for name in ("index.html", "feed.xml"))
    assert index != before
    assert read_titles(feed) == ["Green: 25/00001/F, Land east of Mill Lane"]
    (page,) = read_links(index)
    assert re.fullmatch(r"25_00001_F/output/rev_20261123_[0-9a-f]{8}_review\.html", page)
    with closing(make_raw_client(server)) as client:
        for name, media_type in {
            "index.html": "text/html; charset=utf-8",
            "feed.xml": "application/atom+xml; charset=utf-8",
        }.items():
            head = client.head_object(Bucket=BUCKET, Key=f"{prefix}/{name}")
            assert (head["ContentType"], head["CacheControl"]) == (media_type, "no-cache")
            grants = client.get_object_acl(Bucket=BUCKET, Key=f"{prefix}/{name}")["Grants"]
            assert any(grant["Grantee"].get("URI", "").endswith("/AllUsers") for grant in grants)
        entries = client.list_objects_v2(Bucket=BUCKET, Prefix=f"{prefix}/catalogue/")["Contents"]
        assert len(entries) == 2
        assert "CacheControl" not in client.head_object(Bucket=BUCKET, Key=entries[0]["Key"])


def test_no_entry_is_fetched_twice(proxy: FaultProxy, prefix: str, tmp_path: Path) -> None:
    ours = make_settings(proxy_url(proxy), s3_key_prefix=prefix, PLANNING_DATA_DIR=tmp_path / "ours")
    theirs = make_settings(proxy_url(proxy), s3_key_prefix=prefix, PLANNING_DATA_DIR=tmp_path / "theirs")
    publish(theirs, *(review_of(number) for number in range(12)))
    assert count_fetched(proxy) == 0

    publish(ours, review_of(90))
    assert count_fetched(proxy) == 12
    publish(ours, review_of(91))
    publish(ours, review_of(91), now=NOON + timedelta(days=1))
    assert count_fetched(proxy) == 12


def count_fetched(proxy: FaultProxy) -> int:
    return sum(
        method == "GET" and "/catalogue/" in path and ".json" in path for method, path, _ in proxy.requests
    )


def test_unchanged_review_stores_nothing(proxy: FaultProxy, prefix: str, tmp_path: Path) -> None:
    settings = make_settings(proxy_url(proxy), s3_key_prefix=prefix, PLANNING_DATA_DIR=tmp_path)
    publish(settings, review_of(1))
    stored = proxy.count_stored(prefix)
    # Entry, index, feed and calendar.
    assert stored == 4

    publish(settings, review_of(1), now=NOON + timedelta(days=1))

    assert proxy.count_stored(prefix) == stored


def test_cut_off_publication_is_made_good_by_the_next(
    server: str, proxy: FaultProxy, prefix: str, tmp_path: Path
) -> None:
    settings = make_settings(proxy_url(proxy), s3_key_prefix=prefix, PLANNING_DATA_DIR=tmp_path)
    proxy.fail_path("PUT", f"{prefix}/index.html", answer(503))
    with pytest.raises(StorageUnavailable):
        publish(settings, review_of(1))
    proxy.mend()

    publish(settings, review_of(2))

    assert len(read_links(read_object(server, f"{prefix}/index.html"))) == 2


def test_strange_object_in_the_catalogue_harms_nothing(
    server: str, prefix: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = make_settings(server, s3_key_prefix=prefix, PLANNING_DATA_DIR=tmp_path)
    name = "20261123T120000Z_rev_20261123_00000000.json"
    with closing(make_raw_client(server)) as client:
        for key in (f"cherwell/25_00009_F/{name}", "note.txt", f"cherwell/25_00009_F/{HOSTILE[:30]}.json"):
            client.put_object(
                Bucket=BUCKET, Key=f"{prefix}/catalogue/{key}", Body=b'{"proposal": "<script>"}'
            )

    publish(settings, review_of(1))

    assert len(read_links(read_object(server, f"{prefix}/index.html"))) == 1
    assert name in caplog.text


def test_bucket_without_a_catalogue_gets_the_reviews_whose_pages_it_has(
    server: str, prefix: str, tmp_path: Path
) -> None:
    settings = make_settings(server, s3_key_prefix=prefix, PLANNING_DATA_DIR=tmp_path)
    storage = S3StorageBackend.from_settings(settings)
    for number in (1, 2, 3):
        write_to_output(settings, review_of(number))
    publish_on_disk(settings, [], NOON, TODAY)
    upload_page(storage, settings, review_of(1))

    publish(settings, review_of(9))
    assert {link[:10] for link in read_links(read_object(server, f"{prefix}/index.html"))} == {
        "25_00001_F",
        "25_00009_F",
    }

    upload_page(storage, settings, review_of(3))
    publish_folder(settings)
    assert {link[:10] for link in read_links(read_object(server, f"{prefix}/index.html"))} == {
        "25_00001_F",
        "25_00003_F",
        "25_00009_F",
    }


def upload_page(storage: S3StorageBackend, settings: Settings, review: Review) -> None:
    folder = reference_folder(review.application_ref, review.council)
    name = f"{review.review_id}_review.html"
    storage.upload(settings.output_dir / folder / name, f"{folder}/output/{name}")


def test_old_data_folder_takes_no_place_from_a_newer_review(server: str, prefix: str, tmp_path: Path) -> None:
    old = make_settings(server, s3_key_prefix=prefix, PLANNING_DATA_DIR=tmp_path / "old")
    new = make_settings(server, s3_key_prefix=prefix, PLANNING_DATA_DIR=tmp_path / "new")
    publish(new, review_of(1, overall_rating="green"))
    stale = review_of(1, TODAY - timedelta(days=30))
    write_to_output(old, stale, NOON - timedelta(days=30))
    upload_page(S3StorageBackend.from_settings(old), old, stale)

    publish_folder(old)

    assert read_titles(read_object(server, f"{prefix}/feed.xml")) == [
        "Green: 25/00001/F, Land east of Mill Lane"
    ]
