"""A worker process: `python -P -m planning_review.documents.workers.process PARENT_PID MEMORY_BYTES`.

Reads jobs from its input and writes what it finds to its output, one JSON line each, until its
input is closed. `workers.handle` starts and stops it.
"""

import os
import sys
from collections.abc import Iterator
from typing import BinaryIO

from planning_review.documents.workers.messages import (
    EVENT,
    JOB,
    Broken,
    DrawJob,
    Ended,
    Event,
    Job,
    Ready,
    TextJob,
    Unreadable,
    is_our_fault,
)
from planning_review.documents.workers.parent_death import die_with_parent
from planning_review.models import DocumentState

_MAX_FILE_BYTES = 1024 * 1024 * 1024


def main() -> None:
    """Take jobs until there are no more."""
    die_with_parent(int(sys.argv[1]))
    limit_memory(int(sys.argv[2]))
    # MuPDF prints its complaints to the standard output: the messages get a descriptor of their own.
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    # PyMuPDF loads before the clock runs.
    import planning_review.documents.extraction
    import planning_review.documents.formats.pdf  # noqa: F401

    _send(output, Ready())
    for line in sys.stdin.buffer:
        for event in _run(JOB.validate_json(line)):
            _send(output, event)


def _run(job: Job) -> Iterator[Event]:
    from planning_review.documents.extraction import draw_pictures, read_by_ocr, read_text

    try:
        if isinstance(job, TextJob):
            yield from read_text(job)
        elif isinstance(job, DrawJob):
            yield from draw_pictures(job)
        else:
            yield read_by_ocr(job)
    except Unreadable as refusal:
        yield Ended(state=refusal.state, reason=refusal.reason)
    except MemoryError:
        yield Ended(state=DocumentState.DAMAGED, reason="it needs more memory than a document may have")
    except Exception as error:  # noqa: BLE001 - a document must not be able to end its worker
        if isinstance(error, OSError) and is_our_fault(error):
            yield Broken(reason=error.strerror or type(error).__name__)
        else:
            yield Ended(state=DocumentState.DAMAGED, reason="the file is damaged and does not open")
    else:
        yield Ended()


def _send(output: BinaryIO, event: Event) -> None:
    output.write(EVENT.dump_json(event) + b"\n")
    output.flush()


def limit_memory(memory_bytes: int) -> None:
    """Bound this process's address space and files (Linux only)."""
    if sys.platform == "linux":
        import resource

        limits = {
            resource.RLIMIT_AS: memory_bytes,
            resource.RLIMIT_FSIZE: _MAX_FILE_BYTES,
            resource.RLIMIT_CORE: 0,
        }
        for name, limit in limits.items():
            _, hard = resource.getrlimit(name)
            # A container may allow less already.
            allowed = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
            resource.setrlimit(name, (allowed, allowed))


if __name__ == "__main__":
    main()
