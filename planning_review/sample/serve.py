"""Serve the sample, or any folder of files, as a planning register on this machine."""

import json
import os
import signal
import sys
import tempfile
import threading
from pathlib import Path

import click

from planning_review.errors import UsageError
from planning_review.references import parse_reference
from planning_review.sample.application import build_sample
from planning_review.sample.register_server import RegisterServer
from planning_review.sample.served_application import ServedApplication, serve_folder


@click.command(help=__doc__)
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="0, the default, takes a free one.")
@click.option("--reference", help="The application's reference, such as 26/00001/F.")
@click.option(
    "--ready-file",
    type=click.Path(path_type=Path),
    help="Written when the register listens: a line of JSON with url, reference and pid.",
)
def main(folder: Path | None, port: int, reference: str | None, ready_file: Path | None) -> None:
    """Serve until SIGTERM or Ctrl-C."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        wanted = parse_reference(reference) if reference else None
        if folder is not None:
            _serve(serve_folder(folder, wanted), port, ready_file, stop)
        else:
            with tempfile.TemporaryDirectory(prefix="planning-sample-") as built:
                build_sample(Path(built))
                _serve(serve_folder(Path(built), wanted), port, ready_file, stop)
    except UsageError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    except OSError as error:
        click.echo(f"The register could not start: {error}. Another --port may help.", err=True)
        sys.exit(1)


def _serve(application: ServedApplication, port: int, ready_file: Path | None, stop: threading.Event) -> None:
    with RegisterServer([application], port=port) as server:
        if ready_file is not None:
            _write_ready_file(ready_file, server.url, application.reference)
        click.echo(f"{server.url}/Planning/Display/{application.reference}")
        click.echo(f"{application.reference}: {len(application.documents)} documents. Ctrl-C ends it.")
        stop.wait()
        if ready_file is not None:
            ready_file.unlink(missing_ok=True)


def _write_ready_file(path: Path, url: str, reference: str) -> None:
    # Whoever waits for the file must never see half of it.
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_text(
        json.dumps({"url": url, "reference": reference, "pid": os.getpid()}) + "\n", encoding="utf-8"
    )
    part.replace(path)


if __name__ == "__main__":
    main()
