"""Text of two bytes a letter that doesn't say so: what programs of Windows wrote into files."""

_SAMPLE_BYTES = 4096
_LEAST_BYTES = 8
_ZERO_SHARE = 0.5
_OTHER_ZERO_SHARE = 0.02


def find_wide_encoding(data: bytes) -> str | None:
    """Return the encoding of a text that is UTF-16, with or without its mark, None for any other.

    Without the mark it is told by its zero bytes: every other one, where the letters are Western.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    sample = data[:_SAMPLE_BYTES]
    sample = sample[: len(sample) // 2 * 2]
    if len(sample) < _LEAST_BYTES:
        return None
    pairs = len(sample) // 2
    zeros = sample[1::2].count(0) / pairs, sample[0::2].count(0) / pairs
    for encoding, share, other in (("utf-16-le", *zeros), ("utf-16-be", *zeros[::-1])):
        if share > _ZERO_SHARE and other <= _OTHER_ZERO_SHARE and _is_written(sample, encoding):
            return encoding
    return None


def _is_written(sample: bytes, encoding: str) -> bool:
    text = sample.decode(encoding, "replace")
    return not any(ord(letter) < 32 and letter not in "\t\n\r\f" for letter in text)
