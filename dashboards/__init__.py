"""What people see: one module a page, and what pages share."""

from __future__ import annotations

import dashboards.beranda
import dashboards.sistem

PAGES = (dashboards.beranda, dashboards.sistem)
