"""The depth classes of inundations that BPBD and PetaBencana share; a class is not a siaga.

Source: docs.petabencana.id, "flood states"; the TINGGI column of BPBD's list of flooded RT 2021-22
has the same four values, and its depths in words agree in all but some rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

UNKNOWN = "1"

BOUNDS_CM: Mapping[str, tuple[float | None, float | None]] = MappingProxyType(
    {UNKNOWN: (None, None), "2": (10, 70), "3": (71, 150), "4": (150, None)}
)
"""Least and greatest depth of each class in cm; None where there is no such bound."""


def depth_class(depth_cm: float | None) -> str:
    """Return the class of a depth in cm; what is shallower than the first bound is in the first."""
    if depth_cm is None:
        return UNKNOWN
    lowest = {name: low for name, (low, _) in BOUNDS_CM.items() if low is not None}
    reached = [name for name, low in lowest.items() if depth_cm >= low]
    return reached[-1] if reached else min(lowest)
