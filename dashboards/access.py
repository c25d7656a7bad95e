"""Who may see what: one registry of pages, panels, routes, callbacks and exports, one question.

What is not declared is refused. In the demo the role is a cookie that the shell's switch sets; the
program answers only on loopback as long as there are no accounts.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from flask import has_request_context, request

COOKIE = "peran"


@dataclass(frozen=True)
class Role:
    """A role of the demo.

    Args:
        name: On screen, Indonesian.
        area: Kemendagri code of the territory; "31" is the whole city.
    """

    id: str
    name: str
    area: str = "31"


ROLES = {
    role.id: role
    for role in (
        Role("publik", "Publik"),
        Role("lurah", "Lurah Gambir", "31.71.01.1001"),
        Role("camat", "Camat Gambir", "31.71.01"),
        Role("operator", "Operator"),
        Role("pimpinan", "Pimpinan"),
        Role("inspektur", "Inspektur"),
        Role("admin", "Admin"),
    )
}
EVERYONE = frozenset(ROLES)
STAFF = frozenset({"operator", "pimpinan", "admin"})
DEMO_ROLE = "operator"


class UndeclaredError(Exception):
    """Something can be reached that no one declared; the message lists it."""


@dataclass(frozen=True)
class Rule:
    """Who may do one thing.

    Args:
        roles: Ids of `ROLES`.
        bound: A role with a territory sees it only for areas inside that territory.
    """

    roles: frozenset[str]
    bound: bool = False


@dataclass
class Access:
    """The registry of one app."""

    _rules: dict[str, Rule] = field(default_factory=dict)

    def declare(self, action: str, roles: Collection[str], *, bound: bool = False) -> None:
        """Say who may do `action`, such as "page:/sistem", "panel:sources" or "route:versi".

        Raises:
            ValueError: A role does not exist, or `action` is declared otherwise already.
        """
        if unknown := set(roles) - EVERYONE:
            raise ValueError(f"{action}: no such roles: {sorted(unknown)}")
        rule = Rule(frozenset(roles), bound)
        if self._rules.setdefault(action, rule) != rule:
            raise ValueError(f"{action} is declared twice, and differently")

    def may(self, role: Role, action: str, area: str = "31") -> bool:
        """Answer whether `role` may do `action` for `area` (a Kemendagri code)."""
        rule = self._rules.get(action)
        if rule is None or role.id not in rule.roles:
            return False
        return not rule.bound or within(area, role.area)

    def demand(self, actions: Collection[str]) -> None:
        """Refuse to start where something is reachable but not declared.

        Raises:
            UndeclaredError: Names every such action.
        """
        if missing := sorted(set(actions) - self._rules.keys()):
            raise UndeclaredError(f"reachable, but no roles are declared: {', '.join(missing)}")


def within(area: str, territory: str) -> bool:
    """Answer whether `area` is `territory` or lies in it; "31" is the whole city."""
    return area == territory or area.startswith(f"{territory}.")


def current_role() -> Role:
    """Return the role of this request; outside a request, the demo's default."""
    chosen = request.cookies.get(COOKIE, DEMO_ROLE) if has_request_context() else DEMO_ROLE
    return ROLES.get(chosen, ROLES["publik"])
