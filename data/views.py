"""Saved views: searches that people of one role use again, by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from data.store import Store

MOST, LONGEST_NAME, LONGEST_QUERY = 30, 60, 500


class ViewError(Exception):
    """A view cannot be kept; the message, Indonesian, says why."""


@dataclass(frozen=True)
class SavedView:
    """A search by name.

    Args:
        id: Of the store; None for one that comes with the program.
        query: URL parameters of the search, as in an address after "?".
    """

    name: str
    query: str
    id: int | None = None

    @property
    def params(self) -> dict[str, str]:
        """The URL parameters by name."""
        return dict(parse_qsl(self.query))


class Views:
    """The saved views of each role.

    Args:
        store: Where they are kept.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, role: str) -> list[SavedView]:
        """Return those of a role, in order of name."""
        return [
            SavedView(row["name"], row["query"], row["id"]) for row in self._store.saved_views(role)
        ]

    def save(
        self, role: str, name: str, params: Mapping[str, str], *, known: Sequence[str], at: datetime
    ) -> int:
        """Keep a view and return its number; one of that name is replaced.

        Args:
            params: URL parameters of the search.
            known: Names that a parameter may have.
            at: City time, aware.

        Raises:
            ViewError: It has no name or nothing to search for, or there are too many.
        """
        name = " ".join(name.split())
        query = urlencode({key: params[key] for key in known if params.get(key)})
        if not name:
            raise ViewError("Tuliskan nama tampilan.")
        if len(name) > LONGEST_NAME or len(query) > LONGEST_QUERY:
            raise ViewError(f"Nama paling panjang {LONGEST_NAME} huruf.")
        if not query:
            raise ViewError("Pilih dahulu saringan yang akan disimpan.")
        others = [view for view in self.of(role) if view.name != name]
        if len(others) >= MOST:
            raise ViewError(f"Paling banyak {MOST} tampilan; hapus dahulu yang tidak dipakai.")
        return self._store.save_view(role, name, query, at)

    def remove(self, role: str, view_id: int) -> bool:
        """Remove a view of a role; False where it has none of that number."""
        return self._store.remove_view(role, view_id)
