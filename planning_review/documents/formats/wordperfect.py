"""The text of a WordPerfect file, by wpd2text of libwpd, where it is installed. For worker processes.

No package of Python's reads such files; they came before 2005, with applications that are amended today.
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path

from planning_review.documents.formats.plain_text import give_pages
from planning_review.documents.workers.messages import Opened, PageRead, Unreadable
from planning_review.documents.workers.parent_death import group_dies_with_parent
from planning_review.models import DocumentState

_MAX_SECONDS = 600
_MAX_BYTES = 64 * 1024 * 1024


def read_wordperfect(path: Path) -> Iterator[Opened | PageRead]:
    """Yield a WordPerfect file as one page. Raises Unreadable."""
    try:
        with group_dies_with_parent():
            answer = subprocess.run(  # noqa: S603 - a file's path, and no shell
                ["wpd2text", str(path)],  # noqa: S607 - found on the path, as tesseract is
                capture_output=True,
                stdin=subprocess.DEVNULL,
                timeout=_MAX_SECONDS,
                check=False,
            )
    except FileNotFoundError as error:
        raise Unreadable(
            DocumentState.UNSUPPORTED,
            "a WordPerfect file: it needs wpd2text, which is not installed (Debian: libwpd-tools)",
        ) from error
    except subprocess.TimeoutExpired as error:
        raise Unreadable(DocumentState.DAMAGED, "the WordPerfect file took too long to read") from error
    text = answer.stdout[:_MAX_BYTES].decode("utf-8", "replace")
    if answer.returncode or not text.strip():
        reason = "the WordPerfect file is damaged, locked with a password or empty"
        raise Unreadable(DocumentState.DAMAGED, reason)
    yield from give_pages(text)
