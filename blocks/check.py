"""Tries the storage before a run starts, so that nothing about it is found out in the middle of one."""

import contextvars
import queue
import secrets
import ssl
import threading
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from botocore.exceptions import BotoCoreError, ClientError

from blocks.keys import RESULTS_FOLDER
from blocks.s3 import S3StorageBackend
from blocks.s3_client import Timeouts, find_ca_bundle
from blocks.s3_failures import explain_refusal, parse_failure
from planning_review.check_step import Step
from planning_review.errors import StorageConfigError
from planning_review.settings import Settings

LIMIT_SECONDS = 9.5
"""For everything together: bad storage is to be refused within 10 s."""

CHECK_TIMEOUTS = Timeouts(connect_seconds=3, read_seconds=5)

_PROBE = b"Planning review tried whether this bucket takes objects and its links open.\n"


def check_storage(settings: Settings, limit_seconds: float = LIMIT_SECONDS) -> list[Step]:
    """Try configuration, bucket, a probe object and its public link, or raise StorageConfigError."""
    return list(walk_storage_checks(settings, limit_seconds))


def walk_storage_checks(settings: Settings, limit_seconds: float = LIMIT_SECONDS) -> Iterator[Step]:
    """Yield each step as it passes; raise StorageConfigError at the one that does not, or at the limit.

    Runs beside the caller, as looking up a host's name can't be given a time-out.
    """
    if not (settings.s3_endpoint_url or settings.s3_storage_block):
        yield Step("configuration", f"no S3: documents stay in {settings.raw_dir}, with the register's links")
        return
    # Seconds on a busy machine, and none of them the storage's.
    import_module("prefect_aws")
    answers: queue.Queue[Step | BaseException | None] = queue.Queue()

    def run() -> None:
        try:
            for step in _try_each(settings):
                answers.put(step)
            answers.put(None)
        except BaseException as error:  # noqa: BLE001 - handed to the caller, who raises it
            answers.put(error)

    deadline = time.monotonic() + limit_seconds
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(run,), name="check-storage", daemon=True).start()
    passed = "nothing worked before that"
    while True:
        try:
            answer = answers.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            raise StorageConfigError(
                f"The storage did not answer within {limit_seconds:.0f} s ({passed}): check S3_ENDPOINT_URL, "
                "and that this machine can reach it."
            ) from None
        if answer is None:
            return
        if isinstance(answer, BaseException):
            raise answer
        passed = f"last that worked: {answer.name}, {answer.detail}"
        yield answer


def _try_each(settings: Settings) -> Iterator[Step]:
    backend = S3StorageBackend.from_settings(settings, timeouts=CHECK_TIMEOUTS)
    host = urlsplit(backend.endpoint_url).netloc
    links = backend.links
    yield Step(
        "configuration", f"{host}, bucket {backend.bucket}, prefix {links.prefix}, ACL {links.acl or 'none'}"
    )
    yield _try_bucket(backend, host)
    # A name of its own, so that two runs that start together don't remove each other's probe.
    key = f"storage-check-{secrets.token_hex(8)}.txt"
    yield _store_probe(backend, host, key, links.acl)
    try:
        link_step = _try_link(backend, key)
    finally:
        is_removed = _remove_probe(backend, key)
    yield link_step
    if not is_removed:
        yield Step("probe removal", f"refused: remove {links.prefix}/{key} by hand", is_warning=True)
    if links.acl is None:
        yield _try_results(backend, host, f"{RESULTS_FOLDER}/{key}")


def _try_bucket(backend: S3StorageBackend, host: str) -> Step:
    failure = None
    try:
        backend.client.head_bucket(Bucket=backend.bucket)
    except (BotoCoreError, ClientError, OSError) as error:
        failure = parse_failure(error)
    if failure is None:
        return Step("bucket", f"{backend.bucket} is there")
    if failure.status == 403 and not failure.region:
        # HEAD has no body to say why, and a key may be allowed to write without being allowed to look.
        return Step(
            "bucket", f"this key may not look at {backend.bucket}; the probe tells more", is_warning=True
        )
    raise StorageConfigError(explain_refusal(failure, host, backend.bucket, backend.links))


def _store_probe(backend: S3StorageBackend, host: str, key: str, acl: str | None) -> Step:
    headers = {"ContentType": "text/plain; charset=utf-8", "ContentDisposition": "inline"}
    if acl:
        headers["ACL"] = acl
    failure = None
    try:
        backend.client.put_object(Bucket=backend.bucket, Key=backend.whole_key(key), Body=_PROBE, **headers)
    except (BotoCoreError, ClientError, OSError) as error:
        failure = parse_failure(error)
    if failure is None:
        return Step("probe object", f"stored {len(_PROBE)} bytes under {backend.links.prefix}/")
    raise StorageConfigError(explain_refusal(failure, host, backend.bucket, backend.links))


def _try_link(backend: S3StorageBackend, key: str) -> Step:
    url = backend.public_url(key)
    problem = _open_link(url, find_ca_bundle(backend.block))
    shown = f"{url.rpartition('/')[0]}/..."
    if problem is None:
        return Step("public link", f"{shown} opens without a key")
    if backend.links.acl is None:
        return Step("public link", f"{shown} {problem}: readers need a bucket policy", is_warning=True)
    raise StorageConfigError(
        f"link not public: set S3_PUBLIC_BASE_URL ({shown} {problem}), or let everyone read "
        f"{backend.links.prefix}/* of the bucket {backend.bucket} (S3_ACL=none where a policy does that)."
    )


def _try_results(backend: S3StorageBackend, host: str, key: str) -> Step:
    """See that a policy that opens the documents leaves the results closed."""
    _store_probe(backend, host, key, acl=None)
    try:
        is_open = _open_link(backend.public_url(key), find_ca_bundle(backend.block)) is None
    finally:
        _remove_probe(backend, key)
    folder = f"{backend.links.prefix}/{RESULTS_FOLDER}/"
    detail = f"{folder} is open to everyone: deny reading it" if is_open else f"{folder} is closed"
    return Step("private results", detail, is_warning=is_open)


def _open_link(url: str, ca_bundle: Path | None) -> str | None:
    """Return what is wrong with the link, None where anyone gets the probe's bytes."""
    timeout = httpx.Timeout(CHECK_TIMEOUTS.read_seconds, connect=CHECK_TIMEOUTS.connect_seconds)
    try:
        trust = ssl.create_default_context(cafile=ca_bundle) if ca_bundle else True
        answer = httpx.get(url, timeout=timeout, verify=trust, follow_redirects=True)
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return f"does not answer ({type(error).__name__})"
    if answer.status_code != 200:
        return f"answers {answer.status_code}"
    return None if answer.content == _PROBE else "shows something else than what was stored"


def _remove_probe(backend: S3StorageBackend, key: str) -> bool:
    try:
        backend.client.delete_object(Bucket=backend.bucket, Key=backend.whole_key(key))
    except (BotoCoreError, ClientError, OSError):
        return False
    return True
