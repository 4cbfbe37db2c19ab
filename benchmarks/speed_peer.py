"""The speed peer: a plain script of the same libraries, beside the project's own command, on one application.

    .venv/bin/python benchmarks/speed_peer.py --documents 400 --pages 6 --interval 0.1 --rerun

The plain script downloads with httpx, one after another at the interval, in a thread; reads with PyMuPDF
in two processes; uses the project's own chunker, embedder and rules; and has no Prefect, no manifest and
no cache. Prints seconds, ratios and peaks; the last line is the summary.
"""

import argparse
import hashlib
import json
import os
import queue
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pymupdf

from planning_review.sample.register_server import RegisterServer
from planning_review.sample.served_application import ServedApplication, ServedDocument

REFERENCE = "26/00400/OUT"
COMMAND = str(Path(sys.executable).with_name("planning-review"))
PROSE = (
    "the proposed development site access junction footway carriageway provides residents with a "
    "route towards the town centre along existing streets where traffic flows remain within capacity "
    "during peak periods and visibility splays accord with guidance drainage landscape parking "
    "dwellings"
)
PLANTED = [
    "The shared footway/cycleway along the frontage will be 2.5m wide.",
    "A bi-directional cycle track with a width of 1.8m is proposed along the street.",
    "Every home has secure and covered cycle parking that can be locked.",
]


