"""The check before a run: each thing that can be wrong has a message of its own, within 10 s."""

import os
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


@pytest.fixture(autouse=True)
def no_authority_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)


@pytest.fixture
def proxy(server: str) -> Iterator[FaultProxy]:
    with run_proxy(server) as running:
        yield running


def test_working_storage_passes_each_step_and_is_left_as_it_was(server: str) -> None:
    steps = check_storage(make_settings(server, s3_key_prefix="as-it-was"))

    assert [step.name for step in steps] == [
        "configuration",
        "bucket",
        "listing",
        "probe object",
        "reading",
        "public link",
        "private results",
    ]
    assert not any(step.is_warning for step in steps)
    assert "Contents" not in make_raw_client(server).list_objects_v2(Bucket=BUCKET, Prefix="as-it-was/")


def test_without_s3_there_is_nothing_to_try() -> None:
    (nothing,) = check_storage(make_settings(None, s3_bucket=None))
    (half,) = check_storage(make_settings(None))
    assert nothing.name == half.name == "configuration"
    assert "S3_BUCKET" not in nothing.detail
    assert "S3_BUCKET is set but S3_ENDPOINT_URL is not" in half.detail


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
    with pytest.raises(StorageConfigError, match=r"did not answer within 3 s \(last that worked: listing"):
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
    ("PUT", answer(503, "SlowDown"), "store busy .*503 SlowDown.*same command again"),
    ("PUT", answer(400, "InvalidArgument"), "ACLs disabled .*S3_ACL=none"),
    ("PUT", answer(400, "ExpiredToken"), "temporary key not valid .*S3_SESSION_TOKEN"),
    ("PUT", answer(403, "QuotaExceeded"), "no room .*quota or cap"),
    ("PUT", answer(403, "AccessDenied", "Cannot upload files, storage cap exceeded"), "no room"),
    ("PUT", answer(403, "AccountProblem"), "account closed .*sign in at the vendor"),
    ("PUT", answer(418, "Teapot"), "does not take objects .*418 Teapot"),
    ("GET", answer(403, "AccessDenied"), "listing refused .*s3:ListBucket"),
    ("GET", Fault("answer", 200, b"<html>sign in</html>"), "does not keep what it takes"),
]

LINK_FAULTS = [
    (answer(403, "AccessDenied"), "link not public: set S3_PUBLIC_BASE_URL .*answers 403"),
    (Fault("answer", 200, b"<html>sign in</html>" * 1000), "link not public: .*something else"),
]


@pytest.mark.parametrize(("fault", "message"), LINK_FAULTS, ids=("closed", "another page"))
def test_a_link_that_readers_cannot_open_is_refused(
    server: str, proxy: FaultProxy, fault: Fault, message: str
) -> None:
    proxy.fail("GET", fault)
    settings = make_settings(server, s3_public_base_url=f"{proxy.url}/{BUCKET}", s3_key_prefix="link")
    with pytest.raises(StorageConfigError, match=message):
        check_storage(settings)
    assert proxy.counts == {"GET": 1}
    assert "Contents" not in make_raw_client(server).list_objects_v2(Bucket=BUCKET, Prefix="link/")


def test_an_acl_that_is_blocked_is_told_from_a_key_that_may_not_write(proxy: FaultProxy) -> None:
    proxy.fail("PUT", answer(403, "AccessDenied"), times=1)
    with pytest.raises(StorageConfigError, match=r"ACL refused .*BlockPublicAcls.*S3_ACL=none"):
        check_storage(make_settings(proxy_url(proxy), s3_key_prefix="blocked"))


def test_a_store_that_keeps_nothing_of_what_it_takes_is_refused(proxy: FaultProxy) -> None:
    proxy.fail("PUT", Fault("answer", 200))
    with pytest.raises(StorageConfigError, match=r"reading refused \(the store answered 404"):
        check_storage(make_settings(proxy_url(proxy), s3_key_prefix="forgetful"))


def test_results_that_the_key_may_not_read_are_refused(proxy: FaultProxy) -> None:
    proxy.fail_path("GET", "/mine/results/storage-check-", answer(403, "AccessDenied"))
    with pytest.raises(StorageConfigError, match=r"reading refused .*mine/results/"):
        check_storage(make_settings(proxy_url(proxy), s3_key_prefix="mine"))


