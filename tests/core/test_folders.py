"""Folders that can't be written and disks that are full: what is said, before anything is lost."""

import errno
import os
from pathlib import Path

import pytest

from planning_review.errors import UsageError
from planning_review.folders import describe_refusal, explain_os_error, find_open_mode, require_folders
from planning_review.settings import load_settings
from tests.support.commands import Command


def test_folder_that_can_be_written_is_made_and_left_empty(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    require_folders(load_settings(PLANNING_DATA_DIR=folder))
    assert list(folder.iterdir()) == []


def test_data_folder_of_ours_is_shut_to_others_and_a_persons_own_is_left(tmp_path: Path) -> None:
    ours, persons = tmp_path / "ours", tmp_path / "persons"
    for folder in (ours, persons):
        (folder / "output").mkdir(parents=True)
        folder.chmod(0o755)
    (persons / "thesis.odt").touch()
    for folder in (ours, persons):
        require_folders(load_settings(PLANNING_DATA_DIR=folder))
    assert find_open_mode(ours) is None
    assert find_open_mode(persons) == "755"


def test_read_only_file_system_is_not_mended_by_an_owner() -> None:
    told = describe_refusal(Path("/data"), os.strerror(errno.EROFS), "PLANNING_DATA_DIR")
    assert "mounted read-only" in told
    explained = explain_os_error(OSError(errno.EROFS, os.strerror(errno.EROFS), "/data/x"))
    assert explained is not None
    for words in (told, explained):
        assert "chown" not in words
        assert "PLANNING_DATA_DIR" in words


def test_temporary_folder_counts_with_a_bucket_only(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    folders = {"PLANNING_DATA_DIR": tmp_path / "data", "PLANNING_TEMP_DIR": tmp_path / "file" / "temp"}
    require_folders(load_settings(**folders))
    with pytest.raises(UsageError, match="PLANNING_TEMP_DIR"):
        require_folders(load_settings(S3_ENDPOINT_URL="http://127.0.0.1:9", S3_BUCKET="b", **folders))


@pytest.mark.parametrize("arguments", [("review", "--sample"), ("review", "25/00284/F"), ("up",)])
def test_folder_that_can_not_be_made_ends_with_2_and_says_what_to_set(
    command: Command, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    (tmp_path / "file").write_text("no folder")
    place = tmp_path / "file" / "data"
    result = command(*arguments, PLANNING_DATA_DIR=str(place), PREFECT_API_URL="")
    assert result.status == 2
    assert str(place) in result.stderr
    assert "set PLANNING_DATA_DIR" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_part_of_another_user_is_named(tmp_path: Path) -> None:
    part = tmp_path / "text"
    part.mkdir(mode=0o500)
    with pytest.raises(UsageError, match=f"The folder {part} .*chown"):
        require_folders(load_settings(PLANNING_DATA_DIR=tmp_path))


def test_full_disk_says_that_nothing_is_lost_and_how_to_make_room() -> None:
    with pytest.raises(OSError) as caught, Path("/dev/full").open("wb", buffering=0) as full:  # noqa: PT011
        full.write(b"x")
    explained = explain_os_error(caught.value)
    assert explained is not None
    assert "the disk is full. What was done is kept" in explained
    assert "planning-review prune" in explained


def test_other_errors_are_not_explained() -> None:
    assert explain_os_error(FileNotFoundError(2, "No such file or directory", "x")) is None
