"""Review one application with hundreds of documents and a slow S3: what uploads add, what the disk holds.

.venv/bin/python benchmarks/large_application.py --documents 400 --round-trip-seconds 0.08

Serves the documents and a bucket on this machine, runs `planning-review review` once without S3 and
once with it, each with data folders of its own and a Prefect server that both share, and prints the
wall times, their ratio, the time in which an upload was under way, and the peak of bytes in the
temporary folder beside its limit.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import boto3
import pymupdf
from moto.server import ThreadedMotoServer

from planning_review.sample.register_server import RegisterServer
from planning_review.sample.served_application import ServedApplication, ServedDocument

REFERENCE = "26/00400/OUT"
BUCKET = "benchmark"
COMMAND = str(Path(sys.executable).with_name("planning-review"))


def make_documents(count: int, size_bytes: int) -> tuple[ServedDocument, ...]:
    """Return documents of one page of text each, filled up to a size with bytes that do not compress."""
    documents = []
    for number in range(1, count + 1):
        pdf = pymupdf.open()
        page = pdf.new_page()
        page.insert_text((60, 80), f"Statement {number} on the drainage of parcel {number}.")
        pdf.embfile_add("filler", os.urandom(size_bytes))
        documents.append(
            ServedDocument(
                document_id=f"4000-{number}-{number}",
                title=f"Statement {number}",
                file_name=f"statement-{number}.pdf",
                category="Supporting Documents",
                listed_date=date(2026, 10, 1),
                content=bytes(pdf.tobytes()),
            )
        )
    return tuple(documents)


@contextmanager
def serve_bucket(round_trip_seconds: float) -> Iterator[str]:
    """Serve S3 behind a proxy that makes every round trip take longer; yields the proxy's address."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    keys = {"aws_access_key_id": "benchmark", "aws_secret_access_key": "benchmark"}
    client = boto3.client("s3", endpoint_url=f"http://{host}:{port}", region_name="us-east-1", **keys)
    client.create_bucket(Bucket=BUCKET)
    proxy = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("delay_proxy.py")), str(port), str(round_trip_seconds)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        port_line = proxy.stdout.readline() if proxy.stdout else ""
        yield f"http://127.0.0.1:{port_line.strip()}"
    finally:
        proxy.terminate()
        proxy.wait()
        server.stop()


def run_review(folder: Path, variables: dict[str, str]) -> tuple[dict, float, int]:
    """Return the command's outcome, its wall time and the peak of bytes in its temporary folder."""
    environment = os.environ | {
        "PLANNING_DATA_DIR": str(folder / "data"),
        "PLANNING_TEMP_DIR": str(folder / "temp"),
    }
    peak_bytes, is_over = 0, threading.Event()

    def watch() -> None:
        nonlocal peak_bytes
        while not is_over.wait(0.02):
            try:
                taken = sum(path.stat().st_size for path in (folder / "temp").rglob("*") if path.is_file())
            except FileNotFoundError:
                continue
            peak_bytes = max(peak_bytes, taken)

    watcher = threading.Thread(target=watch)
    watcher.start()
    started = time.monotonic()
    try:
        done = subprocess.run(
            [COMMAND, "review", REFERENCE, "--json"],
            env=environment | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            check=True,
        )
    finally:
        is_over.set()
        watcher.join()
    return json.loads(done.stdout.splitlines()[-1]), time.monotonic() - started, peak_bytes


def main() -> None:
    """Run both reviews and print what they took."""
    parser = argparse.ArgumentParser(description="Review a large application with and without S3.")
    parser.add_argument("--documents", type=int, default=400)
    parser.add_argument("--size-bytes", type=int, default=300_000)
    parser.add_argument("--round-trip-seconds", type=float, default=0.08)
    parser.add_argument("--interval-seconds", type=float, default=0.25)
    parser.add_argument("--limit-bytes", type=int, default=16_000_000)
    arguments = parser.parse_args()
    fields = {"Application Number": REFERENCE, "Proposal": "A large invented application"}
    application = ServedApplication(
        reference=REFERENCE,
        fields=fields,
        documents=make_documents(arguments.documents, arguments.size_bytes),
    )
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as scratch,
        RegisterServer([application]) as register,
        serve_bucket(arguments.round_trip_seconds) as endpoint_url,
    ):
        server = {"PLANNING_DATA_DIR": f"{scratch}/server"}
        up = subprocess.run(
            [COMMAND, "up"], env=os.environ | server, stdout=subprocess.PIPE, text=True, check=True
        )
        common = {
            "PREFECT_API_URL": f"{up.stdout.split()[-1]}/api",
            "PREFECT_HOME": f"{scratch}/home",
            "PLANNING_REGISTER_URL": register.url,
            "PLANNING_REGISTER_INTERVAL_SECONDS": str(arguments.interval_seconds),
            "PLANNING_TEMP_LIMIT_BYTES": str(arguments.limit_bytes),
        }
        bucket = {
            "S3_ENDPOINT_URL": endpoint_url,
            "S3_BUCKET": BUCKET,
            "S3_ACCESS_KEY_ID": "benchmark",
            "S3_SECRET_ACCESS_KEY": "benchmark",
        }
        try:
            _, local_seconds, _ = run_review(Path(scratch) / "local", common)
            outcome, stored_seconds, peak_bytes = run_review(Path(scratch) / "stored", common | bucket)
            review = json.loads(Path(outcome["review_json"]).read_text())
        finally:
            subprocess.run([COMMAND, "down"], env=os.environ | server, stdout=subprocess.DEVNULL, check=True)
    print(f"documents: {outcome['documents']}")
    ratio = stored_seconds / local_seconds
    print(f"without S3 {local_seconds:.1f} s, with S3 {stored_seconds:.1f} s, ratio {ratio:.2f}")
    print(f"seconds by stage with S3: {review['metadata']['seconds']}")
    print(f"temporary folder: peak {peak_bytes:,} bytes, limit {arguments.limit_bytes:,} bytes")


if __name__ == "__main__":
    main()
