"""A folder of files that a person saved, in the register's place."""

import hashlib
import os
from pathlib import Path

import pytest

from planning_review.documents.manifest import ManifestFile
from planning_review.documents.saved_folder import copy_saved, read_saved_folder
from planning_review.documents.selection import choose_documents
from planning_review.errors import NotADocument, UsageError
from planning_review.models import ApplicationPage, FileKind, ListedDocument
from planning_review.register.councils import get_council
from planning_review.register.platform import get_platform

REFERENCE = "25/00284/F"
PAGE_URL = "https://register.example/Planning/Display/25/00284/F"
REGISTER = get_platform(get_council("cherwell", "https://register.example"))
PDF = b"%PDF-1.7\nsaved"

APPLICATION_HTML = """<html><head><title>Application</title></head><body>
<table class="summaryTbl"><tr>
<td class="fullwidth">Application Number <br/><div class="singlerowsize"><span>{reference}</span></div></td>
<td class="fullwidth">Proposal <br/><div class="singlerowsize"><span>Twelve homes</span></div></td>
</tr></table>
<table class="tblTest table sortable document-list">
<tr><th>All</th><th>Document Type</th><th>Date</th><th>Description</th><th>File Size</th>
<th>Drawing/Rev Number</th></tr>
<tr class="header active"><th>Public Comments</th></tr>
<tr><td></td><td>Comment</td><td>01/02/2025</td><td>From a resident</td><td>1 KB</td><td></td>
<td><a class="singledownloadlink"
 href="/Document/Download?module=PLA&amp;recordNumber=1&amp;planId=2&amp;imageId=3&amp;fileName=scan%2012.pdf"
 >Download</a></td></tr>
</table></body></html>"""


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    folder = tmp_path / "saved"
    folder.mkdir()
    return folder


@pytest.fixture
def manifest(tmp_path: Path) -> ManifestFile:
    return ManifestFile(tmp_path / "manifest.json", REFERENCE, "cherwell", "25_00284_F")


def save(folder: Path, name: str, content: bytes = PDF) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def read(folder: Path) -> ApplicationPage:
    return read_saved_folder(folder, REFERENCE, REGISTER)


def test_files_become_documents_and_folders_categories(saved: Path) -> None:
    for name in (
        "Transport_Assessment.pdf",
        "a plan.JPG",
        "Public Comments/12 High Street.pdf",
        "Supporting_Documents/Appendices/rev 1.2",
        ".hidden.pdf",
        ".git/config",
        "Thumbs.db",
        "~$letter.docx",
        "application_files/logo.png",
    ):
        save(saved, name)
    page = read(saved)
    assert [(d.title, d.category) for d in page.documents] == [
        ("a plan", None),
        ("12 High Street", "Public Comments"),
        ("rev 1.2", "Supporting Documents / Appendices"),
        ("Transport Assessment", None),
    ]
    assert page.documents_available
    assert {document.register_url for document in page.documents} == {PAGE_URL}
    assert page.documents[0].size_bytes_listed == len(PDF)
    application = page.application
    assert (application.reference, application.council, application.register_url) == (
        REFERENCE,
        "cherwell",
        PAGE_URL,
    )
    assert application.proposal is None
    assert [choice.selected for choice in choose_documents(page.documents).choices] == [
        True,
        False,
        True,
        True,
    ]


def test_a_document_keeps_its_id_wherever_the_folder_stands(saved: Path, tmp_path: Path) -> None:
    for folder in (saved, tmp_path / "elsewhere"):
        save(folder, "x/plan.pdf")
        save(folder, "plan.pdf")
    save(saved, "a new one.pdf")
    here = {d.file_name: d.document_id for d in read(saved).documents if d.category is None}
    there = {d.file_name: d.document_id for d in read(tmp_path / "elsewhere").documents if d.category is None}
    assert here["plan.pdf"] == there["plan.pdf"]
    ids = [document.document_id for document in read(saved).documents]
    assert len(set(ids)) == 3
    assert all(document_id.startswith("saved-") for document_id in ids)


def test_a_saved_application_page_tells_the_facts_and_the_categories(saved: Path) -> None:
    save(saved, "application.html", APPLICATION_HTML.format(reference=REFERENCE).encode())
    save(saved, "Scan 12.pdf")
    save(saved, "Travel Plan.pdf")
    page = read(saved)
    assert page.application.proposal == "Twelve homes"
    scan, travel_plan = page.documents
    assert (scan.title, scan.category) == ("From a resident", "Public Comments")
    assert scan.document_id.startswith("saved-")
    assert "imageId=3" in scan.register_url
    assert (travel_plan.title, travel_plan.category) == ("Travel Plan", None)


@pytest.mark.parametrize(
    "page", [APPLICATION_HTML.format(reference="25/99999/F"), "<html><title>News</title></html>", "\0", ""]
)
def test_a_page_of_something_else_is_refused(saved: Path, page: str) -> None:
    path = save(saved, "application.html", page.encode())
    save(saved, "plan.pdf")
    with pytest.raises(UsageError) as caught:
        read(saved)
    assert str(path) in str(caught.value)
    assert REFERENCE in str(caught.value)


def test_a_folder_without_documents_is_bad_usage(saved: Path) -> None:
    with pytest.raises(UsageError, match="holds no document"):
        read(saved)
    save(saved, ".hidden")
    save(saved, "application.html", APPLICATION_HTML.format(reference=REFERENCE).encode())
    with pytest.raises(UsageError, match="holds no document"):
        read(saved)
    with pytest.raises(UsageError, match="is not a folder"):
        read(saved / "missing")
    with pytest.raises(UsageError, match="is not a folder"):
        read(save(saved, "plan.pdf"))


