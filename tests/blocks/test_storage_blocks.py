"""The blocks on a real Prefect server: saved, loaded, used, and saved again without a change."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect_aws import AwsCredentials, S3Bucket

from blocks.registration import SavedBlock, save_blocks
from blocks.storage import S3StorageBackend, StorageConfigError, create_storage_backend
from tests.support.s3_server import (
    ACCESS_KEY_ID,
    BUCKET,
    SECRET_ACCESS_KEY,
    make_raw_client,
    make_settings,
    run_s3_server,
)
from tests.support.server_api import call_server, use_server

KEY = "25_00284_F/001_a.pdf"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with run_s3_server() as url:
        yield url


@pytest.fixture(autouse=True)
def prefect_api(prefect_url: str) -> Iterator[str]:
    with use_server(prefect_url):
        yield prefect_url


def read_block_documents(url: str) -> list[dict[str, Any]]:
    return call_server("POST", f"{url}/block_documents/filter", {"include_secrets": False}).json()


def test_saving_twice_changes_nothing(server: str, prefect_api: str) -> None:
    settings = make_settings(server, s3_key_prefix="twice")
    names = ["s3-bucket/planning-documents", "s3-bucket/planning-results"]
    save_blocks(settings)
    before = read_block_documents(prefect_api)

    assert save_blocks(settings) == [SavedBlock(name, "unchanged") for name in names]
    assert read_block_documents(prefect_api) == before

    other = make_settings(server, s3_key_prefix="twice", s3_secret_access_key=SECRET_ACCESS_KEY[::-1])
    assert {saved.change for saved in save_blocks(other)} == {"changed"}
    assert (
        S3Bucket.load("planning-results").credentials.aws_secret_access_key.get_secret_value()
        == (SECRET_ACCESS_KEY[::-1])
    )


def test_results_are_private_in_a_folder_of_their_own(server: str) -> None:
    save_blocks(make_settings(server, s3_key_prefix="planning"))

    results = S3Bucket.load("planning-results")
    results.write_path("text/abc.json", b"{}")

    assert results.bucket_folder == "planning/results"
    raw = make_raw_client(server)
    assert raw.get_object(Bucket=BUCKET, Key="planning/results/text/abc.json")["Body"].read() == b"{}"
    assert httpx.get(f"{server}/{BUCKET}/planning/results/text/abc.json").status_code == 403
    documents = S3Bucket.load("planning-documents")
    assert documents.bucket_folder == ""
    assert (
        documents.credentials.aws_client_parameters.config == results.credentials.aws_client_parameters.config
    )
    assert results.credentials.get_s3_client().meta.config.request_checksum_calculation == "when_required"


def test_a_backend_from_the_saved_block_stores_as_one_from_settings_does(server: str, tmp_path: Path) -> None:
    save_blocks(make_settings(server))
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF from a block")

    backend = create_storage_backend(
        make_settings(
            None,
            s3_bucket=None,
            s3_access_key_id=None,
            s3_secret_access_key=None,
            s3_key_prefix="by-block",
            s3_storage_block="planning-documents",
        )
    )
    backend.upload(path, KEY)

    assert isinstance(backend, S3StorageBackend)
    assert backend.public_url(KEY) == f"{server}/{BUCKET}/by-block/{KEY}"
    assert httpx.get(backend.public_url(KEY)).content == b"%PDF from a block"


def test_a_block_saved_by_hand_gets_the_client_settings_that_uploads_need(server: str) -> None:
    S3Bucket(
        bucket_name=BUCKET,
        credentials=AwsCredentials(
            aws_access_key_id=ACCESS_KEY_ID,
            aws_secret_access_key=SECRET_ACCESS_KEY,
            region_name="us-east-1",
            aws_client_parameters={
                "endpoint_url": server,
                "config": {"s3": {"addressing_style": "path"}, "retries": {"max_attempts": 9}},
            },
        ),
    ).save("by-hand", overwrite=True)

    backend = create_storage_backend(make_settings(None, s3_storage_block="s3-bucket/by-hand"))

    config = backend.client.meta.config
    assert config.retries == {"mode": "standard", "total_max_attempts": 1}
    assert config.request_checksum_calculation == "when_required"
    assert config.s3["addressing_style"] == "path"


def test_a_block_that_is_not_there_is_named() -> None:
    with pytest.raises(StorageConfigError, match=r"no block s3-bucket/nobody.*blocks save"):
        create_storage_backend(make_settings(None, s3_storage_block="nobody"))


def test_a_block_with_a_folder_is_refused(server: str) -> None:
    save_blocks(make_settings(server))
    with pytest.raises(StorageConfigError, match="planning-results has a bucket_folder"):
        create_storage_backend(make_settings(None, s3_storage_block="planning-results"))


def test_a_server_that_is_away_is_named() -> None:
    with (
        temporary_settings({PREFECT_API_URL: "http://127.0.0.1:9/api"}),
        pytest.raises(StorageConfigError, match=r"could not be loaded .*PREFECT_API_URL"),
    ):
        create_storage_backend(make_settings(None, s3_storage_block="planning-documents"))


def test_incomplete_settings_are_refused_before_the_server_is_asked() -> None:
    with (
        temporary_settings({PREFECT_API_URL: "http://127.0.0.1:9/api"}),
        pytest.raises(StorageConfigError, match="missing S3_BUCKET"),
    ):
        save_blocks(make_settings("https://s3.example.org", s3_bucket=None))


def test_the_api_shows_no_secret(server: str, prefect_api: str) -> None:
    save_blocks(make_settings(server))
    assert SECRET_ACCESS_KEY not in json.dumps(read_block_documents(prefect_api))
