"""Which backend the settings choose, and what the ones without a bucket do."""

import subprocess
import sys
from pathlib import Path

import pytest

from blocks.storage import (
    InMemoryStorageBackend,
    LocalStorageBackend,
    S3StorageBackend,
    SearchableStorage,
    StorageBackend,
    StorageConfigError,
    create_storage_backend,
)
from planning_review.errors import ObjectNotFound
from planning_review.settings import Settings, load_settings
from tests.support.s3_server import ACCESS_KEY_ID, SECRET_ACCESS_KEY, make_settings

KEY = "25_00284_F/001_Transport.pdf"
NEW_YORK = "https://nyc3.digitaloceanspaces.com"

_PROGRAM = """
from pathlib import Path
from blocks.storage import (
    InMemoryStorageBackend, LocalStorageBackend, S3StorageBackend, SearchableStorage, StorageBackend
)
from planning_review.settings import Settings

def use(settings: Settings) -> list[StorageBackend]:
    local: SearchableStorage = LocalStorageBackend()
    memory: SearchableStorage = InMemoryStorageBackend()
    remote: SearchableStorage = S3StorageBackend.from_settings(settings)
    return [local, memory, remote]

class Wrong:
    is_remote = "no"
    def upload(self, local_path: Path) -> None: ...

wrong: StorageBackend = Wrong()
"""


@pytest.fixture
def variables(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    return monkeypatch


def test_storagebackend_ts_01_classes_satisfy_the_protocol(tmp_path: Path) -> None:
    backends = [
        LocalStorageBackend(),
        InMemoryStorageBackend(),
        S3StorageBackend.from_settings(make_settings(NEW_YORK)),
    ]
    assert all(isinstance(backend, StorageBackend) for backend in backends)
    assert all(isinstance(backend, SearchableStorage) for backend in backends)
    assert not isinstance(object(), StorageBackend)


@pytest.mark.slow
def test_storagebackend_ts_01_the_type_checker_agrees(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(_PROGRAM)
    root = Path(__file__).parents[2]
    checked = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--strict",
            "--config-file=",
            "--follow-imports=skip",
            f"--cache-dir={tmp_path}",
            "blocks/storage.py",
            "blocks/s3.py",
            "planning_review/settings.py",
            str(program),
        ],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    errors = [line for line in checked.stdout.splitlines() if "program.py" in line and ": error:" in line]
    assert len(errors) == 1, checked.stdout + checked.stderr
    assert 'Incompatible types in assignment (expression has type "Wrong"' in errors[0]


def test_local_ts_01_upload_is_a_no_op(tmp_path: Path) -> None:
    LocalStorageBackend().upload(tmp_path / "not even there.pdf", KEY)
    assert list(tmp_path.iterdir()) == []


def test_local_ts_02_there_is_no_public_url() -> None:
    assert LocalStorageBackend().public_url(KEY) is None


def test_local_ts_03_delete_is_a_no_op(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"only copy")
    LocalStorageBackend().delete(path)
    assert path.read_bytes() == b"only copy"


def test_local_ts_04_it_is_not_remote() -> None:
    assert LocalStorageBackend().is_remote is False


def test_local_download_accepts_only_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    with pytest.raises(ObjectNotFound, match=r"a\.pdf"):
        LocalStorageBackend().download_to(KEY, path)
    path.write_bytes(b"here")
    LocalStorageBackend().download_to(KEY, path)
    assert path.read_bytes() == b"here"


def test_inmemory_ts_01_upload_keeps_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"bytes")
    backend = InMemoryStorageBackend()

    backend.upload(path, KEY)
    backend.delete(path)

    assert backend.uploads == {KEY: b"bytes"}
    assert not path.exists()
    backend.download_to(KEY, path)
    assert path.read_bytes() == b"bytes"
    assert backend.list_keys("25_00284_F") == {KEY: 5}
    assert backend.list_keys("25_0028") == {}


def test_inmemory_ts_02_its_url() -> None:
    backend = InMemoryStorageBackend()
    assert backend.is_remote is True
    assert backend.public_url(KEY) == f"https://test-bucket.example.com/{KEY}"


def test_factory_ts_01_all_variables_give_s3(variables: pytest.MonkeyPatch) -> None:
    variables.setenv("S3_ENDPOINT_URL", NEW_YORK)
    variables.setenv("S3_BUCKET", "mybucket")
    variables.setenv("S3_ACCESS_KEY_ID", ACCESS_KEY_ID)
    variables.setenv("S3_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY)

    backend = create_storage_backend(load_settings(_env_file=None))

    assert isinstance(backend, S3StorageBackend)
    assert backend.is_remote is True


def test_factory_ts_02_no_variables_give_local(variables: pytest.MonkeyPatch) -> None:
    assert isinstance(create_storage_backend(load_settings(_env_file=None)), LocalStorageBackend)


def test_factory_ts_03_endpoint_without_bucket_is_refused(variables: pytest.MonkeyPatch) -> None:
    variables.setenv("S3_ENDPOINT_URL", NEW_YORK)
    with pytest.raises(StorageConfigError):
        create_storage_backend(load_settings(_env_file=None))


def test_a_bucket_without_endpoint_stays_local_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    assert isinstance(create_storage_backend(make_settings(None)), LocalStorageBackend)
    assert "S3_ENDPOINT_URL is not" in caplog.text


def test_s3_ts_02_public_url_of_spaces() -> None:
    backend = create_storage_backend(make_settings(NEW_YORK, s3_bucket="mybucket"))
    assert (
        backend.public_url(KEY)
        == "https://mybucket.nyc3.digitaloceanspaces.com/planning/25_00284_F/001_Transport.pdf"
    )


def test_s3_ts_06_a_missing_bucket_is_named() -> None:
    with pytest.raises(StorageConfigError) as raised:
        create_storage_backend(make_settings(NEW_YORK, s3_bucket=None))
    assert str(raised.value) == "S3 configuration incomplete: missing S3_BUCKET"


@pytest.mark.parametrize(
    ("missing", "named"),
    [
        ({"s3_access_key_id": None}, "S3_ACCESS_KEY_ID"),
        ({"s3_secret_access_key": " \n"}, "S3_SECRET_ACCESS_KEY"),
        ({"s3_bucket": None, "s3_secret_access_key": None}, "S3_BUCKET, S3_SECRET_ACCESS_KEY"),
    ],
)
def test_s3_ts_06_every_missing_variable_is_named(missing: dict[str, str | None], named: str) -> None:
    with pytest.raises(StorageConfigError) as raised:
        create_storage_backend(make_settings(NEW_YORK, **missing))
    assert str(raised.value) == f"S3 configuration incomplete: missing {named}"


def test_s3_ts_09_the_prefix_is_in_the_url() -> None:
    backend = create_storage_backend(make_settings(NEW_YORK, s3_key_prefix="bbug-prod"))
    assert f"/bbug-prod/{KEY}" in (backend.public_url(KEY) or "")


def test_s3_ts_10_the_prefix_is_planning_by_default(variables: pytest.MonkeyPatch) -> None:
    variables.setenv("S3_ENDPOINT_URL", NEW_YORK)
    variables.setenv("S3_BUCKET", "mybucket")
    variables.setenv("S3_ACCESS_KEY_ID", ACCESS_KEY_ID)
    variables.setenv("S3_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY)
    for prefix in (None, ""):
        if prefix is not None:
            variables.setenv("S3_KEY_PREFIX", prefix)
        backend = create_storage_backend(load_settings(_env_file=None))
        assert f"/planning/{KEY}" in (backend.public_url(KEY) or "")
