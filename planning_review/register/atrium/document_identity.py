"""The identity of a document on the register, from its address."""

import hashlib
import re
from urllib.parse import parse_qsl, urlsplit

_IDENTITY = ("recordnumber", "planid", "imageid")
# These say how a file is called and served, not which one it is.
_NOT_IDENTITY = {"filename", "module", "isplan"}
_PLAIN = re.compile(r"[A-Za-z0-9]+")


def identify_document(url: str) -> str:
    """Return the document_id of an address: `recordNumber-planId-imageId`.

    Where one of the three is missing or is no plain number or word, the id is made from what
    identifies the address otherwise: its query without file name, module and isPlan, sorted by name;
    if nothing is left, its path and whole query. It is that text made safe, 60 characters at most,
    followed by eight digits of its sha256, and so the same on every visit and apart from its
    neighbours'. The case of parameter names does not count.
    """
    parts = urlsplit(url)
    query = [(name.lower(), value.strip()) for name, value in parse_qsl(parts.query)]
    values = [dict(query).get(name, "") for name in _IDENTITY]
    if all(_PLAIN.fullmatch(value) for value in values):
        return "-".join(values)
    rest = sorted((name, value) for name, value in query if name not in _NOT_IDENTITY)
    text = "_".join(f"{name}-{value}" for name, value in rest) or f"{parts.path}_{parts.query}"
    safe = re.sub(r"[^A-Za-z0-9-]+", "_", text).strip("_-")[:60]
    return f"{safe}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
