"""The words for alarms: how grave each is, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from dashboards.layers import siaga_word

SEVERITY_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "siaga1": siaga_word(1),
        "siaga2": siaga_word(2),
        "siaga3": siaga_word(3),
        "warning": "Penting",
        "notice": "Perhatian",
    }
)
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "raised": "Muncul",
        "changed": "Berubah",
        "cleared": "Berakhir",
        "unassessable": "Tidak dapat dinilai",
    }
)