def test_a_probe_that_a_killed_check_left_is_taken_over_or_removed(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = make_settings(server, s3_key_prefix="left")
    raw = make_raw_client(server)
    steps = walk_storage_checks(settings)
    assert [next(steps).name for _ in range(4)][-1] == "probe object"
    # Killed here, of two machines; nothing of it runs on.
    (left,) = raw.list_objects_v2(Bucket=BUCKET, Prefix="left/")["Contents"]
    for step in steps:
        assert step
    for key in (left["Key"], "left/storage-check-0123.txt", "left/results/storage-check-0123.txt"):
        raw.put_object(Bucket=BUCKET, Key=key, Body=b"left")
    monkeypatch.setattr("blocks.check._LEFT_SECONDS", -60)
    assert not any(step.is_warning for step in walk_storage_checks(settings))
    assert "Contents" not in raw.list_objects_v2(Bucket=BUCKET, Prefix="left/")


def test_what_passed_is_not_tried_again_at_once(proxy: FaultProxy) -> None:
    settings = make_settings(proxy_url(proxy), s3_key_prefix="again")
    steps, asked = check_storage(settings), sum(proxy.counts.values())
    assert check_storage(settings) == steps
    assert sum(proxy.counts.values()) == asked


@pytest.mark.parametrize(
    ("method", "fault", "message"), REFUSALS, ids=lambda v: v.status if isinstance(v, Fault) else None
)
def test_each_refusal_has_its_message(proxy: FaultProxy, method: str, fault: Fault, message: str) -> None:
    proxy.fail(method, fault)
    with pytest.raises(StorageConfigError, match=message) as raised:
        check_storage(make_settings(proxy_url(proxy)))
    assert ACCESS_KEY_ID not in str(raised.value)
    assert SECRET_ACCESS_KEY not in str(raised.value)
    # Where a PUT is refused, one without its ACL tells whether it is that; a list that is none is seen when
    # the object is read back, which is done twice.
    most = {"PUT": 2 if b"AccessDenied" in fault.body else 1, "GET": 3 if fault.status == 200 else 1}
    assert proxy.counts[method] <= most.get(method, 1)


def test_a_bucket_that_is_not_there(server: str) -> None:
    with pytest.raises(StorageConfigError, match=r"bucket absent .*no-such-bucket"):
        check_storage(make_settings(server, s3_bucket="no-such-bucket"))


def test_a_key_that_may_only_write_is_refused(proxy: FaultProxy, server: str) -> None:
    proxy.fail("HEAD", answer(403))

    with pytest.raises(StorageConfigError, match=r"reading refused \(the store answered 403\).*s3:GetObject"):
        check_storage(make_settings(proxy_url(proxy), s3_key_prefix="write-only"))
    assert "Contents" not in make_raw_client(server).list_objects_v2(Bucket=BUCKET, Prefix="write-only/")


def test_a_probe_that_may_not_be_removed_is_named(proxy: FaultProxy) -> None:
    proxy.fail("DELETE", answer(403, "AccessDenied"))
    steps = check_storage(make_settings(proxy_url(proxy), s3_key_prefix="stays"))
    assert [step.name for step in steps if step.is_warning] == ["probe removal"]


def test_without_an_acl_a_closed_link_is_a_warning(server: str) -> None:
    steps = check_storage(make_settings(server, s3_acl="none"))
    assert [(s.name, s.is_warning) for s in steps][-2:] == [
        ("public link", True),
        ("private results", False),
    ]
    assert "answers 403" in steps[-2].detail


def test_a_policy_that_opens_the_results_too_is_a_warning(proxy: FaultProxy, server: str) -> None:
    probe = b"Planning review tried whether this bucket takes objects and its links open.\n"
    proxy.fail_path("GET", "/read/", Fault("answer", 200, probe))

    steps = check_storage(make_settings(proxy_url(proxy), s3_acl="none", s3_key_prefix="read"))

    assert [s.detail for s in steps if s.is_warning] == ["read/results/ is open to everyone: deny reading it"]
    assert "Contents" not in make_raw_client(server).list_objects_v2(Bucket=BUCKET, Prefix="opened/")


def test_a_host_that_links_do_not_lead_to_is_found(server: str) -> None:
    with pytest.raises(StorageConfigError, match="link not public: set S3_PUBLIC_BASE_URL"):
        check_storage(make_settings(server, s3_public_base_url="http://127.0.0.1:9/nowhere"))


def test_the_probe_is_removed_when_its_link_fails(proxy: FaultProxy, server: str) -> None:
    proxy.fail_path("GET", "/tidy/", answer(404))
    with pytest.raises(StorageConfigError, match="reading refused"):
        check_storage(make_settings(proxy_url(proxy), s3_key_prefix="tidy"))
    assert "Contents" not in make_raw_client(server).list_objects_v2(Bucket=BUCKET, Prefix="tidy/")


def test_steps_come_as_they_pass(proxy: FaultProxy) -> None:
    proxy.fail("PUT", answer(403, "AccessDenied"))
    steps = walk_storage_checks(make_settings(proxy_url(proxy)))
    assert [next(steps).name for _ in range(3)] == ["configuration", "bucket", "listing"]
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
        (link,) = [step for step in check_storage(settings) if step.name == "public link"]
        # Who reads the reviews trusts whom the public trusts.
        assert link.is_warning
        assert "only for readers who trust the authority" in link.detail


def test_a_public_address_is_judged_by_the_publics_trust(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate_path, context = make_certificate(tmp_path)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate_path))
    with run_proxy(server, tls=context) as private, run_proxy(server) as public:
        base_url = f"{public.url}/{BUCKET}"
        steps = check_storage(make_settings(proxy_url(private, "https"), s3_public_base_url=base_url))
    assert not any(step.is_warning for step in steps)


def test_the_authority_may_stand_in_the_settings_file(server: str, tmp_path: Path) -> None:
    certificate_path, context = make_certificate(tmp_path)
    with run_proxy(server, tls=context) as proxy:
        settings = make_settings(proxy_url(proxy, "https"), AWS_CA_BUNDLE=str(certificate_path))
        try:
            assert check_storage(settings)[-1].name == "private results"
            missing = make_settings(proxy_url(proxy, "https"), AWS_CA_BUNDLE=str(tmp_path / "none.pem"))
            with pytest.raises(StorageConfigError, match=r"AWS_CA_BUNDLE names .*which is no file"):
                check_storage(missing.model_copy(update={"s3_key_prefix": "other"}))
        finally:
            os.environ.pop("AWS_CA_BUNDLE", None)
