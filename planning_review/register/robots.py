"""What a register's robots.txt asks of programs: read once a day, kept beside the pace of requests.

It is about programs that go through a site by themselves, as a scan does. Where a person names an
application, its page is fetched for that person, as their browser would.
"""

import logging
import time
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from protego import Protego
from pydantic import ValidationError

from planning_review.errors import RobotsDisallow
from planning_review.models import Frozen
from planning_review.register.http import PacedHttp
from planning_review.register.platform import Council
from planning_review.register.responses import explain_status, load_page

USER_AGENT = "planning-review"
"""The name by which a robots.txt can speak of this program."""

_GOOD_FOR_SECONDS = 86_400.0
_log = logging.getLogger(__name__)


class _Kept(Frozen):
    """A robots.txt as it was read; text is empty where the register has none."""

    url: str
    read_at: float
    text: str


class Robots:
    """What one register's robots.txt says; it is asked for when first needed and not on this day."""

    def __init__(self, council: Council, http: PacedHttp, locks_dir: Path) -> None:
        self._url = urljoin(council.register_url, "/robots.txt")
        self._http = http
        self._path = locks_dir / f"robots-{council.code}.json"
        self._council = council
        self._rules: Protego | None = None

    def check(self, url: str) -> None:
        """Raise RobotsDisallow where a program should not go to an address by itself.

        Raises too what the register answers in place of its robots.txt: one that is there and could not
        be read allows nothing.
        """
        if not self.allows(url):
            raise RobotsDisallow(
                f"{self._url} asks programs not to fetch {urlsplit(url).path}, so no scan of "
                f"{self._council.name} is made. An application that you name can be reviewed all the same: "
                "`planning-review review REFERENCE`. For new ones look at the council's weekly list."
            )

    def allows(self, url: str) -> bool:
        """Return whether a program may go to an address by itself. Raises as `check` does."""
        if self._rules is None:
            self._rules = self._read()
        allowed: bool = self._rules.can_fetch(url, USER_AGENT)
        return allowed

    def _read(self) -> Protego:
        kept = self._find_kept()
        if kept is None:
            kept = _Kept(url=self._url, read_at=time.time(), text=self._fetch())
            self._path.write_text(kept.model_dump_json(), encoding="utf-8")
        rules: Protego = Protego.parse(kept.text)
        if delay_seconds := rules.crawl_delay(USER_AGENT):
            self._http.honour_crawl_delay(float(delay_seconds))
        return rules

    def _find_kept(self) -> _Kept | None:
        try:
            kept = _Kept.model_validate_json(self._path.read_bytes())
        except (FileNotFoundError, ValidationError):
            return None
        is_good = kept.url == self._url and 0 <= time.time() - kept.read_at < _GOOD_FOR_SECONDS
        return kept if is_good else None

    def _fetch(self) -> str:
        with self._http.get(self._url, {"Accept": "text/plain"}) as response:
            if response.status_code == 429 or response.status_code >= 500:
                raise explain_status(response, self._url)
            if not response.is_success:
                # A register without one allows everything.
                return ""
            return load_page(response, self._url).decode("utf-8", "replace")
