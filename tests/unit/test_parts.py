"""A number and a judgement carry what the browser judges their freshness by."""

from __future__ import annotations

from datetime import UTC, datetime

from dashboards import parts
from dashboards.markup import html_text

AT = datetime(2026, 2, 18, 20, 10, tzinfo=UTC)


def test_a_reading_carries_its_moment_its_budget_and_its_feeds() -> None:
    text = html_text(
        parts.reading(680, "cm", moment=AT, late_s=300, expired_s=900, feeds=("dsda_levels",))
    )

    assert 'data-fresh="2026-02-18T20:10:00+00:00"' in text
    for mark in ('data-late="300"', 'data-expired="900"', 'data-of="dsda_levels"'):
        assert mark in text
    assert '<span class="value">680</span>' in text
    assert "reading-age" in text


def test_a_number_that_is_not_known_is_no_zero() -> None:
    text = html_text(parts.reading(None, "cm", feeds=("dsda_levels",)))

    assert "Belum ada data" in text
    assert "value" not in text


def test_zero_is_a_number() -> None:
    assert '<span class="value">0</span>' in html_text(parts.reading(0, "RT"))


def test_a_judgement_has_its_refusal_at_hand() -> None:
    text = html_text(parts.judged("Siaga 2 – Siaga", moment=AT, expired_s=900))

    assert "tidak dapat dinilai" in text
    assert "Siaga 2 – Siaga" in text
