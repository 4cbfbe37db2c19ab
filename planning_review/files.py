"""Writing files: whole or not at all, and what is published never twice."""

import os
import tempfile
from pathlib import Path


def write_once(path: Path, content: str | bytes) -> Path:
    """Write a file whole or not at all; one that is there already stays as it is."""
    return path if path.exists() else replace_file(path, content)


def replace_file(path: Path, content: str | bytes) -> Path:
    """Write a file whole or not at all, also where there is one already."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content.encode() if isinstance(content, str) else content
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return path
