"""Siaga, the four flood levels of DSDA and BPBD: 4 Normal, 3 Waspada, 2 Siaga, 1 Bahaya.

Not to be mixed with the words of BMKG warnings, which run Waspada, Siaga, Awas.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from types import MappingProxyType

WORDS: Mapping[int, str] = MappingProxyType({4: "Normal", 3: "Waspada", 2: "Siaga", 1: "Bahaya"})

# Kritis, Awas and Darurat are names of siaga 2 and 1 in the press and in older bulletins.
_SPOKEN: Mapping[str, int] = MappingProxyType(
    {word.lower(): level for level, word in WORDS.items()}
    | {"kritis": 2, "awas": 1, "bencana": 1, "darurat": 1}
    | {"iv": 4, "iii": 3, "ii": 2, "i": 1}
    | {str(level): level for level in WORDS}
)
_LABEL = re.compile(r"(?:status\s*:?\s*)?(?:siaga\s+)?(\w+)\Z", re.IGNORECASE)


def siaga_level(
    level_cm: float | None, s3: float | None, s2: float | None, s1: float | None
) -> int | None:
    """Return the siaga of a water level, 1 (gravest) to 4.

    A level that reaches a bound belongs to it. A bound that is not known is never reached;
    without the bound of siaga 3 nothing can be said.

    Args:
        level_cm: Level above the station's zero; None or NaN where there is none.
        s3: Lower bound of siaga 3 in cm.
        s2: Lower bound of siaga 2 in cm.
        s1: Lower bound of siaga 1 in cm.

    Source: criteria of Dinas SDA as printed by Bisnis in 2014; the bounds of each station are
    in `water_stations`.
    """
    if level_cm is None or math.isnan(level_cm) or s3 is None:
        return None
    if s1 is not None and level_cm >= s1:
        return 1
    if s2 is not None and level_cm >= s2:
        return 2
    return 3 if level_cm >= s3 else 4


def siaga_label(label: str) -> int | None:
    """Return the siaga that a source's label names, such as "Status : Siaga 3" or "SIAGA IV "."""
    match = _LABEL.match(label.strip())
    return _SPOKEN.get(match[1].lower()) if match else None
