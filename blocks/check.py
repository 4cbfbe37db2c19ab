"""Tries the storage before a run starts, so that nothing about it is found out in the middle of one."""

import contextvars
import hashlib
import queue
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from urllib.parse import urlsplit

from filelock import FileLock, Timeout

from blocks.keys import RESULTS_FOLDER
from blocks.public_links import find_link_problem
from blocks.s3 import REQUEST_ERRORS, S3StorageBackend
from blocks.s3_client import Timeouts, find_ca_bundle
from blocks.s3_config import parse_link_config, parse_s3_config
from blocks.s3_failures import ACL_REFUSED, Failure, explain_refusal, parse_failure
from planning_review.check_step import Step
from planning_review.errors import StorageConfigError
from planning_review.settings import Settings

LIMIT_SECONDS = 9.5
"""For everything together: bad storage is to be refused within 10 s."""

CHECK_TIMEOUTS = Timeouts(connect_seconds=3, read_seconds=5)

PASSED_SECONDS = 600
_passed: dict[tuple[object, ...], tuple[float, list[Step]]] = {}

_PROBE_NAME = "storage-check-"
_LEFT_SECONDS = 3600
"""How old a probe is that a check of another machine left, which was killed."""

_PROBE = b"Planning review tried whether this bucket takes objects and its links open.\n"


def check_storage(settings: Settings, limit_seconds: float = LIMIT_SECONDS) -> list[Step]:
    """Try configuration, bucket, a probe object and its public link, or raise StorageConfigError.

    What passed is not tried again by the same process for a while: its next run is not to wait for it.
    """
    asked = tuple(getattr(settings, name) for name in type(settings).model_fields if name.startswith("s3_"))
    known = _passed.get(asked)
    if known is None or time.monotonic() - known[0] > PASSED_SECONDS:
        known = _passed[asked] = (time.monotonic(), list(walk_storage_checks(settings, limit_seconds)))
    return known[1]


def walk_storage_checks(settings: Settings, limit_seconds: float = LIMIT_SECONDS) -> Iterator[Step]:
    """Yield each step as it passes; raise StorageConfigError at the one that does not, or at the limit.

    Runs beside the caller, as looking up a host's name can't be given a time-out.
    """
    if not settings.uses_bucket:
        lacking = "S3_BUCKET is set but S3_ENDPOINT_URL is not, so " if settings.s3_bucket else ""
        kept = f"documents stay in {settings.raw_dir}, with the register's links"
        yield Step("configuration", f"no S3: {lacking}{kept}")
        return
    if not settings.s3_storage_block:
        # What can be seen of the settings themselves is said at once.
        parse_s3_config(settings)
    parse_link_config(settings)
    # Seconds on a busy machine, and none of them the storage's.
    import_module("prefect_aws")
    with _hold_probe(settings):
        yield from _walk_within(settings, limit_seconds)


@contextmanager
def _hold_probe(settings: Settings) -> Iterator[None]:
    """Keep other checks of this data folder waiting: they store and remove the same object."""
    lock = FileLock(settings.locks_dir / "storage-check.lock")
    try:
        settings.locks_dir.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=LIMIT_SECONDS + 1)
    except (OSError, Timeout):
        # A folder that can't be written has a message of its own, elsewhere.
        yield
        return
    try:
        yield
    finally:
        lock.release()


def _walk_within(settings: Settings, limit_seconds: float) -> Iterator[Step]:
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
    # One name for this data folder: what a check leaves that is killed, the next one takes over and removes.
    folder_name = f"{socket.gethostname()}:{settings.data_dir}"
    key = f"{_PROBE_NAME}{hashlib.sha256(folder_name.encode()).hexdigest()[:16]}.txt"
    yield _try_listing(backend, key)
    problems = []
    try:
        yield _store_probe(backend, host, key, links.acl)
        yield _read_back(backend, key)
        yield _try_link(backend, key)
    finally:
        problems += [] if _remove_probe(backend, key) else [key]
    results_key = f"{RESULTS_FOLDER}/{key}"
    try:
        yield _try_results(backend, host, results_key)
    finally:
        problems += [] if _remove_probe(backend, results_key) else [results_key]
    if problems:
        names = " and ".join(f"{links.prefix}/{name}" for name in problems)
        yield Step("probe removal", f"refused: remove {names} by hand", is_warning=True)


def _try_bucket(backend: S3StorageBackend, host: str) -> Step:
    failure = None
    try:
        backend.client.head_bucket(Bucket=backend.bucket)
    except REQUEST_ERRORS as error:
        failure = parse_failure(error)
    if failure is None:
        return Step("bucket", f"{backend.bucket} is there")
    if failure.status == 403 and not failure.region:
        # HEAD has no body to say why, and a key may be allowed to write without being allowed to look.
        return Step(
            "bucket", f"this key may not look at {backend.bucket}; the probe tells more", is_warning=True
        )
    raise StorageConfigError(explain_refusal(failure, host, backend.bucket, backend.links))


