"""The check before a run: each thing that can be wrong has a message of its own, within 10 s."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from blocks.check import check_storage, walk_storage_checks
from blocks.storage import StorageConfigError
from tests.support.s3_server import (
    ACCESS_KEY_ID,
    BUCKET,
    SECRET_ACCESS_KEY,
    SILENT,
    Fault,
    FaultProxy,
    answer,
    make_certificate,
    make_raw_client,
    make_settings,
    proxy_url,
    run_proxy,
    run_s3_server,
)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with run_s3_server() as url:
        yield url


@pytest.fixture
def proxy(server: str) -> Iterator[FaultProxy]:
    with run_proxy(server) as running:
        yield running


def test_working_storage_passes_each_step_and_is_left_as_it_was(server: str) -> None:
    steps = check_storage(make_settings(server, s3_key_prefix="as-it-was"))

    assert [step.name for step in steps] == ["configuration", "bucket", "probe object", "public link"]
    assert not any(step.is_warning for step in steps)
    assert "Contents" not in make_raw_client(server).list_objects_v2(Bucket=BUCKET, Prefix="as-it-was/")


def test_without_s3_there_is_nothing_to_try() -> None:
    assert [step.name for step in check_storage(make_settings(None, s3_bucket=None))] == ["configuration"]


def test_a_missing_variable_is_found_first(server: str) -> None:
    with pytest.raises(StorageConfigError, match=r"^S3 configuration incomplete: missing S3_BUCKET$"):
        check_storage(make_settings(server, s3_bucket=None))


def test_s3_ts_07_a_closed_port_is_unreachable() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    started = time.monotonic()
    with pytest.raises(StorageConfigError, match=rf"127\.0\.0\.1:{port} can't be reached: .*S3_ENDPOINT_URL"):
        check_storage(make_settings(f"http://127.0.0.1:{port}"))
    assert time.monotonic() - started < 60


def test_s3_ts_07_a_black_hole_is_given_up(proxy: FaultProxy) -> None:
    for method in ("HEAD", "PUT", "GET"):
        proxy.fail(method, SILENT)
    started = time.monotonic()
    with pytest.raises(StorageConfigError, match="no answer within the time-out"):
        check_storage(make_settings(proxy_url(proxy)))
    assert time.monotonic() - started < 60


def test_the_whole_check_has_one_limit(proxy: FaultProxy) -> None:
    proxy.fail("PUT", SILENT)
    with pytest.raises(StorageConfigError, match=r"did not answer within 3 s \(last that worked: bucket"):
        check_storage(make_settings(proxy_url(proxy)), limit_seconds=3.0)


REFUSALS = [
    ("HEAD", answer(404), "bucket absent .*has no bucket test-documents"),
    ("PUT", answer(404, "NoSuchBucket"), "bucket absent"),
    ("PUT", answer(403, "InvalidAccessKeyId"), r"key refused \(the store answered 403 InvalidAccessKeyId\)"),
    ("PUT", answer(403, "SignatureDoesNotMatch"), "key refused .*SignatureDoesNotMatch"),
    ("PUT", answer(403, "AccessDenied"), "key refused .*may put objects and their ACLs"),
    (
        "HEAD",
        answer(301, **{"x-amz-bucket-region": "eu-west-2"}),
        "wrong region .*is in eu-west-2: set S3_REGION=eu-west-2",
    ),
    (
        "HEAD",
        answer(400, **{"x-amz-bucket-region": "eu-west-2"}),
        "wrong region .*is in eu-west-2: set S3_REGION=eu-west-2",
    ),
    ("PUT", answer(400, "AuthorizationHeaderMalformed"), "wrong region"),
    ("PUT", answer(301, "PermanentRedirect"), "wrong region"),
    ("PUT", answer(400, "AccessControlListNotSupported"), "ACLs disabled .*S3_ACL=none"),
    ("PUT", answer(501, "NotImplemented"), "ACLs disabled .*S3_ACL=none"),
    ("PUT", answer(403, "RequestTimeTooSkewed"), "clock wrong"),
    ("PUT", answer(503, "SlowDown"), "does not take objects .*503 SlowDown"),
    ("GET", answer(403, "AccessDenied"), "link not public: set S3_PUBLIC_BASE_URL .*answers 403"),
    ("GET", Fault("answer", 200, b"<html>sign in</html>"), "link not public: .*something else"),
]


@pytest.mark.parametrize(
    ("method", "fault", "message"), REFUSALS, ids=lambda v: v.status if isinstance(v, Fault) else None
)
def test_each_refusal_has_its_message(proxy: FaultProxy, method: str, fault: Fault, message: str) -> None:
    proxy.fail(method, fault)
    with pytest.raises(StorageConfigError, match=message) as raised:
        check_storage(make_settings(proxy_url(proxy)))
    assert ACCESS_KEY_ID not in str(raised.value)
    assert SECRET_ACCESS_KEY not in str(raised.value)
    assert proxy.counts[method] == 1


def test_a_bucket_that_is_not_there(server: str) -> None:
    with pytest.raises(StorageConfigError, match=r"bucket absent .*no-such-bucket"):
        check_storage(make_settings(server, s3_bucket="no-such-bucket"))


def test_a_key_that_may_only_write_passes_with_a_warning(proxy: FaultProxy) -> None:
    proxy.fail("HEAD", answer(403))
    proxy.fail("DELETE", answer(403, "AccessDenied"))

    steps = check_storage(make_settings(proxy_url(proxy), s3_key_prefix="write-only"))

    assert [step.name for step in steps if step.is_warning] == ["bucket", "probe removal"]


def test_without_an_acl_a_closed_link_is_a_warning(server: str) -> None:
    steps = check_storage(make_settings(server, s3_acl="none"))
    assert [(s.name, s.is_warning) for s in steps][-2:] == [
        ("public link", True),
        ("private results", False),
    ]
    assert "answers 403" in steps[-2].detail


def test_a_policy_that_opens_the_results_too_is_a_warning(proxy: FaultProxy, server: str) -> None:
    probe = b"Planning review tried whether this bucket takes objects and its links open.\n"
    proxy.fail("GET", Fault("answer", 200, probe))

    steps = check_storage(make_settings(proxy_url(proxy), s3_acl="none", s3_key_prefix="read"))

    assert [s.detail for s in steps if s.is_warning] == ["read/results/ is open to everyone: deny reading it"]
    assert "Contents" not in make_raw_client(server).list_objects_v2(Bucket=BUCKET, Prefix="opened/")


def test_a_host_that_links_do_not_lead_to_is_found(server: str) -> None:
    with pytest.raises(StorageConfigError, match="link not public: set S3_PUBLIC_BASE_URL"):
        check_storage(make_settings(server, s3_public_base_url="http://127.0.0.1:9/nowhere"))


def test_the_probe_is_removed_when_its_link_fails(proxy: FaultProxy, server: str) -> None:
    proxy.fail("GET", answer(404))
    with pytest.raises(StorageConfigError, match="link not public"):
        check_storage(make_settings(proxy_url(proxy), s3_key_prefix="tidy"))
    assert "Contents" not in make_raw_client(server).list_objects_v2(Bucket=BUCKET, Prefix="tidy/")


def test_steps_come_as_they_pass(proxy: FaultProxy) -> None:
    proxy.fail("PUT", answer(403, "AccessDenied"))
    steps = walk_storage_checks(make_settings(proxy_url(proxy)))
    assert [next(steps).name, next(steps).name] == ["configuration", "bucket"]
    with pytest.raises(StorageConfigError, match="key refused"):
        next(steps)


def test_over_https_both_sides_trust_the_same_authority(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate_path, context = make_certificate(tmp_path)
    with run_proxy(server, tls=context) as proxy:
        settings = make_settings(proxy_url(proxy, "https"))
        with pytest.raises(StorageConfigError, match="set AWS_CA_BUNDLE"):
            check_storage(settings)
        monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate_path))
        assert [step.name for step in check_storage(settings)][-1] == "public link"
