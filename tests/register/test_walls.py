"""Walls: each firewall's answer stops the run; pages that only look like one do not."""

import httpx
import pytest

from planning_review.register.walls import find_wall

CLOUDFLARE = b"""<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title></head><body>
<div class="main-content"><noscript><span>Enable JavaScript and cookies to continue</span></noscript></div>
<script src="/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1?ray=1"></script></body></html>"""
IMPERVA = b"""<html><head><META NAME="ROBOTS" CONTENT="NOINDEX, NOFOLLOW"></head><body style="margin:0">
<iframe id="main-iframe" src="/_Incapsula_Resource?SWUDNSAI=31&xinfo=9" frameborder=0>
Request unsuccessful. Incapsula incident ID: 1-2</iframe></body></html>"""
IMPERVA_SCRIPT = (
    b"""<html><head><script src="/_Incapsula_Resource?SWJIYLWA=1"></script></head><body></body></html>"""
)
BARRACUDA = b"""<html><head><title>Blocked</title></head><body><h1>Blocked</h1>
<p>The administrator was told of this. Event id 12.</p></body></html>"""
F5 = b"""<html><head><title>Request Rejected</title></head><body>
The requested URL was rejected. Please consult with your administrator.<br><br>
Your support ID is: 1234</body></html>"""
CAPTCHA = b"""<html><head><title>Planning</title></head><body><form method="post">
<div class="g-recaptcha" data-sitekey="6Lx"></div><button>Continue</button></form></body></html>"""
TURNSTILE = b"""<html><head><title>example.gov.uk</title></head><body><h1>Verify you are human</h1>
<div class="cf-turnstile"></div></body></html>"""
DENIED = b"<html><head><title>Access Denied</title></head><body>Reference #18.1</body></html>"
AWS_CAPTCHA = b"<html><head><title>Human Verification</title></head><body></body></html>"


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (202, {"x-amzn-waf-action": "challenge"}, b""),
        (202, {}, b"  \n"),
        (405, {}, AWS_CAPTCHA),
        (403, {"cf-mitigated": "challenge"}, b""),
        (403, {}, CLOUDFLARE),
        (503, {}, CLOUDFLARE),
        (200, {}, IMPERVA),
        (200, {}, IMPERVA_SCRIPT),
        (200, {}, BARRACUDA),
        (200, {}, F5),
        (200, {}, CAPTCHA),
        (403, {}, TURNSTILE),
        (403, {}, DENIED),
    ],
)
def test_wall_is_told(status: int, headers: dict[str, str], body: bytes) -> None:
    assert find_wall(httpx.Response(status, headers=headers), body)


LONG = b"<p>" + b"Up to 42 dwellings with a cycle link to the north of the lane. " * 40 + b"</p>"
SEARCH = b"""<form><input name="DateReceivedFrom"><input name="DateReceivedTo">
<div class="g-recaptcha"></div><input type="hidden" name="Recaptcha.Response"></form>"""


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (
            200,
            b"<html><head><title>Planning Application Search</title></head><body>"
            + SEARCH
            + b"</body></html>",
        ),
        (200, b"<title>Details</title><h1>Security fence blocked up opening</h1><dl><dt>Status</dt></dl>"),
        # A firewall's script on a page that works.
        (200, b'<script src="/_Incapsula_Resource?SW=1"></script><table><tr><td>26/1/F</td></tr></table>'),
        (200, b'<script src="/cdn-cgi/challenge-platform/scripts/jsd/main.js"></script>' + LONG),
        (200, b"<h1>Access Denied</h1>" + LONG),
        # A server that does not give out one file, or does not work.
        (403, b"<title>403 - Forbidden: Access is denied.</title>"),
        (500, b"<title>Server Error</title><h1>Error</h1>"),
        (200, b"<title>Application</title><h1>Permission Denied</h1>"),
        (200, b""),
        (202, b"<html><body>Accepted</body></html>"),
    ],
)
def test_other_pages_are_no_walls(status: int, body: bytes) -> None:
    assert find_wall(httpx.Response(status), body) is None
