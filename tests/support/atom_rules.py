"""What RFC 4287 demands of a feed, checked on the bytes alone: knows nothing of how ours is made."""

import re
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"

# How often each child may stand (sections 4.1.1 and 4.1.2): at least, at most.
_FEED = {
    "author": (0, None),
    "category": (0, None),
    "contributor": (0, None),
    "generator": (0, 1),
    "icon": (0, 1),
    "id": (1, 1),
    "link": (0, None),
    "logo": (0, 1),
    "rights": (0, 1),
    "subtitle": (0, 1),
    "title": (1, 1),
    "updated": (1, 1),
    "entry": (0, None),
}
_ENTRY = {
    "author": (0, None),
    "category": (0, None),
    "content": (0, 1),
    "contributor": (0, None),
    "id": (1, 1),
    "link": (0, None),
    "published": (0, 1),
    "rights": (0, 1),
    "source": (0, 1),
    "summary": (0, 1),
    "title": (1, 1),
    "updated": (1, 1),
}
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_MEDIA_TYPE = re.compile(r"[^/\s]+/[^/\s]+")


def check_feed(content: bytes) -> etree._Element:
    """Return the feed's root, or fail naming the rule that it breaks."""
    root = etree.fromstring(content)
    assert root.tag == f"{ATOM}feed", "4.1.1: the document element is atom:feed"
    _check_children(root, _FEED)
    entries = root.findall(f"{ATOM}entry")
    has_author = root.find(f"{ATOM}author") is not None
    assert has_author or all(e.find(f"{ATOM}author") is not None for e in entries), "4.1.1: an author"
    self_links = [link for link in root.findall(f"{ATOM}link") if link.get("rel") == "self"]
    assert len(self_links) == 1, "4.1.1: a feed should have one self link"
    for entry in entries:
        _check_children(entry, _ENTRY)
        has_alternate = any(link.get("rel", "alternate") == "alternate" for link in entry.iter(f"{ATOM}link"))
        assert has_alternate or entry.find(f"{ATOM}content") is not None, "4.1.2: content or alternate"
        assert entry.find(f"{ATOM}summary") is not None, "4.1.1.1: an entry without content says something"
    ids = [element.text for element in root.iter(f"{ATOM}id")]
    assert len(ids) == len(set(ids)), "4.2.6: ids are unique"
    return root


def _check_children(parent: etree._Element, rules: dict[str, tuple[int, int | None]]) -> None:
    names = [str(child.tag).removeprefix(ATOM) for child in parent]
    assert set(names) <= set(rules), f"unknown elements {set(names) - set(rules)}"
    for name, (least, most) in rules.items():
        assert least <= names.count(name) <= (most or len(names)), f"{name}: {names.count(name)} times"
    for child in parent:
        _check_child(str(child.tag).removeprefix(ATOM), child)
    links = [
        (link.get("type"), link.get("hreflang"))
        for link in parent.findall(f"{ATOM}link")
        if link.get("rel", "alternate") == "alternate"
    ]
    assert len(links) == len(set(links)), "4.1.1: one alternate link for each type and language"


def _check_child(name: str, element: etree._Element) -> None:
    text = element.text or ""
    if name == "id":
        assert urlsplit(text).scheme, f"4.2.6: {text!r} is no absolute IRI"
        assert text == text.strip()
    elif name in ("updated", "published"):
        assert _DATE.fullmatch(text), f"3.3: {text!r} is no date-time"
        assert datetime.fromisoformat(text).tzinfo is not None
    elif name in ("title", "subtitle", "summary", "rights"):
        assert element.get("type", "text") in ("text", "html", "xhtml"), "3.1.1: the type of a text"
        if element.get("type", "text") == "text":
            assert len(element) == 0, "3.1.1.1: no elements in a text"
    elif name in ("author", "contributor"):
        names = [child.text for child in element.findall(f"{ATOM}name")]
        assert len(names) == 1, "3.2: a person has one name"
        assert names[0]
    elif name == "link":
        href = element.get("href")
        assert href, "4.2.7.1: a link has an href"
        assert urlsplit(urljoin("https://example.org/a/", href)).scheme in ("http", "https", "file")
        assert not re.search(r"[\s<>\"{}|\\^`]", href), f"4.2.7.1: {href!r} is no IRI"
        assert _MEDIA_TYPE.fullmatch(element.get("type", "a/b")), "4.2.7.3: a media type"
    elif name == "category":
        assert element.get("term"), "4.2.2.1: a category has a term"
