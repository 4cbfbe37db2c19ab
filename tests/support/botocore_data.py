"""What botocore's data files say, read once for a process: every session else parses a megabyte of JSON."""

from functools import cache
from typing import Any

import boto3
from botocore.loaders import JSONFileLoader

_load_file = JSONFileLoader.load_file


@cache
def _load_once(file_path: str) -> Any:
    return _load_file(JSONFileLoader(), file_path)


def keep_botocore_data() -> None:
    """Have all sessions of this process share what is read, and read what a client of S3 needs."""
    JSONFileLoader.load_file = lambda _, file_path: _load_once(file_path)
    # With keys: else it would look for some.
    boto3.client("s3", "us-east-1", aws_access_key_id="x", aws_secret_access_key="x").close()  # noqa: S106 - none
