"""What a model may look at beyond what it was sent: passages, pages, pictures and policy, within a budget."""

import re
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from pydantic_ai import BinaryContent, Tool

from planning_review.model.fencing import Fence, clean_line, label_page
from planning_review.model.metering import NoAnswer
from planning_review.model.text_checks import TextCheck
from planning_review.models import PageText
from planning_review.policy.passages import PolicyPassage, SearchPolicies
from planning_review.rules.judgement import Look, PageBox, Picture
from planning_review.rules.reviewer import ReadDocument, SearchPassages

MOST_LOOKS = 16
MOST_PICTURES = 4
_MOST_REFUSED = 3
_PAGES_A_LOOK = 5
_CHARACTERS_A_LOOK = 12_000
_PASSAGES_A_LOOK = 5
_LONGEST_ASKED = 120
_NO_MORE = "Nothing more can be looked up in this review: answer with what you have."

_SCALE = re.compile(r"\b(?:scale\b[^\n]{0,40}|1\s?:\s?\d[\d,]{1,5}\b[^\n]{0,20})", re.IGNORECASE)
_LEGEND = re.compile(r"\b(?:legend|key)\b:?\s*\n?(?P<words>(?:[^\n]{1,60}\n?){1,8})", re.IGNORECASE)
_LONGEST_LEGEND = 240

DrawPage = Callable[[str, int, PageBox], bytes | None]
"""Draw a part of a page of a document as PNG; None where it can't be had."""

_Given = str | list[str | BinaryContent]


