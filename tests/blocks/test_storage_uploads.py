"""Uploads to a real S3 server: what is stored, and what is left after each kind of fault."""

import hashlib
import logging
import ssl
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from blocks.s3_client import Timeouts
from blocks.storage import S3StorageBackend, StorageUploadError, create_private_storage
from planning_review.errors import ObjectNotFound, StorageUnavailable
from tests.support.s3_server import (
    BUCKET,
    LOST,
    RESET,
    SILENT,
    VIRTUAL_DOMAIN,
    Fault,
    FaultProxy,
    answer,
    cut_answer,
    make_certificate,
    make_raw_client,
    make_settings,
    proxy_url,
    run_proxy,
    run_s3_server,
)

KEY = "25_00284_F/001_Transport.pdf"
MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with run_s3_server() as url:
        yield url


@pytest.fixture
def proxy(server: str) -> Iterator[FaultProxy]:
    with run_proxy(server) as running:
        yield running


@pytest.fixture
def backend(proxy: FaultProxy, request: pytest.FixtureRequest) -> S3StorageBackend:
    """A backend behind the proxy, with a prefix of this test's own."""
    prefix = "t" + hashlib.sha256(request.node.name.encode()).hexdigest()[:12]
    return S3StorageBackend.from_settings(make_settings(proxy_url(proxy), s3_key_prefix=prefix))


def make_file(folder: Path, content: bytes = b"%PDF-1.7 a transport assessment") -> Path:
    path = folder / "document.pdf"
    path.write_bytes(content)
    return path


def make_client_context(certificate_path: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certificate_path)


def stored_objects(server: str, backend: S3StorageBackend) -> dict[str, int]:
    found = make_raw_client(server).list_objects_v2(Bucket=BUCKET, Prefix=f"{backend.links.prefix}/")
    return {item["Key"]: item["Size"] for item in found.get("Contents", [])}


def test_s3_ts_01_upload_is_public_at_the_right_key(server: str, tmp_path: Path) -> None:
    backend = S3StorageBackend.from_settings(make_settings(server))
    path = make_file(tmp_path)

    backend.upload(path, KEY)

    raw = make_raw_client(server)
    stored = raw.get_object(Bucket=BUCKET, Key=f"planning/{KEY}")
    assert stored["Body"].read() == path.read_bytes()
    assert stored["Metadata"] == {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    grants = raw.get_object_acl(Bucket=BUCKET, Key=f"planning/{KEY}")["Grants"]
    everyone = "http://acs.amazonaws.com/groups/global/AllUsers"
    assert [g["Permission"] for g in grants if g["Grantee"].get("URI") == everyone] == ["READ"]
    anyone = httpx.get(backend.public_url(KEY))
    assert (anyone.status_code, anyone.content) == (200, path.read_bytes())
    assert anyone.headers["content-type"] == "application/pdf"
    assert anyone.headers["content-disposition"] == "inline"


def test_without_an_acl_the_object_is_private(server: str, tmp_path: Path) -> None:
    backend = S3StorageBackend.from_settings(make_settings(server, s3_acl="none", s3_key_prefix="closed"))

    backend.upload(make_file(tmp_path), KEY)

    assert httpx.get(backend.public_url(KEY)).status_code == 403


def test_extracted_text_is_private_whatever_the_documents_are(server: str, tmp_path: Path) -> None:
    private = create_private_storage(make_settings(server, s3_key_prefix="open"))
    assert private is not None

    private.upload(make_file(tmp_path), "text/abc.json")

    assert httpx.get(f"{server}/{BUCKET}/open/results/text/abc.json").status_code == 403


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("rev_1_review.json", "application/json"),
        ("rev_1_review.md", "text/markdown; charset=utf-8"),
        ("output/rev_1_review.html", "text/html; charset=utf-8"),
        ("index.html", "text/html; charset=utf-8"),
        ("004_Objection.html", "text/plain; charset=utf-8"),
        (
            "let_1_letter.docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        ("004_plan.JPG", "image/jpeg"),
        ("005_unknown.xyz", "application/octet-stream"),
    ],
)
def test_browsers_are_told_the_type(
    backend: S3StorageBackend, tmp_path: Path, name: str, media_type: str
) -> None:
    backend.upload(make_file(tmp_path), name)
    assert httpx.get(backend.public_url(name)).headers["content-type"] == media_type


