"""The text of a Word file of before 2007 (.doc), made into one of today with msdoc2docx.

For worker processes.
Of antiword, catdoc and msdoc2docx only the last keeps pages, comments, numbers, pictures and embedded files.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from doc2docx import convert  # type: ignore[import-untyped]
from doc2docx.errors import EncryptedDocumentError  # type: ignore[import-untyped]

from planning_review.documents.formats.office_parts import find_office_parts
from planning_review.documents.formats.part import Part
from planning_review.documents.formats.word import read_docx
from planning_review.documents.workers.messages import Opened, PageRead, Unreadable, is_our_fault
from planning_review.models import DocumentState


def read_doc(path: Path) -> Iterator[Opened | PageRead]:
    """Yield a Word file's pages as those of a newer one. Raises Unreadable."""
    with _converted(path) as newer:
        yield from read_docx(newer)


def find_doc_parts(path: Path) -> Iterator[Part]:
    """Yield a Word file's pictures and embedded files. Raises Unreadable."""
    with _converted(path) as newer:
        yield from find_office_parts(newer)


@contextmanager
def _converted(path: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="word-") as folder:
        newer = Path(folder) / "newer.docx"
        try:
            convert(path, newer)
        except MemoryError:
            raise
        except EncryptedDocumentError as error:
            raise Unreadable(DocumentState.LOCKED, "the Word file is locked with a password") from error
        except Exception as error:
            if isinstance(error, OSError) and is_our_fault(error):
                raise
            raise Unreadable(DocumentState.DAMAGED, "the Word file is damaged and can't be read") from error
        yield newer
