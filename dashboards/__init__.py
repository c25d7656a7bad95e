"""What people see: one module a page, and what pages share."""

from __future__ import annotations

import dashboards.banjir
import dashboards.beranda
import dashboards.cctv
import dashboards.data_terbuka
import dashboards.dinding
import dashboards.kartu
import dashboards.kendali
import dashboards.lalu_lintas
import dashboards.metodologi
import dashboards.pengaduan
import dashboards.periksa
import dashboards.peringatan
import dashboards.peringkat
import dashboards.petugas
import dashboards.publik
import dashboards.ringkasan
import dashboards.sanggah
import dashboards.sistem
import dashboards.tren
import dashboards.udara
import dashboards.wilayah

PAGES = (
    dashboards.beranda,
    dashboards.peringatan,
    dashboards.banjir,
    dashboards.lalu_lintas,
    dashboards.udara,
    dashboards.cctv,
    dashboards.petugas,
    dashboards.pengaduan,
    dashboards.wilayah,
    dashboards.peringkat,
    dashboards.tren,
    dashboards.kartu,
    dashboards.ringkasan,
    dashboards.periksa,
    dashboards.metodologi,
    dashboards.sanggah,
    dashboards.publik,
    dashboards.data_terbuka,
    dashboards.dinding,
    dashboards.kendali,
    dashboards.sistem,
)
