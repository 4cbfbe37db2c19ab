"""Whether a page came to its end: every cut of a page, and ends that are none."""

import pytest

from planning_review.errors import PageCut
from planning_review.register.page_end import check_page_end

URL = "https://register.example.org/Planning/Display/25/00284/F"
PAGE = b"""<!DOCTYPE html>
<html><head><title>Application</title><script>var end = "</html>";</script></head>
<body><!-- </html> --><table><tr><td><a href="/Document/Download?recordNumber=1">Plan</a></td></tr></table>
</body></html>
"""
FRAGMENT = b"""<div id="resultsArea"><table class="tblResults"><tr><th>Reference<th>Status
<tr><td><a href="/Planning/Display/26/1/F">26/1/F</a><td>Valid</table><ul class="pager"><li>1</ul></div>"""


def is_whole(page: bytes) -> bool:
    try:
        check_page_end(page, URL)
    except PageCut:
        return False
    return True


@pytest.mark.parametrize("page", [PAGE, PAGE.upper(), PAGE + b"<!-- served by web3 -->\n", FRAGMENT, b""])
def test_whole(page: bytes) -> None:
    assert is_whole(page)


def test_page_cut_anywhere_is_not_whole() -> None:
    begins = PAGE.index(b"<head")
    ends = PAGE.rindex(b"</html>") + len(b"</html>")
    assert [cut for cut in range(begins, ends) if is_whole(PAGE[:cut])] == []


def test_fragment_cut_anywhere_is_not_whole() -> None:
    assert [cut for cut in range(5, len(FRAGMENT)) if is_whole(FRAGMENT[:cut])] == []


@pytest.mark.parametrize(
    "page",
    [
        # The server broke off and appended its error page.
        PAGE[:200] + b"<html><body><h1>Server Error</h1></body></html>",
        PAGE + b"<table><tr><td>more</td></tr></table>",
    ],
)
def test_end_that_is_none(page: bytes) -> None:
    assert not is_whole(page)
