"""What people see: one module a page, and what pages share."""

from __future__ import annotations

import dashboards.banjir
import dashboards.beranda
import dashboards.cctv
import dashboards.dinding
import dashboards.kendali
import dashboards.lalu_lintas
import dashboards.peringatan
import dashboards.petugas
import dashboards.publik
import dashboards.sistem
import dashboards.udara

PAGES = (
    dashboards.beranda,
    dashboards.peringatan,
    dashboards.banjir,
    dashboards.lalu_lintas,
    dashboards.udara,
    dashboards.cctv,
    dashboards.petugas,
    dashboards.publik,
    dashboards.dinding,
    dashboards.kendali,
    dashboards.sistem,
)
