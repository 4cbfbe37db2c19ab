"""A ZIP archive: its members, each read as the document that it is. For worker processes."""

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from planning_review.documents.formats.part import Part
from planning_review.documents.workers.messages import Opened, PageRead, Unreadable, is_our_fault
from planning_review.models import DocumentState

MAX_MEMBER_BYTES = 256 * 1024 * 1024
_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# What systems put beside people's files.
_SYSTEM_FOLDER = "__MACOSX/"
_SYSTEM_FILES = frozenset(("thumbs.db", "desktop.ini", ".ds_store"))


def read_zip(path: Path) -> Iterator[Opened | PageRead]:
    """Yield that an archive has no page of its own. Raises Unreadable, for a locked one too."""
    with _opened(path) as archive:
        members = _list_members(archive)
    if not members:
        raise Unreadable(DocumentState.DAMAGED, "the ZIP archive holds no file")
    if all(member.flag_bits & _ENCRYPTED for member in members):
        raise Unreadable(DocumentState.LOCKED, "the ZIP archive is locked with a password")
    yield Opened(page_count=0)


def find_members(path: Path) -> Iterator[Part]:
    """Yield an archive's files, in its order."""
    with _opened(path) as archive:
        for number, member in enumerate(_list_members(archive), start=1):
            data, reason = _unpack(archive, member)
            yield Part(f"file {number}", member.filename, data, reason)


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, OverflowError) as error:
        raise _damaged() from error
    except OSError as error:
        if is_our_fault(error):
            raise
        raise _damaged() from error


def _list_members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    return [member for member in archive.infolist() if not _is_of_the_system(member)]


def _is_of_the_system(member: zipfile.ZipInfo) -> bool:
    name = member.filename
    return (
        member.is_dir()
        or name.startswith(_SYSTEM_FOLDER)
        or name.rpartition("/")[2].casefold() in _SYSTEM_FILES
    )


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> tuple[bytes | None, str | None]:
    """Return a member's bytes, or the reason that there are none."""
    if member.flag_bits & _ENCRYPTED:
        return None, "locked with a password"
    if member.compress_type not in _METHODS:
        return None, "packed in a way that is not read"
    try:
        with archive.open(member) as stream:
            data = stream.read(MAX_MEMBER_BYTES + 1)
    except (zipfile.BadZipFile, EOFError, RuntimeError, ValueError, NotImplementedError, zlib.error):
        return None, "damaged: it can't be unpacked"
    except OSError as error:
        if is_our_fault(error):
            raise
        return None, "damaged: it is not where it should be"
    if len(data) > MAX_MEMBER_BYTES:
        return None, f"it unpacks to more than the {MAX_MEMBER_BYTES // 1024**2} MB that a file may"
    return data, None


def _damaged() -> Unreadable:
    return Unreadable(
        DocumentState.DAMAGED,
        "the ZIP archive is damaged: it is cut short, or its list of contents is lost",
    )
