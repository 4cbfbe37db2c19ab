"""The settings: read here from the environment or `.env`, and nowhere else."""

import difflib
import os
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, DotEnvSettingsSource, SettingsConfigDict

from planning_review.errors import UsageError
from planning_review.references import HOME_COUNCIL

_ENV_FILE = ".env"
_OWN_NAMES = re.compile(r"(PLANNING|S3|ADVOCACY)_")
_OTHERS_NAMES = re.compile(r"(PREFECT|DASK|POSTGRES|AWS)_")
_ALIKE = 0.9
_DATABASE_NAMES = ("PREFECT_API_DATABASE_CONNECTION_URL", "PREFECT_SERVER_DATABASE_CONNECTION_URL")
"""Prefect's own, whose addresses carry a password."""


class Settings(BaseSettings):
    """Every setting, under the name it has in the environment (`.env.example` explains each)."""

    model_config = SettingsConfigDict(
        env_file=_ENV_FILE, env_ignore_empty=True, extra="ignore", frozen=True, case_sensitive=False
    )

    s3_endpoint_url: str | None = None
    s3_bucket: str | None = None
    s3_access_key_id: SecretStr | None = None
    s3_secret_access_key: SecretStr | None = None
    s3_key_prefix: str = "planning"
    s3_region: str | None = None
    s3_acl: str = "public-read"
    s3_addressing_style: str = "auto"
    s3_public_base_url: str | None = None
    s3_storage_block: str | None = None
    s3_session_token: SecretStr | None = None
    s3_ca_bundle: Path | None = Field(None, validation_alias="AWS_CA_BUNDLE")

    prefect_api_url: str | None = None
    prefect_api_auth_string: SecretStr | None = None
    prefect_server_api_auth_string: SecretStr | None = None
    prefect_hosts: str = Field("", validation_alias="PLANNING_PREFECT_HOSTS")
    form_folders: str = Field("", validation_alias="PLANNING_FORM_FOLDERS")

    data_dir: Path = Field(Path("data"), validation_alias="PLANNING_DATA_DIR")
    temp_dir: Path = Field(Path("/tmp/raw"), validation_alias="PLANNING_TEMP_DIR")  # noqa: S108
    temp_limit_bytes: int = Field(512 * 1024**2, ge=1, validation_alias="PLANNING_TEMP_LIMIT_BYTES")
    council: str = Field(HOME_COUNCIL, validation_alias="PLANNING_COUNCIL")
    register_url: str | None = Field(None, validation_alias="PLANNING_REGISTER_URL")
    register_interval_seconds: float = Field(1.0, ge=0, validation_alias="PLANNING_REGISTER_INTERVAL_SECONDS")
    contact: str | None = Field(None, validation_alias="PLANNING_CONTACT")
    review_model: str = Field("evidence", validation_alias="PLANNING_REVIEW_MODEL")
    anthropic_api_key: SecretStr | None = None
    anthropic_base_url: str | None = None
    openai_api_key: SecretStr | None = None
    openai_base_url: str | None = None
    ollama_base_url: str | None = None
    model_can: str = Field(
        "", pattern=r"^(none|tools|tools, ?images|images, ?tools)?$", validation_alias="PLANNING_MODEL_CAN"
    )
    model_whole_tokens: int = Field(120_000, ge=0, validation_alias="PLANNING_MODEL_WHOLE_TOKENS")
    model_budget_tokens: int = Field(4_000_000, ge=1, validation_alias="PLANNING_MODEL_BUDGET_TOKENS")
    model_budget_usd: float = Field(2.0, gt=0, validation_alias="PLANNING_MODEL_BUDGET_USD")
    model_timeout_seconds: float = Field(300.0, gt=0, validation_alias="PLANNING_MODEL_TIMEOUT_SECONDS")
    summary_words: int = Field(120, ge=40, validation_alias="PLANNING_SUMMARY_WORDS")
    review_words: int = Field(1500, ge=300, validation_alias="PLANNING_REVIEW_WORDS")
    letter_words: int = Field(650, ge=150, validation_alias="PLANNING_LETTER_WORDS")
    chroma_url: str | None = Field(None, validation_alias="PLANNING_CHROMA_URL")
    embedder: str = Field("minilm", validation_alias="PLANNING_EMBEDDER")
    workers: int = Field(
        default_factory=lambda: os.cpu_count() or 1, ge=1, le=64, validation_alias="PLANNING_WORKERS"
    )
    dask_scheduler: str | None = Field(
        None, pattern=r"^(tcp|tls)://[^/\s]+:\d+$", validation_alias="PLANNING_DASK_SCHEDULER"
    )
    pending_seconds: int = Field(900, ge=1, validation_alias="PLANNING_PENDING_SECONDS")
    public_url: str | None = Field(
        None, pattern=r"^https?://[^\s/]+\S*$", validation_alias="PLANNING_PUBLIC_URL"
    )
    notify: SecretStr | None = Field(None, validation_alias="PLANNING_NOTIFY")
    interest_file: Path | None = Field(None, validation_alias="PLANNING_INTEREST_FILE")
    advocacy_group_name: str = ""

    @field_validator("data_dir", "temp_dir", "interest_file", "s3_ca_bundle")
    @classmethod
    def _absolute(cls, path: Path | None) -> Path | None:
        return path and path.expanduser().resolve()

    @field_validator("prefect_api_url")
    @classmethod
    def _names_the_api(cls, url: str | None) -> str | None:
        # Without it the server's page answers, with 200, to whatever is asked.
        if url and not re.search(r"/api(/|$)", url):
            raise ValueError("it has to end in /api, as in http://127.0.0.1:4200/api")
        return url and url.rstrip("/")

    @field_validator("prefect_hosts")
    @classmethod
    def _are_names(cls, text: str) -> str:
        for host in _split(text, ","):
            if not re.fullmatch(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:]+\]", host):
                raise ValueError("it takes names or addresses without a port, with commas between them")
        return text

    @field_validator("form_folders")
    @classmethod
    def _are_folders(cls, text: str) -> str:
        if not all(Path(folder).expanduser().is_absolute() for folder in _split(text, ":")):
            raise ValueError("it takes whole paths, with colons between them")
        return text

    def list_prefect_hosts(self) -> list[str]:
        """Return the names, beside this machine's own, by which the Prefect server may be asked."""
        return _split(self.prefect_hosts, ",")

    def list_form_folders(self) -> list[Path]:
        """Return the folders that a form's paths may lead into, the data folder always one of them."""
        return [self.data_dir, *(Path(folder).expanduser() for folder in _split(self.form_folders, ":"))]

    def list_secrets(self) -> list[str]:
        """Return what no log may show: keys, and passwords with and without the name before them."""
        values = [value for name in type(self).model_fields if (value := getattr(self, name))]
        secrets = [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
        for value in (self.prefect_api_auth_string, self.prefect_server_api_auth_string):
            secrets.append(value.get_secret_value().partition(":")[2] if value else "")
        addresses = (os.environ.get(name) for name in _DATABASE_NAMES)
        secrets += [unquote(urlsplit(address).password or "") for address in addresses if address]
        return [secret for secret in secrets if secret]

    @property
    def uses_bucket(self) -> bool:
        """Whether documents and outputs go to a bucket."""
        return bool(self.s3_endpoint_url or self.s3_storage_block)

    @property
    def raw_dir(self) -> Path:
        """Where downloaded documents stay when there is no object store."""
        return self.data_dir / "raw"

    @property
    def output_dir(self) -> Path:
        """Where reviews, letters and manifests stand, by application."""
        return self.data_dir / "output"

    @property
    def text_dir(self) -> Path:
        """Where the extracted text of every file is kept, by sha256."""
        return self.data_dir / "text"

    @property
    def policies_dir(self) -> Path:
        """The policy documents that were loaded, by sha256, and the record of what they are."""
        return self.data_dir / "policies"

    @property
    def chroma_dir(self) -> Path:
        """The embedded index's own folder."""
        return self.data_dir / "chroma"

    @property
    def results_dir(self) -> Path:
        """Where Prefect keeps the results of tasks when there is no results block."""
        return self.data_dir / "results"

    @property
    def locks_dir(self) -> Path:
        """Lock files: of each council's pace, of each application, of the index."""
        return self.data_dir / "locks"

    @property
    def prefect_dir(self) -> Path:
        """The local Prefect server's home, database, address and log."""
        return self.data_dir / "prefect"

    @property
    def notices_dir(self) -> Path:
        """Messages that wait to be sent, and what was told already."""
        return self.data_dir / "notices"

    @property
    def pages_dir(self) -> Path:
        """Register pages that could not be understood, kept for a person."""
        return self.data_dir / "pages"


def _split(text: str, separator: str) -> list[str]:
    return [part.strip() for part in text.split(separator) if part.strip()]


def load_settings(**overrides: object) -> Settings:
    """Read the settings, or raise UsageError with one clause for each that is wrong.

    A name in `.env` that looks like a setting and is none is refused: it was meant to change something.
    """
    if unknown := _find_unknown():
        raise UsageError("; ".join(unknown) + ". See .env.example for every setting's name.")
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        # Only names and reasons: a value may be a secret.
        lines = [f"{'.'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()]
        raise UsageError("; ".join(lines) + ". See .env.example for what each setting takes.") from None


def list_setting_names() -> list[str]:
    """Return every setting's name in the environment, in the order of the fields."""
    return [str(field.validation_alias or name).upper() for name, field in Settings.model_fields.items()]


def _find_unknown() -> list[str]:
    known = list_setting_names()
    said = []
    for name in map(str.upper, DotEnvSettingsSource(Settings).env_vars):
        near = difflib.get_close_matches(name, known, n=1, cutoff=_ALIKE)
        is_meant = _OWN_NAMES.match(name) or (near and not _OTHERS_NAMES.match(name))
        if is_meant and name not in known:
            near = near or difflib.get_close_matches(name, known, n=1)
            guess = f" (did you mean {near[0]}?)" if near else ""
            said.append(f"{name} in {Path(_ENV_FILE).resolve()} is no setting{guess}")
    return said