def test_a_copy_is_placed_and_recorded_and_the_original_stays(
    saved: Path, tmp_path: Path, manifest: ManifestFile
) -> None:
    original = save(saved, "Drawings/Site_Plan.pdf")
    save(saved, "Twin.pdf")
    twin, document = read(saved).documents[::-1]
    manifest.register([document, twin])
    stored = copy_saved(document, saved, manifest, tmp_path / "raw")
    assert stored.key == "25_00284_F/001_Site_Plan.pdf"
    assert (stored.sha256, stored.size_bytes, stored.kind) == (
        hashlib.sha256(PDF).hexdigest(),
        len(PDF),
        FileKind.PDF,
    )
    assert copy_saved(twin, saved, manifest, tmp_path / "raw").key == stored.key
    kept = [path for path in (tmp_path / "raw").rglob("*") if path.is_file()]
    assert [path.read_bytes() for path in kept] == [PDF]
    assert original.read_bytes() == PDF


def copy_only(saved: Path, tmp_path: Path, manifest: ManifestFile, document: ListedDocument) -> str:
    """Return the message with which the copy is refused, nothing being left of it."""
    with pytest.raises(NotADocument) as caught:
        copy_saved(document, saved, manifest, tmp_path / "raw")
    assert [path for path in (tmp_path / "raw").rglob("*") if path.is_file()] == []
    assert manifest.stored_file(document.document_id) is None
    return str(caught.value)


@pytest.mark.parametrize(
    ("content", "found"), [(b"", "empty file"), (b"<html>Please log in</html>", "web page")]
)
def test_what_is_no_document_is_refused(
    saved: Path, tmp_path: Path, manifest: ManifestFile, content: bytes, found: str
) -> None:
    path = save(saved, "Travel Plan.pdf", content)
    message = copy_only(saved, tmp_path, manifest, read(saved).documents[0])
    assert found in message
    assert str(path) in message


@pytest.mark.parametrize("name", ["Objection.html", "Objection.HTM"])
def test_a_web_page_that_a_person_saved_as_one_is_a_document_and_what_it_shows_is_none(
    saved: Path, tmp_path: Path, manifest: ManifestFile, name: str
) -> None:
    save(saved, name, b"<html><p>The path is too narrow.</p></html>")
    save(saved / "Objection_files", "logo.png", b"x")
    save(saved / "other_files", "plan.pdf")
    page, plan = read(saved).documents
    assert (page.title, plan.file_name) == ("Objection", "plan.pdf")
    stored = copy_saved(page, saved, manifest, tmp_path / "raw")
    assert stored.kind is FileKind.HTML
    assert stored.key.endswith("_Objection.html")


@pytest.mark.parametrize("way", ["file", "folder", "nowhere"])
def test_links_that_leave_the_folder_are_refused(
    saved: Path, tmp_path: Path, manifest: ManifestFile, way: str
) -> None:
    secret = save(tmp_path / "secrets", "key.pdf")
    target = {"file": secret, "folder": secret.parent, "nowhere": tmp_path / "missing"}[way]
    (saved / "plan.pdf").symlink_to(target)
    save(saved, "z.pdf")
    documents = {document.file_name: document for document in read(saved).documents}
    assert "key.pdf" not in documents
    if way != "folder":
        assert "outside the folder" in copy_only(saved, tmp_path, manifest, documents["plan.pdf"])
    assert copy_saved(documents["z.pdf"], saved, manifest, tmp_path / "raw").size_bytes == len(PDF)


def test_links_within_the_folder_are_followed(saved: Path, tmp_path: Path, manifest: ManifestFile) -> None:
    (saved / "a.pdf").symlink_to(save(saved, "b.pdf"))
    assert copy_saved(read(saved).documents[0], saved, manifest, tmp_path / "raw").kind is FileKind.PDF


def test_what_cannot_be_read_is_said(saved: Path, tmp_path: Path, manifest: ManifestFile) -> None:
    path = save(saved, "plan.pdf")
    document = read(saved).documents[0]
    path.unlink()
    assert "no longer in" in copy_only(saved, tmp_path, manifest, document)
    os.mkfifo(path)
    assert "not a file that can be read" in copy_only(saved, tmp_path, manifest, document)


@pytest.mark.parametrize(
    "name",
    ["مخطط الموقع.pdf", "🚲.pdf", "CON", "a\nb.pdf", "x" * 250, "..pdf..", "-rf.pdf", "%2e%2e%2fup.pdf"],
)
def test_hostile_names_are_read_and_kept_safely(
    saved: Path, tmp_path: Path, manifest: ManifestFile, name: str
) -> None:
    save(saved, "sub/" + name.lstrip("."))
    (document,) = read(saved).documents
    stored = copy_saved(document, saved, manifest, tmp_path / "raw")
    assert (tmp_path / "raw" / stored.key).parent == tmp_path / "raw" / "25_00284_F"


def test_a_name_that_is_no_utf_8_is_read(saved: Path, tmp_path: Path, manifest: ManifestFile) -> None:
    name = os.fsdecode(b"pl\xe4n.pdf")
    try:
        save(saved, name)
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    (document,) = read(saved).documents
    assert document.title == "pl\N{REPLACEMENT CHARACTER}n"
    assert copy_saved(document, saved, manifest, tmp_path / "raw").key.endswith("_pl_n.pdf")
    save(saved, name, b"")
    with pytest.raises(NotADocument) as caught:
        copy_saved(document, saved, manifest, tmp_path / "raw")
    assert str(caught.value).encode()
