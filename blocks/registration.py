"""Saves the blocks that hold the bucket's settings on Prefect's server."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from blocks.keys import RESULTS_BLOCK, RESULTS_FOLDER
from blocks.redaction import install_redaction
from blocks.s3_client import build_bucket_block, find_block
from blocks.s3_config import parse_link_config, parse_s3_config
from planning_review.settings import Settings

if TYPE_CHECKING:
    from prefect_aws import S3Bucket

DOCUMENTS_BLOCK = "planning-documents"


@dataclass(frozen=True)
class SavedBlock:
    """A block as it stands on the server now; change is created, changed or unchanged."""

    slug: str
    change: str


def save_blocks(settings: Settings) -> list[SavedBlock]:
    """Register the block types and save both buckets' blocks; run again, change nothing.

    Documents are public under the prefix. Results and extracted text go to `{prefix}/results` with
    no ACL, which is private. Raises StorageConfigError before the server is asked.
    """
    install_redaction(settings)
    links = parse_link_config(settings)
    config = parse_s3_config(settings)
    wanted = {
        DOCUMENTS_BLOCK: build_bucket_block(config),
        RESULTS_BLOCK: build_bucket_block(config, bucket_folder=f"{links.prefix}/{RESULTS_FOLDER}"),
    }
    # _sync, here and below, is taken by Prefect's own wrapper, of which its types know nothing.
    for block_type in {type(block.credentials) for block in wanted.values()} | {
        type(b) for b in wanted.values()
    }:
        block_type.register_type_and_schema(_sync=True)  # type: ignore[call-arg]
    return [_save_block(name, block) for name, block in wanted.items()]


def _save_block(name: str, block: "S3Bucket") -> SavedBlock:
    slug = f"s3-bucket/{name}"
    saved = find_block(name)
    if saved is not None and _contents(saved) == _contents(block):
        return SavedBlock(slug, "unchanged")
    block.save(name, overwrite=True, _sync=True)  # type: ignore[call-arg]
    return SavedBlock(slug, "created" if saved is None else "changed")


def _contents(block: "S3Bucket") -> tuple[object, ...]:
    """Return what a user set in the block, to be compared; where it is saved is no part of that."""
    credentials = block.credentials.model_dump(exclude={"aws_secret_access_key"})
    fields = {name: value for name, value in credentials.items() if not name.startswith("_")}
    secret = getattr(block.credentials, "aws_secret_access_key", None)
    return block.bucket_name, block.bucket_folder, fields, secret and secret.get_secret_value()