def _try_listing(backend: S3StorageBackend, own_key: str) -> Step:
    """List as a run does; what a killed check of a machine left that never came back is removed."""
    failure, found = None, []
    try:
        for folder in ("", f"{RESULTS_FOLDER}/"):
            start = backend.whole_key(f"{folder}{_PROBE_NAME}")
            answer = backend.client.list_objects_v2(Bucket=backend.bucket, Prefix=start)
            found += answer.get("Contents", [])
    except REQUEST_ERRORS as error:
        failure = parse_failure(error)
    if failure:
        raise StorageConfigError(
            f"listing refused ({failure.summary}): a run looks at what {backend.bucket} holds. Let the key "
            f"list it (s3:ListBucket for {backend.links.prefix}/*), beside reading and writing objects."
        )
    now = datetime.now(UTC)
    prefix = f"{backend.links.prefix}/"
    for item in found:
        key = item["Key"].removeprefix(prefix)
        is_left = (now - item["LastModified"]).total_seconds() > _LEFT_SECONDS
        if is_left and not key.endswith(own_key):
            _remove_probe(backend, key)
    return Step("listing", f"{backend.links.prefix}/ can be listed")


def _store_probe(backend: S3StorageBackend, host: str, key: str, acl: str | None) -> Step:
    failure = _put_probe(backend, key, acl)
    if failure is None:
        return Step("probe object", f"stored {len(_PROBE)} bytes under {backend.links.prefix}/")
    # Who takes the object without its ACL refuses the ACL, whatever its answer says.
    if failure.code == "AccessDenied" and acl and _put_probe(backend, key, None) is None:
        failure = replace(failure, code=ACL_REFUSED)
    raise StorageConfigError(explain_refusal(failure, host, backend.bucket, backend.links))


def _put_probe(backend: S3StorageBackend, key: str, acl: str | None) -> Failure | None:
    headers = {"ContentType": "text/plain; charset=utf-8", "ContentDisposition": "inline"}
    if acl:
        headers["ACL"] = acl
    try:
        backend.client.put_object(
            Bucket=backend.bucket,
            Key=backend.whole_key(key),
            Body=_PROBE,
            # It has the same name each time, and no answer may be an earlier one.
            CacheControl="no-store",
            **headers,
        )
    except REQUEST_ERRORS as error:
        return parse_failure(error)
    return None


def _read_back(backend: S3StorageBackend, key: str) -> Step:
    """Look at the probe and read it with the key, as a run does with what it stores and resumes from."""
    failure, content = None, b""
    where = {"Bucket": backend.bucket, "Key": backend.whole_key(key)}
    try:
        size_bytes = backend.client.head_object(**where)["ContentLength"]
        content = backend.client.get_object(**where)["Body"].read(len(_PROBE) + 1)
    except REQUEST_ERRORS as error:
        failure = parse_failure(error)
    folder = f"{backend.links.prefix}/{key.rpartition('/')[0]}".rstrip("/")
    if failure:
        raise StorageConfigError(
            f"reading refused ({failure.summary}): the key stored an object in {folder}/ and may not read it "
            f"back. Let it (s3:GetObject); a policy that closes {folder}/ must leave out this key."
        )
    if (size_bytes, content) != (len(_PROBE), _PROBE):
        raise StorageConfigError(
            f"the store does not keep what it takes: of {len(_PROBE)} bytes in {folder}/ it gives back "
            f"{len(content)}, and says {size_bytes}. Nothing may be entrusted to it: ask who runs it."
        )
    return Step("reading", f"the probe in {folder}/ was read back with the key")


def _try_link(backend: S3StorageBackend, key: str) -> Step:
    url = backend.public_url(key)
    problem = find_link_problem(url, _PROBE)
    shown = f"{url.rpartition('/')[0]}/..."
    if problem is None:
        return Step("public link", f"{shown} opens without a key")
    bundle = find_ca_bundle(backend.block)
    if bundle and find_link_problem(url, _PROBE, bundle) is None:
        detail = f"{shown} opens only for readers who trust the authority in {bundle}"
        return Step("public link", detail, is_warning=True)
    if backend.links.acl is None:
        return Step("public link", f"{shown} {problem}: readers need a bucket policy", is_warning=True)
    raise StorageConfigError(
        f"link not public: set S3_PUBLIC_BASE_URL ({shown} {problem}), or let everyone read "
        f"{backend.links.prefix}/* of the bucket {backend.bucket} (S3_ACL=none where a policy does that)."
    )


def _try_results(backend: S3StorageBackend, host: str, key: str) -> Step:
    """See that what opens the documents leaves the results closed to all but the key."""
    _store_probe(backend, host, key, acl=None)
    _read_back(backend, key)
    url, bundle = backend.public_url(key), find_ca_bundle(backend.block)
    is_open = any(find_link_problem(url, _PROBE, trusted) is None for trusted in {None, bundle})
    folder = f"{backend.links.prefix}/{RESULTS_FOLDER}/"
    detail = f"{folder} is open to everyone: deny reading it" if is_open else f"{folder} is closed"
    return Step("private results", detail, is_warning=is_open)


def _remove_probe(backend: S3StorageBackend, key: str) -> bool:
    try:
        backend.client.delete_object(Bucket=backend.bucket, Key=backend.whole_key(key))
    except REQUEST_ERRORS:
        return False
    return True
