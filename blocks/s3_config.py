"""The S3 settings, checked one by one before any request is made."""

import ipaddress
import os
import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from pydantic import SecretStr

from blocks.keys import has_dot_segment, normalise_prefix
from planning_review.errors import StorageConfigError
from planning_review.settings import Settings

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_AWS_HOST = re.compile(r"s3[.-](?:dualstack\.)?(?P<region>[a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com")


@dataclass(frozen=True)
class S3Config:
    """What a bucket needs, in a form that works: no value here needs another check."""

    endpoint_url: str
    bucket: str
    region: str
    addressing_style: str
    access_key_id: str = field(repr=False)
    secret_access_key: SecretStr = field(repr=False)
    session_token: str | None = field(repr=False)


@dataclass(frozen=True)
class LinkConfig:
    """How objects are named and shown to the public, whatever block the bucket comes from."""

    prefix: str
    acl: str | None
    public_base_url: str | None


def parse_s3_config(settings: Settings) -> S3Config:
    """Return the bucket's settings, or raise StorageConfigError naming the one that is wrong."""
    values = {
        "S3_ENDPOINT_URL": settings.s3_endpoint_url,
        "S3_BUCKET": settings.s3_bucket,
        "S3_ACCESS_KEY_ID": _reveal(settings.s3_access_key_id),
        "S3_SECRET_ACCESS_KEY": _reveal(settings.s3_secret_access_key),
    }
    stripped = {name: (value or "").strip() for name, value in values.items()}
    missing = [name for name, value in stripped.items() if not value]
    if missing:
        raise StorageConfigError(f"S3 configuration incomplete: missing {', '.join(missing)}")
    for name in ("S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"):
        check_credential(name, stripped[name])
    token = (_reveal(settings.s3_session_token) or "").strip()
    check_credential("S3_SESSION_TOKEN", token)
    bucket = stripped["S3_BUCKET"]
    endpoint = check_endpoint(stripped["S3_ENDPOINT_URL"], bucket)
    region = (settings.s3_region or "").strip()
    if not region:
        aws_host = _AWS_HOST.fullmatch(endpoint.hostname or "")
        region = aws_host["region"] if aws_host else "us-east-1"
    elif not re.fullmatch(r"[A-Za-z0-9-]{1,63}", region):
        raise StorageConfigError("S3_REGION is no region: it looks like eu-west-2, nyc3 or auto.")
    return S3Config(
        endpoint_url=f"{endpoint.scheme}://{endpoint.netloc}",
        bucket=bucket,
        region=region,
        addressing_style=choose_addressing_style(settings.s3_addressing_style, endpoint, bucket),
        access_key_id=stripped["S3_ACCESS_KEY_ID"],
        secret_access_key=SecretStr(stripped["S3_SECRET_ACCESS_KEY"]),
        session_token=token or None,
    )


def parse_link_config(settings: Settings) -> LinkConfig:
    """Return prefix, ACL and the base of public links, or raise StorageConfigError."""
    acl = settings.s3_acl.strip().lower()
    if acl not in ("public-read", "none"):
        raise StorageConfigError(
            "S3_ACL takes public-read, or none for a bucket that has a policy instead of ACLs."
        )
    base_url = (settings.s3_public_base_url or "").strip().rstrip("/")
    if base_url:
        parts = split_url("S3_PUBLIC_BASE_URL", base_url)
        if has_dot_segment(parts.path) or re.search(r"\s", base_url):
            raise StorageConfigError("S3_PUBLIC_BASE_URL holds white space, or '..' between slashes.")
    return LinkConfig(
        prefix=normalise_prefix(settings.s3_key_prefix),
        acl=None if acl == "none" else acl,
        public_base_url=base_url or None,
    )


def use_ca_bundle(settings: Settings) -> None:
    """Have every client of this process trust the file that AWS_CA_BUNDLE names, in `.env` too.

    Raises StorageConfigError where there is no such file.
    """
    if settings.s3_ca_bundle is None:
        return
    if not settings.s3_ca_bundle.is_file():
        raise StorageConfigError(
            f"AWS_CA_BUNDLE names {settings.s3_ca_bundle}, which is no file: name the PEM file of the "
            "authority that signed the store's certificate."
        )
    os.environ["AWS_CA_BUNDLE"] = str(settings.s3_ca_bundle)


def check_credential(name: str, value: str) -> None:
    """Refuse a key that would break the header it goes into; the value itself is never shown."""
    if not value.isascii() or not value.isprintable() or " " in value:
        raise StorageConfigError(f"{name} holds white space or a character that no key has: copy it again.")


def check_endpoint(endpoint_url: str, bucket: str) -> SplitResult:
    """Return the endpoint's parts; refuse one that holds more than scheme, host and port."""
    if ".." in bucket or not _BUCKET.fullmatch(bucket) or _is_ip_address(bucket):
        raise StorageConfigError(
            "S3_BUCKET is no bucket name: 3 to 63 lower-case letters, digits, '-' and '.', "
            "and no slash (folders belong into S3_KEY_PREFIX)."
        )
    parts = split_url("S3_ENDPOINT_URL", endpoint_url)
    if parts.path.strip("/"):
        raise StorageConfigError(
            "S3_ENDPOINT_URL holds a path: write https://host[:port] alone, the bucket into S3_BUCKET "
            "and folders into S3_KEY_PREFIX."
        )
    if (parts.hostname or "").startswith(f"{bucket}."):
        raise StorageConfigError(
            f"S3_ENDPOINT_URL names the bucket {bucket} already, and it would be there twice: "
            "write the host without it."
        )
    return parts


def split_url(name: str, url: str) -> SplitResult:
    """Return an http or https URL's parts, or raise StorageConfigError without showing the value."""
    # Checked on the text itself: a password with a slash ends up in the path, and never in `username`.
    if "@" in url:
        raise StorageConfigError(
            f"{name} holds a user name or password: write https://host[:port] and put the keys into "
            "S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY."
        )
    if "?" in url or "#" in url:
        raise StorageConfigError(f"{name} holds a query or fragment ('?' or '#'): write https://host[:port].")
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_usable = False
    if not is_usable or not re.fullmatch(r"[A-Za-z0-9.\-:\[\]]+", parts.netloc):
        raise StorageConfigError(f"{name} is no address: it looks like https://nyc3.digitaloceanspaces.com.")
    return parts


def choose_addressing_style(wanted: str, endpoint: SplitResult, bucket: str) -> str:
    """Return path or virtual; `auto` is path wherever a bucket can't be a part of the host name."""
    style = wanted.strip().lower()
    host = endpoint.hostname or ""
    is_dotted_under_tls = "." in bucket and endpoint.scheme == "https"
    if style == "auto":
        is_path = _is_ip_address(host) or "." not in host or is_dotted_under_tls
        return "path" if is_path else "virtual"
    if style not in ("path", "virtual"):
        raise StorageConfigError("S3_ADDRESSING_STYLE takes auto, path or virtual.")
    if style == "virtual" and is_dotted_under_tls:
        raise StorageConfigError(
            f"S3_BUCKET {bucket} holds dots, and no certificate covers {bucket}.{host}: "
            "set S3_ADDRESSING_STYLE=path or use a bucket without dots."
        )
    return style


def _is_ip_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _reveal(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()