def test_s3_ts_03_upload_retries_then_succeeds(
    server: str, proxy: FaultProxy, backend: S3StorageBackend, tmp_path: Path
) -> None:
    proxy.fail("PUT", answer(503, "SlowDown"), times=2)
    path = make_file(tmp_path)

    backend.upload(path, KEY)

    assert proxy.counts["PUT"] == 3
    assert stored_objects(server, backend) == {backend.whole_key(KEY): path.stat().st_size}


def test_s3_ts_04_upload_gives_up_after_three(
    server: str, proxy: FaultProxy, backend: S3StorageBackend, tmp_path: Path
) -> None:
    proxy.fail("PUT", answer(500, "InternalError"))

    with pytest.raises(StorageUploadError) as raised:
        backend.upload(make_file(tmp_path), KEY)

    assert proxy.counts["PUT"] == 3
    assert (raised.value.key, raised.value.attempts) == (KEY, 3)
    assert "500 InternalError" in raised.value.last_error
    assert stored_objects(server, backend) == {}


@pytest.mark.parametrize(
    ("fault", "puts"),
    [
        (answer(429, "TooManyRequests"), 3),
        (answer(400, "RequestTimeout"), 3),
        (answer(409, "OperationAborted"), 3),
        (answer(503), 3),
        (RESET, 3),
        (answer(501, "NotImplemented"), 1),
        (answer(507, "InsufficientStorage"), 1),
        (answer(401, "Unauthorized"), 1),
        (answer(403, "AccessDenied"), 1),
        (answer(404, "NoSuchBucket"), 1),
        (answer(400, "AccessControlListNotSupported"), 1),
        (answer(400, "BadDigest"), 1),
        (answer(412, "PreconditionFailed"), 1),
        (answer(301, "PermanentRedirect", **{"x-amz-bucket-region": "eu-west-2"}), 1),
        (answer(307, "TemporaryRedirect", Location="http://127.0.0.1:9/elsewhere"), 1),
    ],
    ids=lambda value: f"{value.kind}-{value.status}" if isinstance(value, Fault) else str(value),
)
def test_only_what_may_pass_is_tried_again(
    server: str, proxy: FaultProxy, backend: S3StorageBackend, tmp_path: Path, fault: Fault, puts: int
) -> None:
    proxy.fail("PUT", fault)

    with pytest.raises(StorageUploadError) as raised:
        backend.upload(make_file(tmp_path), KEY)

    assert proxy.counts["PUT"] == puts == raised.value.attempts
    assert stored_objects(server, backend) == {}


def test_a_reset_in_the_body_is_sent_again_whole(
    server: str, proxy: FaultProxy, backend: S3StorageBackend, tmp_path: Path
) -> None:
    proxy.fail("PUT", RESET, times=2)
    path = make_file(tmp_path, b"x" * (3 * MEBIBYTE))

    backend.upload(path, KEY)

    assert proxy.counts["PUT"] == 3
    assert stored_objects(server, backend) == {backend.whole_key(KEY): 3 * MEBIBYTE}
    assert httpx.get(backend.public_url(KEY)).content == path.read_bytes()


@pytest.mark.parametrize("attempts", [1, 3])
def test_an_answer_lost_after_storing_costs_no_second_put(
    server: str, proxy: FaultProxy, tmp_path: Path, attempts: int
) -> None:
    settings = make_settings(proxy_url(proxy), s3_key_prefix=f"lost-{attempts}")
    backend = S3StorageBackend.from_settings(settings, attempts=attempts)
    proxy.fail("PUT", LOST, times=1)

    backend.upload(make_file(tmp_path), KEY)

    assert proxy.counts["PUT"] == 1
    assert len(stored_objects(server, backend)) == 1


