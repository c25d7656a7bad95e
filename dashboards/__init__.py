"""What people see: one module a page, and what pages share."""

from __future__ import annotations

from dashboards import sistem

PAGES = (sistem,)
