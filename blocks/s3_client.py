"""The S3 client and the S3Bucket block that it comes from, with settings that every vendor takes."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import botocore.handlers
import botocore.session
from botocore.utils import conditionally_calculate_md5

from blocks.redaction import install_redaction
from blocks.s3_config import S3Config, check_credential, check_endpoint, parse_s3_config, use_ca_bundle
from planning_review.errors import StorageConfigError
from planning_review.settings import Settings

if TYPE_CHECKING:
    from prefect_aws import S3Bucket

MAX_CONNECTIONS = 32
"""As many uploads at once as still help at a round trip of 80 ms."""


@dataclass(frozen=True)
class Timeouts:
    """How long one request may take to connect, and between two reads of its answer."""

    connect_seconds: float = 5
    read_seconds: float = 60


def client_config(timeouts: Timeouts) -> dict[str, Any]:
    """Return the botocore settings that uploads rely on, as a block keeps them.

    Checksums are sent only where the operation demands them: over https boto3 would send them as a
    trailer, which Ceph and others refuse. One attempt a call, since retries are ours alone.
    """
    return {
        "signature_version": "s3v4",
        "request_checksum_calculation": "when_required",
        "response_checksum_validation": "when_required",
        "retries": {"mode": "standard", "total_max_attempts": 1},
        "max_pool_connections": MAX_CONNECTIONS,
        "connect_timeout": timeouts.connect_seconds,
        "read_timeout": timeouts.read_seconds,
    }


def build_bucket_block(
    config: S3Config, bucket_folder: str = "", timeouts: Timeouts | None = None
) -> "S3Bucket":
    """Return an unsaved S3Bucket block for the configured bucket."""
    # Imported here since it takes seconds, and a run without S3 never needs it.
    from prefect_aws import AwsClientParameters, AwsCredentials, S3Bucket

    return S3Bucket(
        bucket_name=config.bucket,
        bucket_folder=bucket_folder,
        credentials=AwsCredentials(
            aws_access_key_id=config.access_key_id,
            aws_secret_access_key=config.secret_access_key,
            aws_session_token=config.session_token,
            region_name=config.region,
            aws_client_parameters=AwsClientParameters(
                endpoint_url=config.endpoint_url,
                config=client_config(timeouts or Timeouts())
                | {"s3": {"addressing_style": config.addressing_style}},
            ),
        ),
    )


def load_bucket_block(name: str, timeouts: Timeouts | None = None) -> "S3Bucket":
    """Load a saved S3Bucket block by its name, with or without `s3-bucket/` before it.

    Its own client parameters stay where ours say nothing (endpoint, addressing, certificates).
    Raises StorageConfigError where there is none, or it would put objects in unexpected places.
    """
    document_name = name.strip().removeprefix("s3-bucket/")
    block = find_block(document_name)
    if block is None:
        raise StorageConfigError(
            f"There is no block s3-bucket/{document_name}: save it with `planning-review blocks save`, "
            "or unset S3_STORAGE_BLOCK."
        )
    if block.bucket_folder.strip("/"):
        raise StorageConfigError(
            f"The block s3-bucket/{document_name} has a bucket_folder: empty it, "
            "as S3_KEY_PREFIX gives the folder."
        )
    parameters = block.credentials.aws_client_parameters
    if parameters.endpoint_url:
        check_endpoint(parameters.endpoint_url, block.bucket_name)
    merged = (parameters.config or {}) | client_config(timeouts or Timeouts())
    parameters = parameters.model_copy(update={"config": merged})
    credentials = block.credentials.model_copy(update={"aws_client_parameters": parameters})
    return block.model_copy(update={"credentials": credentials})


def find_block(document_name: str) -> "S3Bucket | None":
    """Return the saved S3Bucket block of this name, None where the server has none."""
    from prefect.exceptions import ObjectNotFound
    from prefect_aws import S3Bucket

    try:
        # Without _sync, of which Prefect's types know nothing, it would return a coroutine where a loop runs.
        block: S3Bucket = S3Bucket.load(document_name, _sync=True)  # type: ignore[call-arg, assignment]
        return block
    except Exception as error:  # noqa: BLE001 - httpx, Prefect and pydantic raise many kinds; none may show a value
        if isinstance(error.__cause__, ObjectNotFound):
            return None
        kind = type(error).__name__
    raise StorageConfigError(
        f"The block s3-bucket/{document_name} could not be loaded ({kind}): is Prefect's server there "
        "(PREFECT_API_URL), and are the block's fields right?"
    )


def open_bucket_block(settings: Settings, timeouts: Timeouts | None = None) -> "S3Bucket":
    """Return the block that the settings name, else one made from the S3_* settings."""
    use_ca_bundle(settings)
    if settings.s3_storage_block:
        return load_bucket_block(settings.s3_storage_block, timeouts)
    return build_bucket_block(parse_s3_config(settings), timeouts=timeouts)


def make_client(block: "S3Bucket") -> Any:
    """Return a new client for the block, ready to be shared by threads; its secrets are masked in logs."""
    session = block.credentials.get_boto3_session()
    keys = session.get_credentials()
    if keys is not None:
        parts = {"access key": keys.access_key, "secret key": keys.secret_key, "session token": keys.token}
        install_redaction(secrets=[value for value in parts.values() if value])
        for name, value in parts.items():
            check_credential(f"The block's {name}", value or "")
    # Not `get_s3_client()`: that one is cached for the process, outlives a change of AWS_CA_BUNDLE, and
    # is shared with Prefect's own storage of results, which is not to be changed by what follows.
    parameters = block.credentials.aws_client_parameters.get_params_override()
    client = session.client("s3", **({"region_name": block.credentials.region_name} | parameters))
    # With it each PUT waits for a second answer: 130 files a second instead of 218 at 80 ms.
    client.meta.events.unregister("before-call.s3", botocore.handlers.add_expect_header)
    client.meta.events.register_last("before-parameter-build.s3", _follow_no_redirect)
    # Every store knows this digest, and those that lock what they keep take nothing without one.
    for operation in ("PutObject", "UploadPart"):
        client.meta.events.register(f"before-call.s3.{operation}", conditionally_calculate_md5)
    return client


def find_ca_bundle(block: "S3Bucket") -> Path | None:
    """Return the file of trusted certificates that the client uses (AWS_CA_BUNDLE), None for the default."""
    path = block.credentials.aws_client_parameters.verify_cert_path
    found = path or botocore.session.get_session().get_config_variable("ca_bundle")
    return Path(found) if found else None


def _follow_no_redirect(context: dict[str, Any], **_: Any) -> None:
    # A 301 for the wrong region would be followed in a loop of HEADs instead of being shown.
    context.setdefault("s3_redirect", {})["redirected"] = True
