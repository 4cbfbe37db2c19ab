"""A bucket that the tests of publishing share: each has a folder of its own there."""

import re
from collections.abc import Iterator

import pytest

from tests.support.s3_server import FaultProxy, run_proxy, run_s3_server


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with run_s3_server() as url:
        yield url


@pytest.fixture
def proxy(server: str) -> Iterator[FaultProxy]:
    with run_proxy(server) as running:
        yield running


@pytest.fixture
def prefix(request: pytest.FixtureRequest) -> str:
    """A folder in the bucket of this test's own."""
    return re.sub(r"[^a-z0-9]+", "-", request.node.name)[:60]
