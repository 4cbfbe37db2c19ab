"""Files are written whole or not at all, and what is published is never written a second time."""

import os
from pathlib import Path

import pytest

from planning_review.files import replace_file, write_once


def test_what_is_there_stays_unless_it_is_to_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / "output" / "review.md"
    assert write_once(path, "published") == path
    assert write_once(path, "made again") == path
    assert path.read_text() == "published"
    assert replace_file(path, b"replaced") == path
    assert path.read_text() == "replaced"


def test_a_disk_that_fails_leaves_the_old_file_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "index.html"
    replace_file(path, "old")

    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space left"):
        replace_file(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
