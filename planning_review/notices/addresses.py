"""The addresses of PLANNING_NOTIFY: told apart, and named without what is secret in them."""

import hashlib
import re
from urllib.parse import unquote, urlsplit

from planning_review.models import Frozen
from planning_review.settings import Settings

_START = re.compile(r"(?:^|[\s,]+)(?=[A-Za-z][A-Za-z0-9+.-]*://)")
_LEAST_SECRET = 6


class Address(Frozen):
    """One address. url is secret; scheme and key are not."""

    url: str

    @property
    def scheme(self) -> str:
        """What it begins with: all of it that messages and logs may show."""
        return self.url.partition("://")[0][:30] if "://" in self.url else ""

    @property
    def key(self) -> str:
        """What it is known by on this disk."""
        return hashlib.sha256(self.url.encode()).hexdigest()[:12]

    def __repr__(self) -> str:
        return f"Address({self.scheme}://…)"

    __str__ = __repr__


def list_addresses(settings: Settings) -> list[Address]:
    """Return the addresses, parted by spaces or commas, in their order and each once."""
    text = settings.notify.get_secret_value().strip() if settings.notify else ""
    return [
        Address(url=url)
        for url in dict.fromkeys(filter(None, (part.strip(" ,") for part in _START.split(text))))
    ]


def list_address_secrets(url: str) -> list[str]:
    """Return the parts of an address that no log may show: it, its password, and what may be a token."""
    try:
        parts = urlsplit(url)
        password, path = parts.password or "", parts.path
    except ValueError:
        return [url]
    tokens = [password, *path.split("/"), *([parts.netloc] if "@" not in parts.netloc else [])]
    # A host or a name is no secret; what is long and no host may be a token.
    secret = [each for each in tokens if len(each) >= _LEAST_SECRET and ("." not in each or each == password)]
    return [url, *([password] if password else []), *secret, *map(unquote, secret)]
