"""Walls: answers that want a person in place of a program, whoever's firewall gives them.

A wall is never worked around. It is told by a header where there is one, else by what a short page says
of itself: a captcha beside a long form, or a firewall's script on a working page, is none.
"""

import re

import httpx

from planning_review.register.page_text import find_elements, find_text, parse_html

_LONGEST_WALL_CHARS = 1_500
_MOST_CONTROLS = 1

# What stands in a page's title or headings: the whole of it, but for a site's name before or behind.
_HEADINGS = re.compile(
    r"\b(just a moment|attention required|human verification|are you (a )?(human|robot)|robot check|captcha|"
    r"pardon our interruption|verif(y|ying) (that )?you are (a )?human|complete the security check|"
    # Not "access is denied", which is how a Windows server speaks of one file.
    r"request rejected|(you have been|request|page|website|site|connection) (is |was |has been )?blocked|"
    r"access (was |has been )?(blocked|denied)|access to this (page|site|website) has been (denied|blocked)|"
    r"checking (your browser|if the site connection)|(bot|ddos) (protection|detection|manager)|"
    r"web application firewall|unusual traffic|security (check|challenge|verification)|"
    r"validating your browser|one more step)\b|^\W*blocked\W*$",
    re.IGNORECASE,
)
_SENTENCES = re.compile(
    r"your support id is|incapsula incident id|enable javascript and cookies to continue|"
    r"(requested url|request|page) (was|has been|you requested (was|has been)) (rejected|blocked)|"
    r"you have been blocked|disable any ad blocker|"
    r"(prove|confirm|verify)( that)? you('re| are) (not a robot|human|a human)|"
    r"(unusual|suspicious|automated) (traffic|activity|requests?) (from|has been|was|detected)",
    re.IGNORECASE,
)
_CAPTCHAS = re.compile(
    rb"g-recaptcha|h-captcha|cf-turnstile|captcha-delivery\.com|px-captcha|friendlycaptcha|frc-captcha|geetest|"
    rb"aws-waf-captcha|awswafcaptcha|_Incapsula_Resource|/cdn-cgi/challenge-platform/",
    re.IGNORECASE,
)


def find_wall(response: httpx.Response, body: bytes) -> str | None:
    """Return what an answer wants in place of giving its page, in a few words; None where it is no wall.

    body is the answer's page, empty where it is a file that nobody has read yet.
    """
    headers = response.headers
    if action := headers.get("x-amzn-waf-action"):
        return f"a firewall's {action}"
    if headers.get("cf-mitigated"):
        return f"Cloudflare's {headers['cf-mitigated']}"
    if "x-datadome" in headers and response.status_code == 403:
        return "a firewall's captcha"
    if response.status_code == 202 and not body.strip():
        return "a firewall's challenge (202 and nothing else)"
    return find_wall_in_page(body) if body.strip() else None


def find_wall_in_page(page: bytes) -> str | None:
    """Return what a page that came without a telling header wants; None where it is no wall."""
    root = parse_html(page)
    if root is None:
        return None
    seen = find_text(root)
    if len(seen) > _LONGEST_WALL_CHARS:
        return None
    for heading in find_elements(root, "//title | //h1 | //h2"):
        text = find_text(heading)
        if len(text) <= 100 and _HEADINGS.search(text):
            return f"the page {text!r}"
    if said := _SENTENCES.search(seen):
        return f"a page that says {said[0]!r}"
    controls = list(find_elements(root, "//select | //textarea | //input[not(@type='hidden')]"))
    rows = list(find_elements(root, "//tr | //dl | //li"))
    if _CAPTCHAS.search(page) and len(controls) <= _MOST_CONTROLS and not rows:
        return "a captcha"
    return None
