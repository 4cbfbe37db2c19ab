"""Paths in Prefect's forms: below the data folder or a folder that a setting names, and nowhere else."""

from pathlib import Path

import pytest

from planning_review.errors import UsageError
from planning_review.settings import Settings, load_settings
from run.form_paths import check_form_path


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    for name in ("data", "named", "other"):
        (tmp_path / name).mkdir()
    return load_settings(
        PLANNING_DATA_DIR=tmp_path / "data", PLANNING_FORM_FOLDERS=f"{tmp_path / 'named'}:/nowhere"
    )


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT__RUNTIME__DEPLOYMENT__ID", "5a0e")


@pytest.mark.usefixtures("deployed")
def test_deployed_run_stays_in_the_folders_for_it(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "named" / "way-out").symlink_to(tmp_path / "other")
    for path in ("data/saved", "named", "named/deep/er"):
        check_form_path(str(tmp_path / path), settings)
    for path in ("other", "named/../other", "named/way-out/file", "data-too", "/etc/passwd"):
        with pytest.raises(UsageError, match="PLANNING_FORM_FOLDERS"):
            check_form_path(str(tmp_path / path), settings)


@pytest.mark.usefixtures("deployed")
@pytest.mark.parametrize("path", [None, "https://example.org/nppf.pdf"])
def test_no_path_is_no_matter(settings: Settings, path: str | None) -> None:
    check_form_path(path, settings)


def test_command_is_the_persons_own(settings: Settings, tmp_path: Path) -> None:
    check_form_path(str(tmp_path / "other"), settings)
