"""What each attempt of a row of the retry table did, by Prefect's word and by the requests it made."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256

from tests.support.retry_rows import Kind, Site


@dataclass(frozen=True)
class Attempt:
    """What an attempt did: how it ended, the states of its tasks by name, and the requests it made.

    asked are the register's page and documents by title; stored and refused are PUTs, by the key in
    the application's folder, with `output` and `text` for each of those.
    """

    state: str
    message: str
    tasks: dict[str, str]
    asked: list[str]
    stored: list[str]
    refused: list[str]

    def list_tasks(self, state: str) -> list[str]:
        """Return the tasks that ended in a state."""
        return sorted(name for name, found in self.tasks.items() if found == state)


@dataclass
class Row:
    """A kind of failure at a site, and the attempts made there.

    run_id is the last one's run; passages are what stood in the index for each document at the end.
    """

    kind: Kind
    site: Site
    attempts: list[Attempt] = field(default_factory=list)
    run_id: str = ""
    passages: dict[str, int] = field(default_factory=dict)
    _seen: dict[str, int] = field(default_factory=dict)

    def note(self, state: str, message: str, tasks: dict[str, str]) -> None:
        """Record an attempt, with the requests since the one before it."""
        named = {
            re.sub(r"rev_\w+_review", "review", name.removeprefix(f"{self.site.reference} ")): state
            for name, state in tasks.items()
        }
        puts = list(self._read_puts())
        self.attempts.append(
            Attempt(
                state,
                message,
                named,
                self._take_new("asked", self._read_asked()),
                self._take_new("stored", (key for key, status in puts if status == 200)),
                self._take_new("refused", (key for key, status in puts if status != 200)),
            )
        )

    def _take_new(self, what: str, found: Iterable[str]) -> list[str]:
        every = list(found)
        new = every[self._seen.get(what, 0) :]
        self._seen[what] = len(every)
        return sorted(new)

    def _read_asked(self) -> Iterator[str]:
        titles = {f"planId={one.document_id.split('-')[1]}&": one.title for one in self.site.documents}
        for request in self.site.register.requests:
            if request.path == f"/Planning/Display/{self.site.reference}":
                yield "page"
            yield from (title for part, title in titles.items() if part in request.path)

    def _read_puts(self) -> Iterator[tuple[str, int]]:
        texts = [sha256(document.read_bytes()).hexdigest() for document in self.site.documents]
        for method, path, status in list(self.site.proxy.requests) if self.site.proxy else []:
            _, is_ours, key = path.partition(f"/planning/{self.site.key}/")
            if method == "PUT" and is_ours:
                yield "output" if key.startswith("output/") else key, status
            elif method == "PUT" and any(f"/results/text/{text}" in path for text in texts):
                yield "text", status
