"""A public link as its readers meet it: without a key, and trusting whom the public trusts."""

import ssl
from pathlib import Path

import httpx

_TIMEOUT = httpx.Timeout(5, connect=3)


def find_link_problem(url: str, content: bytes | None = None, ca_bundle: Path | None = None) -> str | None:
    """Return what is wrong with a link, None where anyone can open it.

    With content, it has to show just that. Certificates are judged as the public does, or by ca_bundle
    alone where that is given.
    """
    trust: ssl.SSLContext | bool = True
    try:
        if ca_bundle:
            trust = ssl.create_default_context(cafile=ca_bundle)
        with (
            httpx.Client(timeout=_TIMEOUT, verify=trust, follow_redirects=True) as client,
            client.stream("GET", url) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                return f"answers {answer.status_code}"
            if content is None:
                return None
            # No more of it than is needed: who knows what answers there.
            shown = b""
            for piece in answer.iter_bytes(len(content) + 1):
                shown += piece
                if len(shown) > len(content):
                    break
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return f"does not answer ({type(error).__name__})"
    return None if shown == content else "shows something else than what was stored"
