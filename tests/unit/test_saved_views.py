"""Saved views: kept for a role, by name."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from data.store import Store
from data.views import MOST, ViewError, Views

NOW = datetime(2026, 3, 11, tzinfo=UTC)
KNOWN = ("status", "q")


@pytest.fixture
def views(tmp_path):
    return Views(Store(f"sqlite:///{tmp_path}/store.sqlite"))


def save(views, name, role="lurah", **params):
    return views.save(role, name, params or {"status": "terbuka"}, known=KNOWN, at=NOW)


def test_a_view_is_found_again_by_its_role_alone(views):
    save(views, "Punya saya", status="terbuka", q="pohon & banjir")
    (found,) = views.of("lurah")
    assert (found.name, found.params) == (
        "Punya saya",
        {"status": "terbuka", "q": "pohon & banjir"},
    )
    assert views.of("camat") == []


def test_a_view_of_the_same_name_takes_the_place_of_the_first(views):
    save(views, "Satu", status="terbuka")
    save(views, " Satu ", status="Proses")
    assert [view.query for view in views.of("lurah")] == ["status=Proses"]


def test_what_is_no_filter_is_not_kept(views):
    save(views, "Satu", status="terbuka", wilayah="31.71", mulai="5")
    assert views.of("lurah")[0].params == {"status": "terbuka"}


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("  ", {"status": "x"}),
        ("x" * 61, {"status": "x"}),
        ("a", {"mulai": "1"}),
        ("a", {"q": "y" * 600}),
    ],
)
def test_a_view_needs_a_name_and_something_to_look_for(views, name, params):
    with pytest.raises(ViewError):
        save(views, name, **params)


def test_there_are_only_so_many(views):
    for number in range(MOST):
        save(views, f"Nomor {number}")
    with pytest.raises(ViewError):
        save(views, "Satu lagi")
    save(views, "Nomor 3")


def test_only_its_own_role_removes_a_view(views):
    number = save(views, "Satu")
    assert not views.remove("camat", number)
    assert views.remove("lurah", number)
    assert not views.remove("lurah", number)
