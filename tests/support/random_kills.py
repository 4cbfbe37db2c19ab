"""Kill reviews of the sample at random moments, and look at what they leave behind.

.venv/bin/python -m tests.support.random_kills --kills 100 --seed 1

Each round has a machine and a bucket of its own: its reviews are killed one after the other, each going on
where the last was killed, until one is let through and held against one that nobody disturbed. Prints a
line a kill and what was found broken; ends with 1 where anything was.
"""

import argparse
import json
import logging
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx

from cli.server.local_server import ensure_server, require_password, stop_server
from planning_review.sample.application import build_sample
from planning_review.sample.served_application import ServedApplication, serve_folder
from planning_review.settings import load_settings
from tests.support.faulty_register import RegisterServer
from tests.support.held_runs import Site, open_site, remove_turns, wait_for
from tests.support.s3_server import run_s3_server
from tests.support.server_api import remember_password

KILLS_A_ROUND = 8
GONE_SECONDS = 5.0


@dataclass(frozen=True)
class Kill:
    """One kill: when, the last state of its run, and what was broken after it."""

    seconds: float
    ended_first: bool
    broken: Sequence[str]


@contextmanager
def open_sample_site(folder: Path, built: Path, s3_url: str, api_url: str) -> Iterator[Site]:
    """Serve the sample to a machine that has done nothing yet."""
    application = serve_folder(built)
    with (
        open_site(folder, (), s3_url, api_url, reference=application.reference) as site,
        _serve(application) as register,
    ):
        yield replace(site, register=register)


@contextmanager
def _serve(application: ServedApplication) -> Iterator[RegisterServer]:
    with RegisterServer([application]) as register:
        yield register


def kill_after(site: Site, seconds: float) -> Kill:
    """Start a review, kill its process after so long, and look at what is left."""
    remove_turns(site.api_url)
    process = site.start()
    time.sleep(seconds)
    ended_first = process.poll() is not None
    process.kill()
    process.communicate()
    broken = []
    try:
        wait_for(lambda: not site.find_processes(), "no process is left", GONE_SECONDS)
    except AssertionError:
        broken.append(f"still running: {site.find_processes()}")
    return Kill(seconds, ended_first, (*broken, *find_broken(site)))


def find_broken(site: Site) -> list[str]:
    """Return what is not whole among the files and the objects that carry their final names."""
    broken = []
    for path in (site.data / "output").rglob("*.json"):
        try:
            json.loads(path.read_bytes())
        except ValueError:
            broken.append(f"half a file: {path.name}")
    manifest = site.data / "output" / site.key / "manifest.json"
    rows = json.loads(manifest.read_bytes())["documents"] if manifest.is_file() else []
    kept = {path.name: path.read_bytes() for path in (site.data / "raw").rglob("*") if path.is_file()}
    objects = site.bucket.list_objects()
    for row in rows:
        name = Path(row["key"]).name if row.get("key") else None
        if name in kept and sha256(kept[name]).hexdigest() != row["sha256"]:
            broken.append(f"kept with other bytes: {name}")
        key = next((key for key in objects if name and key.endswith(f"/{name}")), None)
        if key is not None:
            stored = httpx.get(site.bucket.link(key)).content
            if sha256(stored).hexdigest() != row["sha256"]:
                broken.append(f"stored with other bytes: {name}")
    for path in (site.data / "output" / site.key).glob("rev_*"):
        opened = httpx.get(site.bucket.link(f"planning/{site.key}/output/{path.name}"))
        if opened.status_code == 200 and opened.content != path.read_bytes():
            broken.append(f"published with other bytes: {path.name}")
    return broken


def compare(site: Site, undisturbed: Site) -> list[str]:
    """Return in what a finished site differs from one that nobody disturbed."""
    broken = []
    if read_lasting(site) != read_lasting(undisturbed):
        broken.append("another review")
    if site.load_index() != undisturbed.load_index():
        broken.append("other passages")
    if left := site.list_half_written():
        broken.append(f"half written: {[path.name for path in left]}")
    if left := [path for path in (site.folder / "temp").rglob("*") if path.is_file()]:
        broken.append(f"left in the temporary folder: {[path.name for path in left]}")
    ours = {key.removeprefix(f"planning/{site.key}/") for key in site.bucket.list_objects()}
    theirs = {key.removeprefix(f"planning/{site.key}/") for key in undisturbed.bucket.list_objects()}
    if _drop_ids(ours) != _drop_ids(theirs):
        broken.append(f"other objects: {sorted(_drop_ids(ours) ^ _drop_ids(theirs))}")
    return broken


def _drop_ids(keys: set[str]) -> set[str]:
    # A review's id is made of its content, where the bucket's and the register's addresses stand, and an
    # entry of the catalogue is named by its moment too.
    lasting = {key for key in keys if "results/" not in key and "catalogue/" not in key}
    return {key.rpartition("_")[2] if "/rev_" in f"/{key}" else key for key in lasting}


def read_lasting(site: Site) -> str:
    """Return a site's review without what differs by the place and the time."""
    review: dict[str, Any] = site.read_review()
    review.pop("metadata")
    text = json.dumps(review, sort_keys=True)
    for found, name in (
        (review["review_id"].rpartition("_")[2], "REVIEW"),
        (site.bucket.name, "BUCKET"),
        (site.register.url, "REGISTER"),
    ):
        text = text.replace(found, name)
    return text


def run_rounds(kills: int, seed: int, api_url: str, folder: Path) -> list[Kill]:
    """Kill so many reviews; returns each kill, and of each round what its finished review got wrong."""
    chosen = random.Random(seed)  # noqa: S311 - moments, no secret
    built = folder / "built"
    build_sample(built)
    found: list[Kill] = []
    with run_s3_server() as s3_url, open_sample_site(folder / "whole", built, s3_url, api_url) as whole:
        began = time.monotonic()
        result = whole.review()
        assert result.status == 0, result.stderr
        longest = time.monotonic() - began
        for number in range(-(-kills // KILLS_A_ROUND)):
            with open_sample_site(folder / f"round-{number}", built, s3_url, api_url) as site:
                for _ in range(min(KILLS_A_ROUND, kills - len(found))):
                    found.append(kill_after(site, chosen.uniform(0.5, longest)))
                    _tell(len(found), found[-1])
                remove_turns(api_url)
                result = site.review()
                broken = compare(site, whole) if result.status == 0 else [result.stderr[-2000:]]
                found[-1] = replace(found[-1], broken=(*found[-1].broken, *broken))
                print(f"     then a whole review: {broken or 'as undisturbed'}", flush=True)
    return found


def _tell(number: int, kill: Kill) -> None:
    when = "had ended" if kill.ended_first else f"killed after {kill.seconds:4.1f} s"
    print(f"{number:4} {when}: {list(kill.broken) or 'nothing broken'}", flush=True)


def main() -> None:
    """Read the options, kill, and end with 1 where something was broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    # moto's lines would hide ours.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="random-kills-") as name:
        folder = Path(name)
        settings = load_settings(PLANNING_DATA_DIR=folder / "server")
        api_url = f"{ensure_server(settings).url}/api"
        remember_password(api_url, require_password(settings))
        try:
            kills = run_rounds(options.kills, options.seed, api_url, folder)
        finally:
            stop_server(settings)
    broken = [kill for kill in kills if kill.broken]
    early = sum(kill.ended_first for kill in kills)
    print(f"{len(kills)} kills, {early} after the end, {len(broken)} left something broken.")
    sys.exit(bool(broken))


if __name__ == "__main__":
    main()
