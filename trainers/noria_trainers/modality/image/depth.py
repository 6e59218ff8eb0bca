"""The ranges of 16-bit images: cameras and scanners store 10, 12 or 14 bits in files that have room for 16.

How many bits a dataset's images have is found out once, from the largest value of each. A number of bits counts where a
tenth of the images need just as many; numbers that differ by one count as the larger of them, since a dark picture
needs a bit less than a bright one. Each image then has the least of these numbers that holds its values: a dark picture
stays darker than a bright one, and files of 12 and of 16 bits can lie side by side.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

FULL_RANGE = 65535
DEPTHS = tuple((1 << bits) - 1 for bits in (8, 10, 12, 14, 16))
"""The values of white in the depths that cameras and scanners have; those of a dataset without images of 16 bits."""
_LEAST_BITS = 8
_LEAST_SHARE = 0.1


def whites_of(peaks: Iterable[int]) -> tuple[int, ...]:
    """The values of white of images with these largest values, in ascending order."""
    bits = [max(_LEAST_BITS, peak.bit_length()) for peak in peaks]
    if not bits:
        return DEPTHS
    counts = Counter(bits)
    frequent = {each for each, count in counts.items() if count >= _LEAST_SHARE * len(bits)}
    frequent.add(max(bits))
    return tuple((1 << each) - 1 for each in sorted(frequent) if each + 1 not in frequent)


def white_for(peak: int, whites: Sequence[int]) -> int:
    """The least of the whites, which ascend, that is no less than an image's largest value, or the last."""
    return next((white for white in whites if white >= peak), whites[-1])
