"""Whose fault an OSError is: libraries raise it for damaged files, too."""

import errno

# A damaged file raises it without a number, or by sending its reader to a place that no file has.
_OF_THE_FILE = (None, errno.EINVAL, errno.EOVERFLOW)


def is_our_fault(error: OSError) -> bool:
    """Say whether the disk or the system failed (no file, no room), and not what is in the file."""
    return error.errno not in _OF_THE_FILE
