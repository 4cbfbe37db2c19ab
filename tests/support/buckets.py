"""A bucket of a test's own on the S3 server that tests share."""

import contextlib
from dataclasses import dataclass
from uuid import uuid4

from tests.support.faulty_register import RegisterServer
from tests.support.s3_server import ACCESS_KEY_ID, SECRET_ACCESS_KEY, make_raw_client


@dataclass(frozen=True)
class Bucket:
    """A bucket of a test's own: moto's servers in one process share theirs."""

    url: str
    name: str

    def link(self, key: str) -> str:
        return f"{self.url}/{self.name}/{key}"

    def list_objects(self) -> dict[str, int]:
        with contextlib.closing(make_raw_client(self.url)) as client:
            pages = client.get_paginator("list_objects_v2").paginate(Bucket=self.name)
            return {item["Key"]: item["Size"] for page in pages for item in page.get("Contents", [])}

    def variables(self, register: RegisterServer, endpoint_url: str | None = None) -> dict[str, str]:
        return {
            "PLANNING_REGISTER_URL": register.url,
            "S3_ENDPOINT_URL": endpoint_url or self.url,
            "S3_BUCKET": self.name,
            "S3_ACCESS_KEY_ID": ACCESS_KEY_ID,
            "S3_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
        }


def make_bucket(url: str) -> Bucket:
    bucket = Bucket(url, f"documents-{uuid4().hex[:12]}")
    with contextlib.closing(make_raw_client(url)) as client:
        client.create_bucket(Bucket=bucket.name)
    return bucket
