"""The meaning of a failed request to an object store: whether to try again, and how to say it."""

from dataclasses import dataclass

from boto3.exceptions import S3UploadFailedError
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    HTTPClientError,
    IncompleteReadError,
    ResponseStreamingError,
    SSLError,
)

from blocks.redaction import redact
from blocks.s3_config import LinkConfig
from planning_review.errors import PermanentError, PlanningReviewError, StorageUnavailable

_PASSING_CODES = {
    "InternalError",
    "OperationAborted",
    "RequestTimeout",
    "ServiceUnavailable",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TooManyRequests",
}
_LASTING_CODES = {
    "AccessControlListNotSupported",
    "AccessDenied",
    "BadDigest",
    "InvalidAccessKeyId",
    "NoSuchBucket",
    "PermanentRedirect",
    "PreconditionFailed",
    "SignatureDoesNotMatch",
}
_LASTING_STATUSES = {501, 505, 507}
_REGION_CODES = {"AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "PermanentRedirect"}


@dataclass(frozen=True)
class Failure:
    """One failed request.

    may_pass says that another try can help, was_unanswered that the store may have done what was
    asked all the same. status is 0 and code the error's name where no answer came.
    """

    summary: str
    code: str
    status: int
    may_pass: bool
    was_unanswered: bool
    region: str | None = None


def parse_failure(error: BaseException) -> Failure:
    """Judge an exception of boto3; its summary is short and holds no secret."""
    if isinstance(error, S3UploadFailedError):
        # The only trace of the answer, as the wrapper has none.
        error = error.__cause__ or error.__context__ or error
    if isinstance(error, ClientError):
        return _parse_answer(error)
    name = type(error).__name__
    if isinstance(error, SSLError) and "CERTIFICATE" in str(error).upper():
        summary = "the server's certificate is not trusted (set AWS_CA_BUNDLE to the file of its authority)"
        return Failure(summary, name, 0, may_pass=False, was_unanswered=False)
    may_pass = isinstance(
        error,
        ConnectionError
        | HTTPClientError
        | IncompleteReadError
        | ResponseStreamingError
        | OSError
        | S3UploadFailedError,
    )
    if isinstance(error, BotoCoreError) and not may_pass:
        return Failure(
            f"the request could not be made ({name})", name, 0, may_pass=False, was_unanswered=False
        )
    return Failure(_describe_silence(error, name), name, 0, may_pass=may_pass, was_unanswered=may_pass)


def make_error(message: str, failure: Failure) -> PlanningReviewError:
    """Return the error to raise for a read that failed: StorageUnavailable where a retry may help."""
    kind = StorageUnavailable if failure.may_pass else PermanentError
    return kind(f"{message}: {failure.summary}.")


def explain_refusal(failure: Failure, host: str, bucket: str, links: LinkConfig) -> str:
    """Return what a person should change: one message for each thing that can be wrong."""
    found = f"({failure.summary})"
    if failure.status == 0:
        return f"{host} can't be reached: {failure.summary}. Check S3_ENDPOINT_URL."
    if failure.code in _REGION_CODES or failure.status in (301, 307) or failure.region:
        where = (
            f"is in {failure.region}: set S3_REGION={failure.region}"
            if failure.region
            else "is elsewhere: set S3_REGION"
        )
        return (
            f"wrong region {found}: the bucket {bucket} {where} and S3_ENDPOINT_URL to that region's address."
        )
    if failure.status == 404:
        return f"bucket absent {found}: {host} has no bucket {bucket}. Create it, or correct S3_BUCKET."
    if failure.code in ("AccessControlListNotSupported", "NotImplemented"):
        return (
            f"ACLs disabled {found}: {bucket} takes none. Set S3_ACL=none and give the bucket a policy "
            f"that lets everyone read {links.prefix}/*."
        )
    if failure.code == "RequestTimeTooSkewed":
        return f"clock wrong {found}: set this machine's clock, {host} refuses requests from another time."
    if failure.status in (401, 403):
        return (
            f"key refused {found}: check S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY, and that the key may put "
            f"objects{' and their ACLs' if links.acl else ''} into {bucket}."
        )
    return f"{host} does not take objects for {bucket}: {failure.summary}."


def _parse_answer(error: ClientError) -> Failure:
    answer = error.response
    details = answer.get("Error", {})
    metadata = answer.get("ResponseMetadata", {})
    status = int(metadata.get("HTTPStatusCode") or 0)
    code = str(details.get("Code") or status)
    headers = metadata.get("HTTPHeaders") or {}
    region = headers.get("x-amz-bucket-region") or details.get("Region")
    is_passing_status = status in (408, 429) or (500 <= status < 600 and status not in _LASTING_STATUSES)
    may_pass = code not in _LASTING_CODES and (code in _PASSING_CODES or is_passing_status)
    # The message itself is left out: vendors put the access key and the string that was signed into it.
    summary = f"the store answered {status}" + ("" if code == str(status) else f" {code}")
    return Failure(
        redact(summary)[:200],
        code[:80],
        status,
        may_pass,
        was_unanswered=status >= 500 and may_pass,
        region=region,
    )


def _describe_silence(error: BaseException, name: str) -> str:
    words = {
        "ConnectTimeoutError": "no connection within the time-out",
        "ConnectionClosedError": "the connection was closed before an answer came",
        "EndpointConnectionError": "the host can't be reached or its name is unknown",
        "ProxyConnectionError": "the proxy can't be reached",
        "ReadTimeoutError": "no answer within the time-out",
    }
    return f"{words.get(name, 'the transfer was cut short')} ({name})"
