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
ACL_REFUSED = "AclRefused"
"""Not a store's: what takes an object only without its ACL."""

_ACL_CODES = {"AccessControlListNotSupported", "NotImplemented"}
_TOKEN_CODES = {"ExpiredToken", "ExpiredTokenException", "InvalidToken", "TokenRefreshRequired"}
_FULL_CODES = {
    "EntityTooLarge",
    "InsufficientCapacity",
    "QuotaExceeded",
    "StorageFull",
    "StorageQuotaExceeded",
    "XMinioStorageFull",
}
_ACCOUNT_CODES = {"AccountProblem", "AllAccessDisabled", "NotSignedUp"}
_BUSY_CODES = {"ServiceUnavailable", "SlowDown", "Throttling", "ThrottlingException", "TooManyRequests"}
_FULL_WORDS = ("cap exceeded", "quota")
_LASTING_STATUSES = {501, 505, 507}
_REGION_CODES = {"AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "PermanentRedirect"}


@dataclass(frozen=True)
class Failure:
    """One failed request.

    may_pass says that another try can help, was_unanswered that the store may have done what was
    asked all the same, is_full that its message is of a quota. status is 0 and code the error's name
    where no answer came.
    """

    summary: str
    code: str
    status: int
    may_pass: bool
    was_unanswered: bool
    region: str | None = None
    is_full: bool = False


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
    policy = f"give the bucket a policy that lets everyone read {links.prefix}/*"
    # Some have one name for all that is wrong with a request, of which the ACL is all that can be.
    if failure.code in _ACL_CODES or (failure.code == "InvalidArgument" and links.acl):
        return f"ACLs disabled {found}: {bucket} takes none. Set S3_ACL=none and {policy}."
    if failure.code == ACL_REFUSED:
        return (
            f"ACL refused {found}: {bucket} takes the object without S3_ACL={links.acl}. Its public access "
            "is blocked (BlockPublicAcls), or the key may not put ACLs (s3:PutObjectAcl): lift the one or "
            f"allow the other, or set S3_ACL=none and {policy}."
        )
    if failure.code in _TOKEN_CODES:
        return (
            f"temporary key not valid {found}: it has run out, or S3_SESSION_TOKEN is missing or another "
            "key's. Set S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY and S3_SESSION_TOKEN together anew."
        )
    if failure.code in _FULL_CODES or failure.status == 507 or failure.is_full:
        return f"no room {found}: {bucket} or its account is full. Raise its quota or cap, or remove objects."
    if failure.code in _ACCOUNT_CODES:
        return f"account closed {found}: sign in at the vendor of {host} and see what it says, as of payment."
    if failure.code in _BUSY_CODES or failure.status in (429, 503):
        return (
            f"store busy {found}: {host} asks for fewer requests. Nothing has to be changed: give the same "
            "command again in a few minutes."
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
    message = str(details.get("Message") or "").lower()
    # The message itself is left out: vendors put the access key and the string that was signed into it.
    summary = f"the store answered {status}" + ("" if code == str(status) else f" {code}")
    return Failure(
        redact(summary)[:200],
        code[:80],
        status,
        may_pass,
        was_unanswered=status >= 500 and may_pass,
        region=region,
        is_full=any(words in message for words in _FULL_WORDS),
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
