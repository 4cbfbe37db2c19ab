"""How a letter addresses the case officer."""

import re

from planning_review.report.presentation import plain_text

_TITLE = re.compile(r"(Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor)\.?", re.IGNORECASE)
# What registers show while an application has no officer.
_NOBODY = re.compile(
    r"(to be |not |un)?(allocated|assigned|known|confirmed)|tbc|tba|n/?a|none"
    r"|(planning|case|duty)( case)? (officer|team)( to be allocated)?|planning|development management",
    re.IGNORECASE,
)
_LONGEST_NAME = 80


def address_officer(officer: str | None) -> tuple[str | None, str, str]:
    """Return the officer's name (None where there is none), the salutation and the close.

    A title, a first name and a surname give `Dear Ms Smith`; any other name stands as it is given.
    """
    name = plain_text(officer or "")
    is_name = any(c.isalpha() for c in name) and len(name) <= _LONGEST_NAME and not _NOBODY.fullmatch(name)
    if not is_name:
        return None, "Dear Sir or Madam", "Yours faithfully"
    words = name.split()
    if len(words) == 3 and _TITLE.fullmatch(words[0]):
        return name, f"Dear {words[0]} {words[2]}", "Yours sincerely"
    return name, f"Dear {name}", "Yours sincerely"
