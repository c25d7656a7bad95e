from dataclasses import asdict

import numpy as np
import pytest
import shapely

from data.areas import Locator, Shape, default_shapes, dissolve, known_areas, shapes_from


@pytest.fixture(scope="module")
def shapes():
    return default_shapes()


@pytest.fixture(scope="module")
def locator(shapes):
    return Locator([shape for shape in shapes if shape.level == "kelurahan"])


def square(code, west, south, east, north):
    outline = shapely.to_geojson(shapely.box(west, south, east, north))
    return Shape("kelurahan", code, code, code[:8], outline, False, "test")


def drawn(shapes, level):
    return {s.code: shapely.from_geojson(s.geometry) for s in shapes if s.level == level}


def test_every_known_area_is_drawn_once_and_called_approximate(shapes):
    for level, count in (("kelurahan", 267), ("kecamatan", 44), ("kota", 6)):
        codes = [shape.code for shape in shapes if shape.level == level]
        assert sorted(codes) == list(known_areas(level))
        assert len(codes) == count
    assert all(shape.approximate for shape in shapes)
    assert {s.parent_code for s in shapes if s.level == "kota"} == {"31"}


def test_outlines_are_valid_surfaces_within_the_region(shapes):
    outlines = shapely.from_geojson([shape.geometry for shape in shapes])
    assert shapely.is_valid(outlines).all()
    assert {outline.geom_type for outline in outlines} <= {"Polygon", "MultiPolygon"}
    west, south, east, north = shapely.total_bounds(outlines)
    assert west > 106.4
    assert south > -6.45
    assert east < 107.05
    assert north < -5.4


def test_each_kelurahan_holds_its_own_point(locator):
    areas = known_areas("kelurahan")
    lons = [float(row["lon"]) for row in areas.values()]
    lats = [float(row["lat"]) for row in areas.values()]
    assert list(locator.locate(lons, lats)) == list(areas)


def test_the_mainland_is_one_piece_without_holes_of_about_its_real_size(shapes):
    mainland = shapely.union_all(
        [outline for code, outline in drawn(shapes, "kota").items() if code != "31.01"],
        grid_size=1e-6,
    )
    assert mainland.geom_type == "Polygon"
    assert len(mainland.interiors) == 0
    assert mainland.area * 111.32 * 110.57 * np.cos(np.radians(6.2)) == pytest.approx(650, rel=0.05)


def test_kepulauan_seribu_is_six_discs_in_the_sea(shapes):
    islands = drawn(shapes, "kota")["31.01"]
    assert shapely.get_num_geometries(islands) == 6
    assert islands.bounds[3] > -5.55


def test_a_kecamatan_covers_its_kelurahan(shapes):
    kelurahan, kecamatan = drawn(shapes, "kelurahan"), drawn(shapes, "kecamatan")
    for code, outline in kelurahan.items():
        lost = outline.difference(kecamatan[code[:8]])
        assert lost.area < 0.01 * outline.area


def test_a_point_on_two_areas_goes_to_the_smaller_code():
    neighbours = Locator(
        [
            square("31.71.01.1002", 106.80, -6.20, 106.81, -6.19),
            square("31.71.01.1001", 106.81, -6.20, 106.82, -6.19),
        ]
    )
    assert list(neighbours.locate([106.81, 106.805], [-6.195, -6.195])) == [
        "31.71.01.1001",
        "31.71.01.1002",
    ]


def test_a_point_on_none_goes_to_the_nearest_within_200_m():
    shore = Locator([square("31.72.01.1001", 106.80, -6.12, 106.81, -6.11)])
    metre = 1 / 110_574
    inside, near, far = -6.11 - metre, -6.11 + 199 * metre, -6.11 + 201 * metre
    assert list(shore.locate([106.805] * 3, [inside, near, far])) == [
        "31.72.01.1001",
        "31.72.01.1001",
        None,
    ]
    east = 1 / (111_320 * np.cos(np.radians(6.2)))
    assert list(shore.locate([106.81 + 199 * east, 106.81 + 201 * east], [-6.115] * 2)) == [
        "31.72.01.1001",
        None,
    ]


def test_of_two_equally_near_areas_the_smaller_code_wins():
    gap = Locator(
        [
            square("31.72.01.1002", 106.800, -6.12, 106.810, -6.11),
            square("31.72.01.1001", 106.811, -6.12, 106.821, -6.11),
        ]
    )
    west, middle, east = gap.locate([106.8101, 106.8105, 106.8109], [-6.115] * 3)
    assert (west, east) == ("31.72.01.1002", "31.72.01.1001")
    assert middle in ("31.72.01.1001", "31.72.01.1002")


def test_what_has_no_position_has_no_area(locator):
    assert list(locator.locate([None, float("nan"), 106.8], [-6.2, -6.2, None])) == [None] * 3
    assert list(locator.locate([], [])) == []
    assert list(Locator([]).locate([106.8], [-6.2])) == [None]


def test_places_outside_jakarta_have_no_area(locator):
    depok, bogor, sea, swapped = (106.83, -6.42), (106.80, -6.60), (106.85, -5.9), (-6.2, 106.8)
    assert list(locator.locate(*zip(depok, bogor, sea, swapped, strict=True))) == [None] * 4


def test_order_of_shapes_and_of_points_does_not_matter(shapes, locator):
    rng = np.random.default_rng(3)
    lons, lats = rng.uniform(106.6, 107.0, 2000), rng.uniform(-6.4, -6.0, 2000)
    found = locator.locate(lons, lats)
    shuffled = [shape for shape in shapes if shape.level == "kelurahan"]
    rng.shuffle(shuffled)
    order = rng.permutation(2000)
    assert list(Locator(shuffled).locate(lons[order], lats[order])) == list(found[order])


def test_shapes_come_back_from_rows_of_the_lake(shapes):
    assert shapes_from(asdict(shape) | {"loaded_at": None} for shape in shapes[:3]) == shapes[:3]


def test_seams_between_surveyed_neighbours_leave_no_hole():
    metre = 1 / 110_574
    ring = [
        square("31.71.01.1001", 106.80, -6.20, 106.82, -6.19),
        square("31.71.01.1002", 106.80, -6.21, 106.81 - 3 * metre, -6.20),
        square("31.71.01.1003", 106.81, -6.21, 106.82, -6.20),
        square("31.71.01.1004", 106.80, -6.22, 106.82, -6.21),
    ]
    gambir, pusat = dissolve(ring)
    assert (gambir.level, gambir.code, gambir.name, gambir.parent_code) == (
        "kecamatan",
        "31.71.01",
        "Gambir",
        "31.71",
    )
    assert (pusat.level, pusat.code, pusat.approximate, pusat.source) == (
        "kota",
        "31.71",
        False,
        "test",
    )
    outline = shapely.from_geojson(pusat.geometry)
    assert outline.geom_type == "Polygon"
    assert len(outline.interiors) == 0
