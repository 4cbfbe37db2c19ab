"""Review many applications in one scan and one process: what it keeps of those that are done.

.venv/bin/python benchmarks/many_applications.py --applications 60

Serves applications of five documents of two pages on this machine, scans them in this process on a
Prefect server of its own (or PREFECT_API_URL's, without deployments), and prints memory, threads and open
files when the 6th has begun, so that five are done, every ten from there on, and at the end.
"""

import argparse
import gc
import multiprocessing
import os
import tempfile
import threading
import time
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path

from cli.server.local_server import stop_server
from planning_review.settings import load_settings

DOCUMENTS = 5
COUNCIL = "cherwell"
WARM = 6
STEP = 10


def name_reference(number: int) -> str:
    """Return the reference of one of the applications."""
    return f"26/{number:05}/F"


def serve(count: int, connection: Connection) -> None:
    """Serve the applications until the other end closes."""
    import pymupdf

    from planning_review.sample.register_server import RegisterServer
    from planning_review.sample.served_application import ServedApplication, ServedDocument

    def make_document(application: int, number: int) -> ServedDocument:
        pdf = pymupdf.open()
        for page in range(2):
            text = f"Statement {number}, page {page + 1}. The cycleway along Road {application} is 2.0m wide."
            pdf.new_page().insert_textbox(pymupdf.Rect(60, 60, 540, 780), text)
        return ServedDocument(
            document_id=f"{7000 + application}-{number}-{number}",
            title=f"Statement {number}",
            file_name=f"Statement {number}.pdf",
            category="Supporting Documents",
            listed_date=date(2026, 10, 1),
            content=bytes(pdf.tobytes()),
        )

    applications = [
        ServedApplication(
            reference=name_reference(number),
            fields={
                "Application Number": name_reference(number),
                "Proposal": "24 dwellings",
                "Location": "Mill",
            },
            documents=tuple(make_document(number, n) for n in range(1, DOCUMENTS + 1)),
        )
        for number in range(1, count + 1)
    ]
    with RegisterServer(applications) as server:
        connection.send(server.url)
        connection.poll(None)


def measure() -> tuple[int, int, int]:
    """Return this process's resident memory in MB, its threads and its open files."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    megabytes = pages * os.sysconf("SC_PAGE_SIZE") // 1000**2
    return megabytes, threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))


def scan(count: int) -> None:
    """Scan the applications and print what the process holds on the way."""
    from cli.environment import prepare_prefect

    prepare_prefect(load_settings(), is_terminal=True)
    from flows.scan_register import scan_register
    from planning_review.scan.contract import ScanParameters
    from run.context import RunContext
    from run.progress import Event, watch

    begun, started = 0, time.monotonic()

    def tell(done: int) -> None:
        megabytes, threads, files = measure()
        contexts = sum(isinstance(each, RunContext) for each in gc.get_objects())
        print(
            f"{done:4} done after {time.monotonic() - started:6.0f} s: {megabytes:5} MB, "
            f"{threads:3} threads, {files:3} open files, {contexts} open runs, "
            f"CPU {time.process_time():.0f} s",
            flush=True,
        )

    def note(event: Event) -> None:
        nonlocal begun
        if event.step == "chosen":
            begun += 1
            if begun == WARM or begun % STEP == 0:
                tell(begun - 1)

    watch(note)
    references = tuple(name_reference(number) for number in range(1, count + 1))
    state = scan_register(ScanParameters(council=COUNCIL, references=references), return_state=True)
    tell(count)
    print(f"{state.name}: {state.message}")


def main() -> None:
    """Read the options, serve the applications and scan them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--applications", type=int, default=60)
    count = parser.parse_args().applications
    here, there = multiprocessing.get_context("spawn").Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(count, there), daemon=True)
    server.start()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "PLANNING_DATA_DIR": folder,
            "PLANNING_REGISTER_URL": here.recv(),
            "PLANNING_REGISTER_INTERVAL_SECONDS": "0",
        }
        try:
            scan(count)
        finally:
            server.terminate()
            # Its own server; there is none where PREFECT_API_URL named another.
            stop_server(load_settings())


if __name__ == "__main__":
    main()