def test_the_last_answer_lost_is_no_failure(
    proxy: FaultProxy, backend: S3StorageBackend, tmp_path: Path
) -> None:
    proxy.fail("PUT", answer(503, "SlowDown"), times=2)
    proxy.fail("PUT", LOST)

    backend.upload(make_file(tmp_path), KEY)

    assert proxy.counts["PUT"] == 3


def test_a_store_that_is_silent_ends_with_three_puts(proxy: FaultProxy, tmp_path: Path) -> None:
    settings = make_settings(proxy_url(proxy), s3_key_prefix="silent")
    backend = S3StorageBackend.from_settings(settings, timeouts=Timeouts(0.3, 0.3))
    proxy.fail("PUT", SILENT)
    proxy.fail("HEAD", SILENT)

    with pytest.raises(StorageUploadError, match="no answer within the time-out"):
        backend.upload(make_file(tmp_path), KEY)

    assert proxy.counts["PUT"] == 3


def test_one_attempt_leaves_the_retry_to_the_caller(proxy: FaultProxy, tmp_path: Path) -> None:
    settings = make_settings(proxy_url(proxy), s3_key_prefix="once")
    backend = S3StorageBackend.from_settings(settings, attempts=1)
    proxy.fail("PUT", answer(503, "SlowDown"), times=1)
    proxy.fail("PUT", answer(403, "AccessDenied"), times=1)
    path = make_file(tmp_path)

    with pytest.raises(StorageUnavailable):
        backend.upload(path, KEY)
    with pytest.raises(StorageUploadError) as refused:
        backend.upload(path, KEY)
    backend.upload(path, KEY)

    assert refused.value.attempts == 1
    assert proxy.counts["PUT"] == 3


def test_equal_bytes_are_not_sent_again_and_others_are(
    proxy: FaultProxy, backend: S3StorageBackend, tmp_path: Path
) -> None:
    path = make_file(tmp_path, b"first")
    backend.upload(path, KEY)
    backend.upload(path, KEY)
    assert proxy.counts["PUT"] == 1

    path.write_bytes(b"other")
    backend.upload(path, KEY)

    assert proxy.counts["PUT"] == 2
    assert httpx.get(backend.public_url(KEY)).content == b"other"


def test_a_refused_head_means_unknown_and_uploads(
    proxy: FaultProxy, backend: S3StorageBackend, tmp_path: Path
) -> None:
    proxy.fail("HEAD", answer(403))
    path = make_file(tmp_path)

    backend.upload(path, KEY)

    assert proxy.counts["PUT"] == 1
    assert backend.exists(KEY, hashlib.sha256(path.read_bytes()).hexdigest()) is None


def test_new_files_of_a_folder_cost_one_listing_and_a_look_each(
    proxy: FaultProxy, backend: S3StorageBackend, tmp_path: Path
) -> None:
    for number in range(5):
        backend.upload(make_file(tmp_path, f"document {number}".encode()), f"25_00284_F/{number:03d}_a.pdf")
    # After each PUT the store is looked at for what it made of it.
    assert proxy.counts == {"GET": 1, "PUT": 5, "HEAD": 5}

    again = S3StorageBackend(backend.block, backend.links)
    again.upload(make_file(tmp_path, b"document 3"), "25_00284_F/003_a.pdf")

    # One more listing, and its link.
    assert proxy.counts == {"GET": 3, "HEAD": 6, "PUT": 5}


def test_a_key_that_may_not_list_looks_at_each_object(
    proxy: FaultProxy, backend: S3StorageBackend, tmp_path: Path
) -> None:
    proxy.fail("GET", answer(403, "AccessDenied"))
    for _ in range(2):
        backend.upload(make_file(tmp_path), KEY)
    # The second time nothing is sent but the ACL, as the link does not open.
    assert proxy.counts == {"GET": 2, "HEAD": 3, "PUT": 2}
    assert proxy.count("PUT", "?acl") == 1