def make_documents(count: int, pages: int) -> tuple[ServedDocument, ...]:
    """Make documents of prose; every twentieth has a planted sentence on its first page."""
    words = PROSE.split()
    rng = random.Random(7)  # noqa: S311 (prose, no secret)
    documents = []
    for number in range(1, count + 1):
        pdf = pymupdf.open()
        for page_number in range(pages):
            lines = []
            for row in range(34):
                sentence = " ".join(rng.choice(words) for _ in range(13)).capitalize() + "."
                if row == 17 and page_number == 0 and number % 20 == 0:
                    sentence = PLANTED[number // 20 % 3]
                lines.append(sentence)
            pdf.new_page().insert_textbox(pymupdf.Rect(50, 60, 545, 800), "\n".join(lines), fontsize=9)
        documents.append(
            ServedDocument(
                document_id=f"4000-{number}-{number}",
                title=f"Statement {number}",
                file_name=f"statement-{number}.pdf",
                category="Supporting Documents",
                listed_date=date(2026, 10, 1),
                content=bytes(pdf.tobytes(garbage=3, deflate=True)),
            )
        )
    return tuple(documents)


def read_pages(data: bytes) -> list[str]:
    """Return the text of each page of a PDF."""
    with pymupdf.open(stream=data, filetype="pdf") as pdf:
        return [page.get_text("text", sort=True) for page in pdf]


def run_plain(url: str, interval: float, folder: Path) -> tuple[float, dict[str, Any]]:
    """Run the plain script in a process of its own; returns its seconds and what it printed."""
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-W", "ignore", __file__, "--plain", url, str(interval), str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(done.stderr[-800:])
    return time.monotonic() - begun, json.loads(done.stdout.splitlines()[-1])


def review_plainly(url: str, interval: float, folder: Path) -> None:
    """Review the application as a plain script would; prints what it came to, and its peak memory."""
    import chromadb
    import httpx
    from lxml import html

    from planning_review.documents.chunking import cut_chunks
    from planning_review.index.chroma_embedder import make_embedder
    from planning_review.models import Application, DocumentState, DocumentText, FileKind, PageText
    from planning_review.rules.reviewer import ReadDocument
    from planning_review.rules.rules_reviewer import EvidenceReviewer

    client = httpx.Client(base_url=url, follow_redirects=True)
    page = html.fromstring(client.get(f"/Planning/Display/{REFERENCE}").text)
    links = page.xpath("//a[contains(@href,'/Document/Download')]/@href | //a/@data-disabled-link")
    embedder = make_embedder()
    store = chromadb.PersistentClient(path=f"{folder}/chroma")
    collection = store.get_or_create_collection("plain", embedding_function=None)
    got: queue.Queue[Any] = queue.Queue()
    documents = []
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:

        def fetch() -> None:
            asked_at = 0.0
            for number, link in enumerate(links, 1):
                time.sleep(max(asked_at + interval - time.monotonic(), 0))
                asked_at = time.monotonic()
                data = client.get(link).content
                (folder / f"{number:03d}.pdf").write_bytes(data)
                got.put((number, hashlib.sha256(data).hexdigest(), pool.submit(read_pages, data)))
            got.put(None)

        threading.Thread(target=fetch).start()
        while (item := got.get()) is not None:
            number, sha256, future = item
            pages = tuple(
                PageText(number=n, page_class="text", text=text) for n, text in enumerate(future.result(), 1)
            )
            text = DocumentText(
                sha256=sha256,
                kind=FileKind.PDF,
                extractor="peer",
                ocr="peer",
                state=DocumentState.INDEXED,
                pages=pages,
                page_count=len(pages),
            )
            chunks = cut_chunks(text, embedder.count_tokens)
            vectors = embedder.embed([chunk.text for chunk in chunks])
            collection.add(
                ids=[f"{number}-{n}" for n in range(len(chunks))],
                documents=[chunk.text for chunk in chunks],
                embeddings=[list(map(float, vector)) for vector in vectors],
                metadatas=[{"page": chunk.page_start, "doc": str(number)} for chunk in chunks],
            )
            documents.append(
                ReadDocument(str(number), f"Statement {number}", "Supporting Documents", "other", text)
            )
    application = Application(reference=REFERENCE, council="cherwell", register_url=url)
    judged = EvidenceReviewer().judge(
        application, documents, lambda queries, limit: [[] for _ in queries], datetime.now(UTC).date()
    )
    (folder / "review.json").write_text(judged.model_dump_json())
    print(
        json.dumps(
            {
                "documents": len(documents),
                "rating": str(judged.overall_rating),
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
        )
    )


def run_ours(url: str, interval: float, folder: Path) -> tuple[float, dict[str, Any], dict[str, int]]:
    """Run the project's command; returns its seconds, its line of JSON, and the peaks of its process."""
    environment = os.environ | {
        "PLANNING_DATA_DIR": str(folder / "data"),
        "PLANNING_TEMP_DIR": str(folder / "temp"),
        "PLANNING_REGISTER_URL": url,
        "PLANNING_REGISTER_INTERVAL_SECONDS": str(interval),
        "PLANNING_CONTACT": "checks@example.org",
    }
    begun = time.monotonic()
    peaks = {"peak_mb": 0, "threads": 0, "fds": 0}
    with (folder / "err.log").open("w") as errors:
        process = subprocess.Popen(
            [COMMAND, "review", REFERENCE, "--json"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        while process.poll() is None:
            note_peaks(process.pid, peaks)
            time.sleep(0.2)
        printed = process.communicate()[0]
    seconds = time.monotonic() - begun
    if process.returncode:
        logged = (folder / "err.log").read_text()[-600:]
        sys.exit(f"ours: exit {process.returncode}: {printed[-300:]} {logged}")
    return seconds, json.loads(printed.splitlines()[-1]), peaks


def note_peaks(pid: int, peaks: dict[str, int]) -> None:
    """Raise the peaks to what a process has now; it may be gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        now = {
            "peak_mb": int(status.split("VmHWM:")[1].split()[0]) // 1024,
            "threads": int(status.split("Threads:")[1].split()[0]),
            "fds": len(list(Path(f"/proc/{pid}/fd").iterdir())),
        }
    except (OSError, IndexError):
        return
    peaks.update({name: max(peaks[name], value) for name, value in now.items()})


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Run both on the same register; returns the summary."""
    application = ServedApplication(
        reference=REFERENCE,
        fields={"Application Number": REFERENCE, "Proposal": "A large invented application"},
        documents=make_documents(options.documents, options.pages),
    )
    result: dict[str, Any] = {
        "documents": options.documents,
        "pages": options.pages,
        "floor": round(options.documents * options.interval, 1),
    }
    with tempfile.TemporaryDirectory(prefix="peer-") as scratch, RegisterServer([application]) as register:
        plain, ours = Path(scratch, "plain"), Path(scratch, "ours")
        plain.mkdir()
        ours.mkdir()
        if not options.no_plain:
            seconds, said = run_plain(register.url, options.interval, plain)
            result |= {"plain": round(seconds, 1), "plain_peak_mb": said["peak_mb"]}
            result["plain_rating"] = said["rating"]
        environment = os.environ | {"PLANNING_DATA_DIR": str(ours / "data")}
        subprocess.run([COMMAND, "up"], env=environment, stdout=subprocess.DEVNULL, check=True)
        try:
            seconds, printed, peaks = run_ours(register.url, options.interval, ours)
            result |= {"ours": round(seconds, 1)} | {f"ours_{name}": peak for name, peak in peaks.items()}
            result["stages"] = json.loads(Path(printed["review_json"]).read_text())["metadata"]["seconds"]
            if options.rerun:
                seconds, printed, _ = run_ours(register.url, options.interval, ours)
                result |= {"rerun": round(seconds, 1), "rerun_downloads": printed["documents"]["downloaded"]}
        finally:
            subprocess.run([COMMAND, "down"], env=environment, stdout=subprocess.DEVNULL, check=False)
    best = max(result["floor"], result.get("plain", 0))
    result["ratio"] = round(result["ours"] / best, 2) if best else None
    return result


def main(arguments: Sequence[str]) -> None:
    """Measure, or be the plain script: `--plain URL INTERVAL FOLDER`."""
    if arguments[:1] == ["--plain"]:
        url, interval, folder = arguments[1:]
        review_plainly(url, float(interval), Path(folder))
        return
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--documents", type=int, default=400)
    parser.add_argument("--pages", type=int, default=6)
    parser.add_argument("--interval", type=float, default=0.1)
    parser.add_argument("--rerun", action="store_true", help="review a second time, with all in place")
    parser.add_argument("--no-plain", action="store_true", help="the project's own command alone")
    print(json.dumps(measure(parser.parse_args(arguments))))


if __name__ == "__main__":
    main(sys.argv[1:])
