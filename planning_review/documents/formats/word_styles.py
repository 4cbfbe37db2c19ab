"""What a Word file's styles say of the paragraphs and runs that have them. For worker processes."""

from lxml import etree

from planning_review.documents.formats.word_numbers import W

_MAX_ANCESTORS = 20
_OFF = frozenset(("0", "false", "off", "none"))


class Styles:
    """The styles of one document; a style that is not there says nothing."""

    def __init__(self, root: etree._Element | None) -> None:
        styles = () if root is None else root.iterchildren(f"{W}style")
        self._by_id = {style.get(f"{W}styleId", ""): style for style in styles}

    def find(self, style: str | None, path: str) -> etree._Element | None:
        """Return the element at a path (`rPr/vanish`) of a style, or of the nearest one it is based on."""
        for _ in range(_MAX_ANCESTORS):
            element = self._by_id.get(style or "")
            if element is None:
                return None
            found = find_path(element, path)
            if found is not None:
                return found
            style = get_value(element, "basedOn")
        return None

    def is_on(self, style: str | None, path: str) -> bool:
        """Return whether a style switches a property on."""
        return is_on(self.find(style, path))

    def find_number(self, style: str) -> tuple[str | None, int | None]:
        """Return the list of a style and the level in it, as far as it states them."""
        number, level = self.find(style, "pPr/numPr/numId"), self.find(style, "pPr/numPr/ilvl")
        stated = "" if level is None else level.get(f"{W}val", "")
        return (
            None if number is None else number.get(f"{W}val"),
            int(stated) if stated.isascii() and stated.isdecimal() else None,
        )


def find_path(parent: etree._Element | None, path: str) -> etree._Element | None:
    """Return the element at a path of Word's names below another."""
    return None if parent is None else parent.find("/".join(f"{W}{name}" for name in path.split("/")))


def get_value(parent: etree._Element | None, path: str) -> str | None:
    """Return the value that the element at a path states."""
    element = find_path(parent, path)
    return None if element is None else element.get(f"{W}val")


def is_on(element: etree._Element | None) -> bool:
    """Return whether a property is there, and not switched off."""
    return element is not None and element.get(f"{W}val", "1") not in _OFF
