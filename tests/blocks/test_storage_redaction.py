"""No secret reaches a log record at any level, nor an exception's text."""

import io
import logging
import re
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from blocks.check import check_storage
from blocks.redaction import CHATTY_LOGGERS, MASK, RedactingFilter, install_redaction
from blocks.storage import StorageConfigError, StorageUploadError, create_storage_backend
from planning_review.errors import PlanningReviewError
from planning_review.settings import Settings
from tests.support.s3_server import (
    ACCESS_KEY_ID,
    SECRET_ACCESS_KEY,
    FaultProxy,
    answer,
    make_settings,
    proxy_url,
    run_proxy,
    run_s3_server,
)


@pytest.fixture
def logs() -> Iterator[io.StringIO]:
    """Everything that is logged from now on, at any level, as a plain handler writes it."""
    factory = logging.getLogRecordFactory()
    loggers = [logging.getLogger(), *map(logging.getLogger, CHATTY_LOGGERS)]
    levels = [logger.level for logger in loggers]
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.DEBUG)
    yield stream
    logging.getLogger().removeHandler(handler)
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)
    logging.setLogRecordFactory(factory)


@pytest.fixture
def proxy() -> Iterator[FaultProxy]:
    with run_s3_server() as server, run_proxy(server) as running:
        yield running


def show(error: BaseException) -> str:
    """Return all that could be printed of an error, with what it was raised from."""
    parts = ["".join(traceback.format_exception(error)), repr(error), repr(error.__dict__)]
    for other in (error.__cause__, error.__context__):
        parts += [show(other)] if other is not None else []
    return "\n".join(parts)


def refuse_as_amazon_does(proxy: FaultProxy) -> None:
    """Answer PUTs with a body that names the key and what was to be signed, as real ones do."""
    proxy.fail(
        "PUT", answer(403, "SignatureDoesNotMatch", f"key {ACCESS_KEY_ID}, secret {SECRET_ACCESS_KEY}")
    )


def sent_signatures(proxy: FaultProxy) -> list[str]:
    sent = [re.search("Signature=([0-9a-f]{64})", h.get("Authorization", "")) for h in proxy.headers]
    return [found[1] for found in sent if found]


def assert_no_secret(text: str, proxy: FaultProxy) -> None:
    signatures = sent_signatures(proxy)
    assert signatures
    for secret in (ACCESS_KEY_ID, SECRET_ACCESS_KEY, *signatures):
        assert secret not in text


def test_s3_ts_08_an_auth_error_shows_no_secret(proxy: FaultProxy, logs: io.StringIO, tmp_path: Path) -> None:
    refuse_as_amazon_does(proxy)
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF")
    settings: Settings = make_settings(proxy_url(proxy))

    raised: list[PlanningReviewError] = []
    with pytest.raises(StorageUploadError) as upload:
        create_storage_backend(settings).upload(path, "a.pdf")
    with pytest.raises(StorageConfigError) as check:
        check_storage(settings)
    raised += [upload.value, check.value]

    for error in raised:
        assert_no_secret(show(error), proxy)
    assert_no_secret(logs.getvalue(), proxy)


def test_s3_ts_08_debug_logs_of_the_library_are_masked(
    proxy: FaultProxy, logs: io.StringIO, tmp_path: Path
) -> None:
    refuse_as_amazon_does(proxy)
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF")
    backend = create_storage_backend(make_settings(proxy_url(proxy)))
    for name in CHATTY_LOGGERS:
        logging.getLogger(name).setLevel(logging.DEBUG)

    with pytest.raises(StorageUploadError):
        backend.upload(path, "a.pdf")

    text = logs.getvalue()
    assert "botocore.auth DEBUG" in text
    assert f"Signature={MASK}" in text
    assert_no_secret(text, proxy)


def test_the_libraries_stay_quiet_at_debug(proxy: FaultProxy, logs: io.StringIO, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF")
    create_storage_backend(make_settings(proxy_url(proxy))).upload(path, "a.pdf")
    assert not re.search(r"^(botocore|boto3|s3transfer|urllib3)\S* DEBUG", logs.getvalue(), re.MULTILINE)


def test_tracebacks_arguments_and_later_handlers_are_masked(logs: io.StringIO) -> None:
    install_redaction(make_settings("https://s3.example.org"))
    logger = logging.getLogger("somebody.else")
    try:
        raise RuntimeError(f"Invalid header value b'AWS4 {SECRET_ACCESS_KEY}'")
    except RuntimeError:
        logger.exception("failed with %s", ACCESS_KEY_ID)
    logger.debug("token X-Amz-Security-Token=abc123def&X-Amz-Signature=deadbeef&x=1")
    logger.info("%(a)s", {"a": SECRET_ACCESS_KEY})

    text = logs.getvalue()
    assert "RuntimeError: Invalid header value" in text
    assert f"failed with {MASK}" in text
    assert f"X-Amz-Security-Token={MASK}&X-Amz-Signature={MASK}&x=1" in text
    assert SECRET_ACCESS_KEY not in text


def test_a_short_secret_is_not_cut_out_of_words() -> None:
    own = RedactingFilter()
    own.add_secrets(["test"])
    assert own.mask("the latest tests of 3 documents, key test") == (
        f"the latest tests of 3 documents, key {MASK}"
    )


def test_a_message_that_does_not_fit_its_arguments_is_passed_on() -> None:
    record = logging.LogRecord("a", logging.INFO, __file__, 1, "%d and %d", (1,), None)
    assert RedactingFilter().filter(record) is True
    assert record.args == (1,)


def test_no_repr_of_settings_block_or_backend_shows_a_secret() -> None:
    settings = make_settings("https://s3.example.org")
    backend = create_storage_backend(settings)
    shown = f"{settings!r} {backend!r} {backend.links!r}"
    assert SECRET_ACCESS_KEY not in shown
    assert ACCESS_KEY_ID not in shown


@pytest.mark.parametrize("name", ["s3_access_key_id", "s3_secret_access_key", "anthropic_api_key"])
def test_each_secret_of_the_settings_is_masked_whoever_logs_it(logs: io.StringIO, name: str) -> None:
    secret = f"of-{name}-that-nobody-may-see"
    install_redaction(Settings(**{name: secret}))
    logging.getLogger("somebody.else").error("sent %s", secret)
    assert logs.getvalue() == f"somebody.else ERROR sent {MASK}\n"