@dataclass
class Looking:
    """Answers a model's looks, counts them, and keeps a record of each. stage is what is asked at the moment.

    pictures and policies are those that it was shown, which its findings may rest on.
    """

    documents: Mapping[str, ReadDocument]
    search: SearchPassages
    search_policies: SearchPolicies
    in_force: Callable[[PolicyPassage], bool]
    fence: Fence
    texts: TextCheck
    draw: DrawPage | None = None
    stage: str = ""
    looks: list[Look] = field(default_factory=list)
    pictures: dict[tuple[str, int], Picture] = field(default_factory=dict)
    policies: dict[str, PolicyPassage] = field(default_factory=dict)
    _refused: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def list_tools(self) -> list[Tool[object]]:
        """Return the tools, the same for every question: what changes here is read anew by the cache."""
        functions: list[Callable[..., _Given]] = [
            self.search_passages,
            self.read_pages,
            self.look_up_policy,
        ]
        if self.draw:
            functions.append(self.see_page)
        return [Tool(function, sequential=True) for function in functions]

    def search_passages(self, query: str) -> _Given:
        """Search the application's documents; gives the nearest passages, each behind its label.

        Args:
            query: 3 to 12 words, as a transport statement or a drawing would put it.
        """

        def look() -> tuple[str, _Given]:
            [found] = self.search([clean_line(query)], limit=_PASSAGES_A_LOOK)
            kept = [passage for passage in found if passage.document_id in self.documents]
            return f"passages: {len(kept)}", self._show(self.fence.wrap_passages(kept))

        return self._answer("search_passages", query, look)

    def read_pages(self, document_id: str, first_page: int, last_page: int) -> _Given:
        """Read up to five pages of a document, each behind its label.

        Args:
            document_id: As in a label or in the list of documents.
            first_page: The first page, from 1.
            last_page: The last page.
        """

        def look() -> tuple[str, _Given]:
            document = self._find(document_id)
            if document is None:
                return "no such document", "There is no such document: copy a document_id from the list."
            wanted = range(first_page, min(last_page, first_page + _PAGES_A_LOOK - 1) + 1)
            pages = [page for page in document.text.pages if page.number in wanted]
            if not pages:
                return "no such page", f"It has pages 1 to {len(document.text.pages)}."
            shown = _cut(self._wrap(document, page) for page in pages)
            return f"pages {', '.join(str(page.number) for page in pages)}", self._show(shown)

        return self._answer("read_pages", f"{document_id}, pages {first_page} to {last_page}", look)

    def look_up_policy(self, query: str) -> _Given:
        """Look up the text of policies in force, each paragraph behind its label.

        Args:
            query: What the policy is to speak of, in a few words.
        """

        def look() -> tuple[str, _Given]:
            [found] = self.search_policies([clean_line(query)], limit=_PASSAGES_A_LOOK)
            kept = [passage for passage in found if self.in_force(passage)]
            self.note_policies(kept)
            return f"paragraphs: {len(kept)}", self._show(self.fence.wrap_policies(kept))

        return self._answer("look_up_policy", query, look)

    def see_page(
        self,
        document_id: str,
        page: int,
        left: int = 0,
        top: int = 0,
        right: int = 100,
        bottom: int = 100,
    ) -> _Given:
        """See a page, or a part of it, as a picture: a drawing or figure, with its scale and legend if told.

        Args:
            document_id: As in a label or in the list of documents.
            page: The page, from 1.
            left: Left edge of the part, in hundredths of the page's width.
            top: Top edge, in hundredths of its height.
            right: Right edge, in hundredths of its width.
            bottom: Bottom edge, in hundredths of its height.
        """

        def look() -> tuple[str, _Given]:
            document = self._find(document_id)
            text = next((p for p in document.text.pages if p.number == page), None) if document else None
            if document is None or text is None:
                return "no such page", "There is no such page: copy a document_id and a page from the list."
            if len(self.pictures) >= MOST_PICTURES and (document.document_id, page) not in self.pictures:
                return "no more pictures", "No more pictures can be seen in this review."
            box = _make_box(left, top, right, bottom)
            png = self.draw(document.document_id, page, box) if self.draw else None
            if png is None:
                return "could not be drawn", "This page can't be drawn: read its text with read_pages."
            picture = Picture(
                document_id=document.document_id,
                page=page,
                box=box,
                scale=_find_scale(text),
                legend=_find_legend(text),
            )
            self.pictures[document.document_id, page] = picture
            said = f"Scale: {picture.scale or 'not told'}. Legend: {picture.legend or 'not told'}."
            shown = self._show(
                self.fence.wrap(label_page(document.document_id, page, document.title), said)
                + "\nWords in the picture are the applicant's, like the rest of the document."
            )
            part = f"{box.left}-{box.right} % across, {box.top}-{box.bottom} % down"
            return f"a picture ({part})", [str(shown), BinaryContent(data=png, media_type="image/png")]

        return self._answer("see_page", f"{document_id}, page {page}", look)

    def note_policies(self, passages: Iterable[PolicyPassage]) -> None:
        """Keep the policy passages that a model was shown, by their labels."""
        self.policies |= {clean_line(passage.label): passage for passage in passages}

    def _answer(self, tool: str, asked: str, look: Callable[[], tuple[str, _Given]]) -> _Given:
        with self._lock:
            asked = clean_line(asked)[:_LONGEST_ASKED]
            if len(self.looks) >= MOST_LOOKS:
                self._refused += 1
                if self._refused > _MOST_REFUSED:
                    raise NoAnswer("went on looking things up and gave no answer")
                return _NO_MORE
            said, given = look()
            self.looks.append(Look(stage=self.stage, tool=tool, asked=asked, given=said))
            return given

    def _find(self, document_id: str) -> ReadDocument | None:
        return self.documents.get(document_id) or next(
            (d for d in self.documents.values() if clean_line(d.document_id) == document_id), None
        )

    def _wrap(self, document: ReadDocument, page: PageText) -> str:
        label = label_page(document.document_id, page.number, document.title)
        return self.fence.wrap(label, page.text[:_CHARACTERS_A_LOOK] or "(no text)")

    def _show(self, text: str) -> str:
        self.texts.material.append(text)
        return text


def _cut(parts: Iterable[str]) -> str:
    kept: list[str] = []
    room = _CHARACTERS_A_LOOK
    for part in parts:
        if kept and len(part) > room:
            break
        kept.append(part)
        room -= len(part)
    return "\n\n".join(kept)


def _make_box(*edges: int) -> PageBox:
    """Return a part of a page; the whole page where the edges make no sense."""
    left, top, right, bottom = (min(max(edge, 0), 100) for edge in edges)
    is_part = right - left >= 2 and bottom - top >= 2
    return PageBox(left=left, top=top, right=right, bottom=bottom) if is_part else PageBox()


def _find_scale(page: PageText) -> str:
    found = _SCALE.search(page.text)
    return clean_line(found[0])[:60] if found else ""


def _find_legend(page: PageText) -> str:
    found = _LEGEND.search(page.text)
    return clean_line(found["words"])[:_LONGEST_LEGEND] if found else ""
