"""Settings that would break a request or a link are refused, and no message shows a secret."""

import pytest

from blocks.storage import StorageConfigError, create_storage_backend
from tests.support.s3_server import ACCESS_KEY_ID, SECRET_ACCESS_KEY, make_settings

KEY = "25_00284_F/001_a.pdf"
HOST = "https://s3.example.org"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (
            {"s3_endpoint_url": "https://me:hunter2hunter2@s3.example.org"},
            "S3_ENDPOINT_URL holds a user name",
        ),
        (
            {"s3_endpoint_url": "https://me:hunter2/hunter2@s3.example.org"},
            "S3_ENDPOINT_URL holds a user name",
        ),
        ({"s3_endpoint_url": "https://s3.example.org/mybucket"}, "S3_ENDPOINT_URL holds a path"),
        ({"s3_endpoint_url": "https://s3.example.org?key=hunter2"}, "holds a query"),
        ({"s3_endpoint_url": "https://s3.example.org#hunter2"}, "holds a query or fragment"),
        ({"s3_endpoint_url": "s3.example.org"}, "S3_ENDPOINT_URL is no address"),
        ({"s3_endpoint_url": "ftp://s3.example.org"}, "S3_ENDPOINT_URL is no address"),
        ({"s3_endpoint_url": "https://s3.example.org:hunter2"}, "S3_ENDPOINT_URL is no address"),
        ({"s3_endpoint_url": "https://s3 .example.org"}, "S3_ENDPOINT_URL is no address"),
        ({"s3_endpoint_url": "https://test-documents.s3.example.org"}, "names the bucket"),
        ({"s3_access_key_id": "AKIA HUNTER2"}, "S3_ACCESS_KEY_ID holds white space"),
        ({"s3_secret_access_key": "hunter2\nhunter2"}, "S3_SECRET_ACCESS_KEY holds white space"),
        ({"s3_secret_access_key": "hunter2\u200bhunter2"}, "S3_SECRET_ACCESS_KEY holds white space"),
        ({"s3_bucket": "My_Bucket"}, "S3_BUCKET is no bucket name"),
        ({"s3_bucket": "bucket/folder"}, "S3_BUCKET is no bucket name"),
        ({"s3_bucket": "a..b"}, "S3_BUCKET is no bucket name"),
        ({"s3_bucket": "192.168.0.1"}, "S3_BUCKET is no bucket name"),
        ({"s3_bucket": "our.docs", "s3_addressing_style": "virtual"}, "holds dots"),
        ({"s3_addressing_style": "sideways"}, "S3_ADDRESSING_STYLE takes"),
        ({"s3_acl": "public-read-write"}, "S3_ACL takes"),
        ({"s3_region": "eu west"}, "S3_REGION is no region"),
        ({"s3_key_prefix": " / "}, "S3_KEY_PREFIX is empty"),
        ({"s3_key_prefix": "a/../b"}, "S3_KEY_PREFIX"),
        ({"s3_key_prefix": ".."}, "S3_KEY_PREFIX"),
        ({"s3_key_prefix": "a//b"}, "S3_KEY_PREFIX"),
        ({"s3_key_prefix": "a b"}, "S3_KEY_PREFIX"),
        ({"s3_key_prefix": "n" * 2000}, "S3_KEY_PREFIX"),
        ({"s3_public_base_url": "cdn.example.org"}, "S3_PUBLIC_BASE_URL is no address"),
        ({"s3_public_base_url": "https://me:hunter2@cdn.example.org"}, "S3_PUBLIC_BASE_URL holds a user"),
        ({"s3_public_base_url": "https://cdn.example.org/../x"}, "S3_PUBLIC_BASE_URL holds"),
    ],
)
def test_bad_settings_are_refused_without_their_secret(values: dict[str, str], words: str) -> None:
    settings = make_settings(**({"endpoint_url": HOST} | values_for(values)))
    with pytest.raises(StorageConfigError, match=words) as raised:
        create_storage_backend(settings)
    shown = str(raised.value).lower()
    assert not any(
        secret in shown for secret in ("hunter2", SECRET_ACCESS_KEY.lower(), ACCESS_KEY_ID.lower())
    )


def values_for(values: dict[str, str]) -> dict[str, str]:
    renamed = dict(values)
    if "s3_endpoint_url" in renamed:
        renamed["endpoint_url"] = renamed.pop("s3_endpoint_url")
    return renamed


def test_white_space_around_credentials_is_dropped() -> None:
    settings = make_settings(
        f" {HOST}\n",
        s3_access_key_id=f" {ACCESS_KEY_ID}\n",
        s3_secret_access_key=f"\t{SECRET_ACCESS_KEY}\r\n",
    )
    backend = create_storage_backend(settings)
    credentials = backend.block.credentials
    assert credentials.aws_access_key_id == ACCESS_KEY_ID
    assert credentials.aws_secret_access_key.get_secret_value() == SECRET_ACCESS_KEY


@pytest.mark.parametrize(
    ("endpoint_url", "values", "url"),
    [
        (HOST, {}, f"https://test-documents.s3.example.org/planning/{KEY}"),
        (f"{HOST}:9000", {}, f"https://test-documents.s3.example.org:9000/planning/{KEY}"),
        (f"{HOST}/", {"s3_key_prefix": "/a/b/"}, f"https://test-documents.s3.example.org/a/b/{KEY}"),
        ("http://127.0.0.1:9000", {}, f"http://127.0.0.1:9000/test-documents/planning/{KEY}"),
        ("http://[::1]:9000", {}, f"http://[::1]:9000/test-documents/planning/{KEY}"),
        ("http://minio:9000", {}, f"http://minio:9000/test-documents/planning/{KEY}"),
        (HOST, {"s3_addressing_style": "path"}, f"{HOST}/test-documents/planning/{KEY}"),
        (HOST, {"s3_bucket": "our.docs"}, f"{HOST}/our.docs/planning/{KEY}"),
        (
            HOST,
            {"s3_public_base_url": "https://files.example.org/d/"},
            f"https://files.example.org/d/planning/{KEY}",
        ),
    ],
)
def test_links_by_addressing_style(endpoint_url: str, values: dict[str, str], url: str) -> None:
    assert create_storage_backend(make_settings(endpoint_url, **values)).public_url(KEY) == url


@pytest.mark.parametrize(
    ("endpoint_url", "region", "expected"),
    [
        ("https://s3.eu-west-2.amazonaws.com", None, "eu-west-2"),
        ("https://s3.dualstack.ap-southeast-1.amazonaws.com", None, "ap-southeast-1"),
        ("https://nyc3.digitaloceanspaces.com", None, "us-east-1"),
        ("https://abc.r2.cloudflarestorage.com", "auto", "auto"),
    ],
)
def test_the_region_is_always_explicit(endpoint_url: str, region: str | None, expected: str) -> None:
    backend = create_storage_backend(make_settings(endpoint_url, s3_region=region))
    assert backend.client.meta.region_name == expected


def test_the_client_makes_one_attempt_and_adds_no_checksum() -> None:
    config = create_storage_backend(make_settings(HOST)).client.meta.config
    assert config.retries == {"mode": "standard", "total_max_attempts": 1}
    assert config.request_checksum_calculation == "when_required"
    assert config.response_checksum_validation == "when_required"
    assert (config.max_pool_connections, config.connect_timeout, config.read_timeout) == (32, 5, 60)