def test_s3_ts_05_ten_megabytes_go_up_in_parts(
    server: str, proxy: FaultProxy, backend: S3StorageBackend, tmp_path: Path
) -> None:
    path = make_file(tmp_path, bytes(range(256)) * (10 * 4096))

    backend.upload(path, KEY)

    parts = [p for p in proxy.paths if "partNumber=" in p]
    assert (len(parts), proxy.counts["PUT"], proxy.counts["POST"]) == (2, 2, 2)
    stored = make_raw_client(server).head_object(Bucket=BUCKET, Key=backend.whole_key(KEY))
    assert stored["ETag"].endswith('-2"')
    assert stored["Metadata"]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    anyone = httpx.get(backend.public_url(KEY))
    assert anyone.content == path.read_bytes()
    assert anyone.headers["content-type"] == "application/pdf"


def test_eight_mebibytes_go_up_whole(proxy: FaultProxy, backend: S3StorageBackend, tmp_path: Path) -> None:
    backend.upload(make_file(tmp_path, b"x" * (8 * MEBIBYTE)), KEY)
    assert (proxy.counts["PUT"], proxy.counts["POST"]) == (1, 0)


def test_a_part_that_fails_is_made_good(
    server: str, proxy: FaultProxy, backend: S3StorageBackend, tmp_path: Path
) -> None:
    proxy.fail("PUT", RESET, times=1)
    path = make_file(tmp_path, b"y" * (9 * MEBIBYTE))

    backend.upload(path, KEY)

    assert stored_objects(server, backend) == {backend.whole_key(KEY): 9 * MEBIBYTE}
    unfinished = make_raw_client(server).list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])
    assert [u["Key"] for u in unfinished if u["Key"] == backend.whole_key(KEY)] == []


def test_a_refused_part_is_not_tried_again(
    proxy: FaultProxy, backend: S3StorageBackend, tmp_path: Path
) -> None:
    proxy.fail("PUT", answer(403, "AccessDenied"))

    with pytest.raises(StorageUploadError, match="403 AccessDenied"):
        backend.upload(make_file(tmp_path, b"y" * (9 * MEBIBYTE)), KEY)

    assert proxy.counts["PUT"] == 1


def test_requests_carry_no_expect_and_no_trailing_checksum(
    proxy: FaultProxy, backend: S3StorageBackend, tmp_path: Path
) -> None:
    backend.upload(make_file(tmp_path), KEY)

    names = {name.lower() for headers in proxy.headers for name in headers}
    assert not names & {"expect", "x-amz-trailer", "x-amz-sdk-checksum-algorithm"}


