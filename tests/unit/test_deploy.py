"""What is deployed runs the same programs, whichever way."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parents[2] / "deploy"
COMPOSE = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.stem)
def test_a_container_runs_what_its_unit_runs(unit: Path) -> None:
    started = re.search(r"^ExecStart=/opt/komando/\.venv/bin/(.+)$", unit.read_text(), re.MULTILINE)
    assert started is not None
    assert f"    command: {started[1]}\n" in COMPOSE


def test_images_come_from_no_registry_by_name() -> None:
    images = re.findall(r"^ +image: (\S+)$", COMPOSE, re.MULTILINE)
    images += re.findall(r"^(?:ARG PYTHON=|FROM )(\S+)$", (DEPLOY / "Dockerfile").read_text(), re.M)
    assert images
    assert [image for image in images if "/" in image] == []


def test_the_image_holds_the_program_and_nothing_else() -> None:
    listed = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").split()
    kept = {line.removeprefix("!") for line in listed if line.startswith("!")}
    assert listed[0] == "*"
    assert kept == {"app.py", "assets", "dashboards", "data", "etl", "requirements.txt"}
    assert all((DEPLOY.parent / name).exists() for name in kept)
