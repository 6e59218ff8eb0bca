"""The range of 16-bit images: cameras and scanners store 10, 12 or 14 bits in files that have room for 16."""

from collections.abc import Iterable

FULL_RANGE = 65535


def white_of(peaks: Iterable[int]) -> int:
    """The largest value of as many bits as the largest values of these images have, 255 at least; the full range
    without any image.

    It belongs to a dataset, not to an image: a dark picture stays darker than a bright one.
    """
    peak = max(peaks, default=FULL_RANGE)
    return max(255, (1 << peak.bit_length()) - 1)