def test_threads_share_one_backend(server: str, backend: S3StorageBackend, tmp_path: Path) -> None:
    paths = []
    for number in range(40):
        path = tmp_path / f"{number}.pdf"
        path.write_bytes(f"document {number}".encode())
        paths.append(path)
    barrier = threading.Barrier(8)

    def upload(path: Path) -> None:
        if int(path.stem) < 8:
            barrier.wait(timeout=10)
        backend.upload(path, f"many/{path.name}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(upload, paths))

    assert backend.list_keys("many") == {f"many/{p.name}": p.stat().st_size for p in paths}
    assert len(stored_objects(server, backend)) == 40


@pytest.mark.parametrize(
    "key",
    [
        "25_00284_F/001_a plan+50%#2?.pdf",
        "25_00284_F/002_تقييم النقل.pdf",
        "25_00284_F/003_Vélo & piétons.pdf",
        "oxford/25_00284_F/004_~plan(1)'s;=@$,!*.pdf",
    ],
)
def test_links_to_odd_names_open(backend: S3StorageBackend, tmp_path: Path, key: str) -> None:
    path = make_file(tmp_path, key.encode())
    backend.upload(path, key)
    assert httpx.get(backend.public_url(key)).content == key.encode()
    assert backend.list_keys(key.rpartition("/")[0]) == {key: path.stat().st_size}


@pytest.mark.parametrize(
    "key", ["", "/abs.pdf", "a/../b.pdf", "./b.pdf", "a//b.pdf", "a/", "a\nb.pdf", "n" * 2000, "\ud800.pdf"]
)
def test_unusable_keys_are_refused_before_any_request(
    proxy: FaultProxy, backend: S3StorageBackend, tmp_path: Path, key: str
) -> None:
    with pytest.raises(StorageUploadError, match="no usable object key"):
        backend.upload(make_file(tmp_path), key)
    assert proxy.counts == {}


def test_a_missing_local_file_is_named(proxy: FaultProxy, backend: S3StorageBackend, tmp_path: Path) -> None:
    with pytest.raises(StorageUploadError, match=r"gone\.pdf can't be read"):
        backend.upload(tmp_path / "gone.pdf", KEY)
    assert proxy.counts == {}


def test_download_brings_the_bytes_back(proxy: FaultProxy, backend: S3StorageBackend, tmp_path: Path) -> None:
    path = make_file(tmp_path, b"z" * (2 * MEBIBYTE))
    backend.upload(path, KEY)
    backend.delete(path)
    assert not path.exists()
    proxy.fail("GET", answer(503, "SlowDown"), times=1)
    target = tmp_path / "another machine" / "001.pdf"

    backend.download_to(KEY, target)

    assert target.read_bytes() == b"z" * (2 * MEBIBYTE)
    assert list(target.parent.iterdir()) == [target]


def test_download_of_a_cut_body_leaves_nothing(
    proxy: FaultProxy, backend: S3StorageBackend, tmp_path: Path
) -> None:
    proxy.fail("GET", cut_answer(b"%PDF half", promised_bytes=500))

    with pytest.raises(StorageUnavailable):
        S3StorageBackend(backend.block, backend.links, attempts=1).download_to(
            KEY, tmp_path / "new" / "a.pdf"
        )

    assert list((tmp_path / "new").iterdir()) == []


def test_download_of_an_absent_object_says_so(backend: S3StorageBackend, tmp_path: Path) -> None:
    with pytest.raises(ObjectNotFound):
        backend.download_to("25_00284_F/404.pdf", tmp_path / "404.pdf")


def test_exists_compares_the_bytes(backend: S3StorageBackend, tmp_path: Path) -> None:
    path = make_file(tmp_path)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    assert backend.exists(KEY, sha256) is False
    backend.upload(path, KEY)
    assert backend.exists(KEY, sha256) is True
    assert backend.exists(KEY, "0" * 64) is False


def test_seconds_are_logged_for_each_file(
    backend: S3StorageBackend, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="blocks.s3"):
        backend.upload(make_file(tmp_path), KEY)
    assert [r.levelname for r in caplog.records if "s3_upload_seconds=" in r.getMessage()] == ["DEBUG"]
    assert backend.upload_total_seconds > 0


def test_https_with_an_authority_of_ones_own(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate_path, context = make_certificate(tmp_path)
    path = make_file(tmp_path, b"x" * (9 * MEBIBYTE))
    with run_proxy(server, tls=context) as proxy:
        settings = make_settings(proxy_url(proxy, "https"), s3_key_prefix="tls")
        with pytest.raises(StorageUploadError, match="set AWS_CA_BUNDLE"):
            S3StorageBackend.from_settings(settings).upload(path, KEY)
        assert proxy.counts["PUT"] == 0
        monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate_path))
        backend = S3StorageBackend.from_settings(
            make_settings(proxy_url(proxy, "https"), s3_key_prefix="tls2")
        )

        backend.upload(path, KEY)
        backend.upload(make_file(tmp_path, b"small"), "small.pdf")

        names = {name.lower() for headers in proxy.headers for name in headers}
        assert "x-amz-trailer" not in names
        link = backend.public_url("small.pdf")
        assert link.startswith(f"https://127.0.0.1:{proxy.server.server_port}/{BUCKET}/tls2/")
        trusted = make_client_context(certificate_path)
        assert httpx.get(link, verify=trusted).content == b"small"
    assert backend.whole_key(KEY) in stored_objects(server, backend)


