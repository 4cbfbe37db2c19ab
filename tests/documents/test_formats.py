"""The table of formats: each row's files are told as it says, read or refused, and stored by their kind."""

import subprocess
import sys
from pathlib import Path

import pytest

from blocks.local_files import find_media_type
from planning_review.documents.extraction import read_text
from planning_review.documents.formats.signs import is_never
from planning_review.documents.formats.sniffing import find_format
from planning_review.documents.formats.table import FORMATS, Format, drop_file_suffix
from planning_review.documents.manifest import make_key
from planning_review.documents.workers.messages import PageRead, TextJob, Unreadable
from planning_review.models import FileKind
from tests.support.format_samples import SAMPLES, Sample

OFFICE = "application/vnd.openxmlformats-officedocument"
STORED_AS = {
    FileKind.PDF: ("pdf", "application/pdf"),
    FileKind.DOCX: ("docx", f"{OFFICE}.wordprocessingml.document"),
    FileKind.XLSX: ("xlsx", f"{OFFICE}.spreadsheetml.sheet"),
    FileKind.ODT: ("odt", "application/vnd.oasis.opendocument.text"),
    FileKind.RTF: ("rtf", "application/rtf"),
    FileKind.EML: ("eml", "message/rfc822"),
    FileKind.MSG: ("msg", "application/vnd.ms-outlook"),
    FileKind.JPEG: ("jpg", "image/jpeg"),
    FileKind.PNG: ("png", "image/png"),
    FileKind.TIFF: ("tif", "image/tiff"),
    FileKind.DOC: ("doc", "application/msword"),
    FileKind.XLS: ("xls", "application/vnd.ms-excel"),
    FileKind.PPT: ("ppt", "application/vnd.ms-powerpoint"),
    FileKind.PPTX: ("pptx", f"{OFFICE}.presentationml.presentation"),
    FileKind.XLSB: ("xlsb", "application/vnd.ms-excel.sheet.binary.macroenabled.12"),
    FileKind.ODS: ("ods", "application/vnd.oasis.opendocument.spreadsheet"),
    FileKind.ODP: ("odp", "application/vnd.oasis.opendocument.presentation"),
    FileKind.MHT: ("mht", "multipart/related"),
    FileKind.WORDPERFECT: ("wpd", "application/vnd.wordperfect"),
    FileKind.WORD_XML: ("xml", "text/plain; charset=utf-8"),
    FileKind.WEBP: ("webp", "image/webp"),
    FileKind.GIF: ("gif", "image/gif"),
    FileKind.BMP: ("bmp", "image/bmp"),
    FileKind.JP2: ("jp2", "image/jp2"),
    FileKind.HEIC: ("heic", "image/heic"),
    FileKind.AVIF: ("avif", "image/avif"),
    FileKind.OLE: ("ole", "application/octet-stream"),
    FileKind.ZIP: ("zip", "application/zip"),
    FileKind.HTML: ("html", "text/plain; charset=utf-8"),
    FileKind.TEXT: ("txt", "text/plain; charset=utf-8"),
    FileKind.EMPTY: ("empty", "application/octet-stream"),
    FileKind.UNKNOWN: ("bin", "application/octet-stream"),
}
OTHER_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "dot": "application/msword",
    "dwg": "image/vnd.dwg",
    "heif": "image/heic",
    "jpeg": "image/jpeg",
    "mhtml": "multipart/related",
    "tiff": "image/tiff",
}
HEAVY = (
    *("pymupdf", "openpyxl", "lxml", "PIL", "oxmsg", "olefile", "striprtf", "numpy"),
    *("xlrd", "python_calamine", "doc2docx", "pillow_heif"),
)


def name(sample: Sample) -> str:
    return f"{sample.kind.value}: {sample.reason or 'read'}"[:60]


def told(sample: Sample, folder: Path) -> tuple[Path, Format]:
    # The name says something else than the bytes.
    path = folder / "document.dat"
    sample.make(path)
    return path, find_format(path)


@pytest.mark.parametrize("sample", SAMPLES, ids=name)
def test_a_file_is_told_and_read_or_refused(tmp_path: Path, sample: Sample) -> None:
    path, row = told(sample, tmp_path)
    assert row.kind is sample.kind
    job = TextJob(path=str(path), kind=row.kind)
    if sample.text is None:
        with pytest.raises(Unreadable) as refusal:
            list(read_text(job))
        assert (refusal.value.state, refusal.value.reason) == (sample.state, sample.reason)
        return
    pages = [event.page for event in read_text(job) if isinstance(event, PageRead)]
    assert any(sample.text in page.text for page in pages)
    assert [page.page_class for page in pages if not page.text] == ([] if sample.text else ["scan"])


def test_every_row_has_a_sample(tmp_path: Path) -> None:
    found = [told(sample, tmp_path)[1] for sample in SAMPLES]
    # A suffix of its own can be all that a row has.
    missing = [row for row in FORMATS if row.sign is not is_never and not any(row is each for each in found)]
    assert missing == []


def test_a_file_is_stored_under_the_suffix_and_with_the_media_type_of_its_kind() -> None:
    keys = {kind: make_key("25_00001_F", 1, "Site plan", kind) for kind in FileKind}
    assert {kind: (key.rpartition(".")[2], find_media_type(key)) for kind, key in keys.items()} == STORED_AS


def test_only_pages_of_our_own_are_shown_as_pages() -> None:
    ours = {"planning/index.html", "planning/26_00001_F/output/rev_20261201_0a1b_review.html"}
    keys = {*ours, "planning/26_00001_F/004_Objection.html", "planning/26_00001_F/005_index.html"}
    assert {key for key in keys if find_media_type(key).startswith("text/html")} == ours


def test_media_types_and_titles_know_the_suffixes_that_people_give() -> None:
    assert {suffix: find_media_type(f"plan.{suffix.upper()}") for suffix in OTHER_TYPES} == OTHER_TYPES
    known = (*OTHER_TYPES, *(kind for kind in FileKind if kind not in ("ole", "bin", "empty")))
    for suffix in (*known, "htm", "dxf"):
        assert drop_file_suffix(f"Site plan.{suffix} .PDF") == "Site plan"
    for title in ("Plan 2.5", "Block B.bin", "www.example.org", ".pdf", "Report.ole", "Notes.json"):
        assert drop_file_suffix(title) == title


def test_no_reader_is_loaded_before_its_file(tmp_path: Path) -> None:
    text = tmp_path / "a.txt"
    text.write_text("The path is too narrow.")
    script = (
        "import sys\n"
        f"def loaded(): return [name for name in {HEAVY} if name in sys.modules]\n"
        "import blocks.local_files, planning_review.models, planning_review.documents.workers.process\n"
        "from planning_review.documents.formats.sniffing import sniff_kind\n"
        "from planning_review.documents.extraction import read_text\n"
        "from planning_review.documents.workers.messages import TextJob\n"
        "from pathlib import Path\n"
        "path = Path(sys.argv[1])\n"
        "job = TextJob(path=str(path), kind=sniff_kind(path))\n"
        "print(loaded())\n"
        "list(read_text(job))\n"
        "print(loaded())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(text)], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.splitlines() == ["[]", "[]"]
