"""The address of an application's page, given in place of its reference."""

from planning_review.register.pasted import read_pasted
from planning_review.settings import load_settings


def read_address(text: str, council: str | None) -> tuple[str, str | None]:
    """Return the reference that an address names, and its council; raises UsageError for any other."""
    return read_pasted(text, council, load_settings().register_url)