def test_virtual_host_links_open_over_https(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate_path, context = make_certificate(tmp_path, f"*.{VIRTUAL_DOMAIN}", VIRTUAL_DOMAIN)
    with run_proxy(server, tls=context, is_tls_outside=False) as proxy:
        monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate_path))
        monkeypatch.setenv("HTTPS_PROXY", proxy_url(proxy))
        monkeypatch.setenv("NO_PROXY", "")
        monkeypatch.setenv("no_proxy", "")
        settings = make_settings(f"https://{VIRTUAL_DOMAIN}", s3_key_prefix="virtual")
        backend = S3StorageBackend.from_settings(settings)

        backend.upload(make_file(tmp_path), KEY)

        link = backend.public_url(KEY)
        assert link == f"https://{BUCKET}.{VIRTUAL_DOMAIN}/virtual/{KEY}"
        anyone = httpx.get(link, verify=make_client_context(certificate_path))
        assert anyone.content == b"%PDF-1.7 a transport assessment"
    assert stored_objects(server, backend) == {f"virtual/{KEY}": 31}


@pytest.mark.parametrize(
    "fault",
    [
        Fault("answer", 200),
        Fault("spoil", body=b"%PDF"),
        Fault("spoil", body=b"%PDF-1.7 a transport assessmenX"),
    ],
    ids=["nothing", "a part", "other bytes"],
)
def test_a_store_that_says_it_took_what_it_has_not_is_not_believed(
    proxy: FaultProxy, backend: S3StorageBackend, tmp_path: Path, fault: Fault
) -> None:
    proxy.fail("PUT", fault)
    with pytest.raises(StorageUploadError, match="has not got it as it was sent"):
        backend.upload(make_file(tmp_path), KEY)
    assert proxy.counts["PUT"] == 3

    proxy.fail("PUT", fault, times=1)
    proxy._always.clear()
    backend.upload(make_file(tmp_path), KEY)
    assert httpx.get(backend.public_url(KEY)).content == make_file(tmp_path).read_bytes()


def test_an_etag_that_is_no_digest_has_the_object_read_back(
    proxy: FaultProxy, backend: S3StorageBackend, tmp_path: Path
) -> None:
    path = make_file(tmp_path)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    size = str(path.stat().st_size)
    opaque = {"ETag": '"opaque"', "Content-Length": size, "x-amz-meta-sha256": sha256}
    proxy.fail("HEAD", Fault("answer", 200, b"", opaque))
    backend.upload(path, KEY)
    assert proxy.count("GET", KEY) == 1
    mark = backend.find_mark(KEY)
    assert mark == (len(path.read_bytes()), "opaque")


@pytest.mark.parametrize("size_bytes", [100, 9 * MEBIBYTE], ids=["whole", "in parts"])
def test_bytes_go_up_with_their_digest_for_buckets_that_lock_what_they_keep(
    proxy: FaultProxy, backend: S3StorageBackend, tmp_path: Path, size_bytes: int
) -> None:
    backend.upload(make_file(tmp_path, b"x" * size_bytes), KEY)
    sent = [headers for headers in proxy.headers if int(headers.get("Content-Length", 0)) >= 100]
    assert sent
    assert all("Content-MD5" in headers for headers in sent if "x-amz-content-sha256" in headers)
    # The ETag that a store makes of parts is known beforehand: nothing was read back.
    assert proxy.count("GET", KEY) == 0


def test_a_corrected_acl_opens_what_was_stored_closed(
    server: str, proxy: FaultProxy, backend: S3StorageBackend, tmp_path: Path
) -> None:
    settings = make_settings(proxy_url(proxy), s3_key_prefix=backend.links.prefix, s3_acl="none")
    closed = S3StorageBackend.from_settings(settings)
    closed.upload(make_file(tmp_path), KEY)
    assert httpx.get(backend.public_url(KEY)).status_code == 403

    backend.upload(make_file(tmp_path), KEY)

    assert httpx.get(backend.public_url(KEY)).status_code == 200
    assert proxy.count("PUT", f"{KEY}?acl") == 1
    assert proxy.count("PUT", KEY) == 2
