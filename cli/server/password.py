"""The password of the data folder's own Prefect server: made once, in a file that its owner alone reads."""

import os
import secrets
from pathlib import Path

from planning_review.settings import Settings

_NAME = "planning"
_BYTES = 24


def locate_password(settings: Settings) -> Path:
    """Return where the name and the password stand, as `name:password`."""
    return settings.prefect_dir / "password"


def find_password(settings: Settings) -> str | None:
    """Return what the own server asks for, by PREFECT_SERVER_API_AUTH_STRING or the file; None if unmade."""
    if settings.prefect_server_api_auth_string:
        return settings.prefect_server_api_auth_string.get_secret_value()
    try:
        return locate_password(settings).read_text().strip() or None
    except FileNotFoundError:
        return None


def require_password(settings: Settings) -> str:
    """Return what the own server asks for, made where there is none yet."""
    if password := find_password(settings):
        return password
    path = locate_password(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    made = f"{_NAME}:{secrets.token_urlsafe(_BYTES)}"
    # Written whole under another name and linked: two that make one at once agree on the first.
    part = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(made)
    try:
        path.hardlink_to(part)
    except FileExistsError:
        if not path.read_text().strip():
            part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return find_password(settings) or made
