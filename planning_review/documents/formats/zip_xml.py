"""The package that a Word, Excel or OpenDocument file is: a ZIP of XML parts. For worker processes.

What it says that it unpacks to is checked before anything is unpacked, and what is unpacked is
counted: a few kilobytes can say "a" a billion times.
"""

import re
import zipfile
import zlib
from pathlib import Path
from types import TracebackType

from lxml import etree

from planning_review.documents.workers.messages import Unreadable, is_our_fault
from planning_review.models import DocumentState

MAX_UNPACKED_BYTES = 512 * 1024 * 1024
"""Of all parts together, as the file declares it, pictures included."""

MAX_PART_BYTES = 64 * 1024 * 1024
"""Of one part that is parsed whole: the XML of a report of 2,000 pages is half of that."""

MAX_PARTS = 20_000
# The "strict" form of the format is the same in other words.
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/(\w+)")
_TRANSITIONAL = rb"http://schemas.openxmlformats.org/\1/2006/\2"
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class Package:
    """An open package. name is how its reasons call it: `the Word file`.

    Every method raises Unreadable where the file is damaged or beyond its limits.
    """

    def __init__(self, path: Path, name: str) -> None:
        self._name = name
        try:
            self._archive = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, OverflowError) as error:
            raise self._damaged("it is cut short, or its list of contents is lost") from error
        except OSError as error:
            if is_our_fault(error):
                raise
            raise self._damaged("its list of contents is wrong") from error
        members = self._archive.infolist()
        self.names = frozenset(member.filename for member in members)
        unpacked_bytes = sum(member.file_size for member in members)
        if unpacked_bytes > MAX_UNPACKED_BYTES:
            self._archive.close()
            raise self._too_large(unpacked_bytes, MAX_UNPACKED_BYTES)
        if len(members) > MAX_PARTS:
            self._archive.close()
            raise Unreadable(DocumentState.DAMAGED, f"{name} has {len(members):,} parts, too many to read")

    def __enter__(self) -> "Package":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._archive.close()

    def read(self, part: str) -> bytes:
        """Return the bytes of a part, nothing for one that is not there."""
        if part not in self.names:
            return b""
        member = self._archive.getinfo(part)
        if member.file_size > MAX_PART_BYTES:
            raise self._too_large(member.file_size, MAX_PART_BYTES)
        # Other methods belong to no office file, and unpack without a limit that can be set.
        if member.compress_type not in _METHODS:
            raise self._damaged("it is packed in a way that office files are not")
        try:
            with self._archive.open(member) as stream:
                data = stream.read(MAX_PART_BYTES + 1)
        except (zipfile.BadZipFile, EOFError, RuntimeError, ValueError, zlib.error) as error:
            raise self._damaged("a part of it can't be unpacked") from error
        except OSError as error:
            if is_our_fault(error):
                raise
            raise self._damaged("a part of it is not where it should be") from error
        if len(data) > MAX_PART_BYTES:
            raise self._too_large(len(data), MAX_PART_BYTES)
        return data

    def parse(self, part: str) -> etree._Element | None:
        """Return the root of an XML part, None for one that is not there."""
        data = make_transitional(self.read(part))
        return parse_xml(data, self._name) if data.strip() else None

    def _damaged(self, why: str) -> Unreadable:
        return _damaged(self._name, why)

    def _too_large(self, unpacked_bytes: int, limit_bytes: int) -> Unreadable:
        return Unreadable(
            DocumentState.DAMAGED,
            f"{self._name} unpacks to {unpacked_bytes // 1024**2:,} MB, more than the "
            f"{limit_bytes // 1024**2} MB that it may",
        )


def is_strict(data: bytes) -> bool:
    """Return whether an XML part is of Office's strict form."""
    return _STRICT.search(data) is not None


def make_transitional(data: bytes) -> bytes:
    """Return an XML part of Office's strict form in the form that is usual."""
    return _STRICT.sub(_TRANSITIONAL, data)


def parse_xml(data: bytes, name: str) -> etree._Element:
    """Return the root of an XML text; name is how its reasons call the file.

    No entity is replaced by what it stands for, nothing is fetched, and elements may nest 256 deep. Raises
    Unreadable.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        code = getattr(error, "code", None)
        if code == etree.ErrorTypes.ERR_NO_MEMORY:
            raise MemoryError from error
        if code in (etree.ErrorTypes.ERR_RESOURCE_LIMIT, etree.ErrorTypes.ERR_ENTITY_LOOP):
            raise _damaged(name, "its text is nested deeper, or stands for more, than it may") from error
        raise _damaged(name, "its text can't be taken apart") from error


def _damaged(name: str, why: str) -> Unreadable:
    return Unreadable(DocumentState.DAMAGED, f"{name} is damaged: {why}")
