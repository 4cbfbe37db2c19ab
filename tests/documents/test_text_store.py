"""Extracted text on disk."""

from pathlib import Path

import pytest

from planning_review.documents.extraction import EXTRACTOR_VERSION
from planning_review.documents.pages.ocr import ocr_version
from planning_review.documents.text_store import TextStore
from planning_review.models import DocumentState, DocumentText, FileKind, PageText

SHA256 = "ab" * 32


def make_text(**changes: str) -> DocumentText:
    page = PageText(number=1, page_class="text", text="Wide – enough?\nYes")
    fields = {"sha256": SHA256, "extractor": EXTRACTOR_VERSION, "ocr": ocr_version()} | changes
    return DocumentText(kind=FileKind.PDF, state=DocumentState.INDEXED, pages=(page,), page_count=1, **fields)


def test_what_is_saved_is_found_by_its_identity(tmp_path: Path) -> None:
    store = TextStore(tmp_path / "text")
    assert store.find(SHA256) is None
    path = store.save(make_text())
    assert path.name.startswith(SHA256)
    assert path == store.path(SHA256)
    assert store.find(SHA256) == make_text()
    assert store.find(SHA256, ocr="none") is None
    assert store.find(SHA256, extractor="0-older") is None
    store.save(make_text(ocr="none"))
    assert store.find(SHA256, ocr="none") == make_text(ocr="none")
    assert sorted(file.suffix for file in (tmp_path / "text").iterdir()) == [".json", ".json"]


@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_a_file_cut_short_counts_as_missing(tmp_path: Path, share: float) -> None:
    store = TextStore(tmp_path)
    path = store.save(make_text())
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    assert store.find(SHA256) is None
    store.save(make_text())
    assert store.find(SHA256) == make_text()


@pytest.mark.parametrize("other", [{"sha256": "cd" * 32}, {"extractor": "0-older"}, {"ocr": "tesseract 1"}])
def test_another_text_under_the_name_counts_as_missing(tmp_path: Path, other: dict[str, str]) -> None:
    store = TextStore(tmp_path)
    path = store.save(make_text(**other))
    path.rename(store.path(SHA256))
    assert store.find(SHA256) is None


def test_a_failed_write_leaves_the_old_text_and_no_litter(tmp_path: Path) -> None:
    store = TextStore(tmp_path)
    store.save(make_text())
    unwritable = make_text().model_copy(update={"reason": "\ud800"})
    with pytest.raises(ValueError, match="surrogate"):
        store.save(unwritable)
    assert store.find(SHA256) == make_text()
    assert len(list(tmp_path.iterdir())) == 1


def test_places_of_words_stand_beside_the_text(tmp_path: Path) -> None:
    store = TextStore(tmp_path)
    places = {1: (("Wide", 100, 200, 300, 250),)}
    store.save(make_text().model_copy(update={"places": places}))
    assert store.find(SHA256) == make_text()
    assert store.find_places(SHA256) == places
    assert "Wide" in store.places_path(SHA256).read_text()
    assert store.find_places("cd" * 32) == {}
