"""The store of every file's text, by what the file is: the truth that the index is made from."""

import os
import uuid
from pathlib import Path

from pydantic import TypeAdapter

from planning_review.documents.extraction import EXTRACTOR_VERSION
from planning_review.documents.pages.ocr import ocr_version
from planning_review.models import DocumentText, WordPlace
from planning_review.references import safe_name

_PLACES: TypeAdapter[dict[int, tuple[WordPlace, ...]]] = TypeAdapter(dict[int, tuple[WordPlace, ...]])


class TextStore:
    """One JSON file for each file, extractor version and OCR version, in one folder.

    Equal bytes are read once, whichever application they came with. Several processes may use one
    folder: a file is there whole or not at all.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, sha256: str, extractor: str = EXTRACTOR_VERSION, ocr: str | None = None) -> Path:
        """Return where a file's text is kept. Without ocr it is that of the tesseract here."""
        return self._folder / f"{sha256}_{safe_name(f'{extractor}_{ocr or ocr_version()}')}.json"

    def places_path(self, sha256: str, extractor: str = EXTRACTOR_VERSION, ocr: str | None = None) -> Path:
        """Return where the places of the words that OCR read in a file are kept, beside its text."""
        return self.path(sha256, extractor, ocr).with_suffix(".places.json")

    def find(
        self, sha256: str, extractor: str = EXTRACTOR_VERSION, ocr: str | None = None
    ) -> DocumentText | None:
        """Return a file's text, or None where it isn't kept, or is kept in a file that is damaged."""
        ocr = ocr or ocr_version()
        try:
            text = DocumentText.model_validate_json(self.path(sha256, extractor, ocr).read_bytes())
        except (OSError, ValueError):
            # Cut short by a full disk, or written by another version: it is extracted again.
            return None
        return text if (text.sha256, text.extractor, text.ocr) == (sha256, extractor, ocr) else None

    def find_places(self, sha256: str) -> dict[int, tuple[WordPlace, ...]]:
        """Return the places of the words that OCR read in a file, by page; nothing where none are kept."""
        try:
            return _PLACES.validate_json(self.places_path(sha256).read_bytes())
        except (OSError, ValueError):
            return {}

    def save(self, text: DocumentText) -> Path:
        """Write a text under its identity, in one step, and return where it is. Raises OSError."""
        path = self.path(text.sha256, text.extractor, text.ocr)
        self._folder.mkdir(parents=True, exist_ok=True)
        # The places first: where there is a text there are they.
        if text.places:
            places = self.places_path(text.sha256, text.extractor, text.ocr)
            self._write(places, _PLACES.dump_json(text.places))
        self._write(path, text.model_dump_json(exclude={"places"}).encode())
        return path

    def _write(self, path: Path, data: bytes) -> None:
        part = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
        try:
            with part.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
