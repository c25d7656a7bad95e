import pytest

from dashboards.access import EVERYONE, ROLES, STAFF, Access, UndeclaredError, within


@pytest.fixture
def access():
    access = Access()
    access.declare("page:/sistem", STAFF)
    access.declare("panel:kinerja", {"lurah", "camat", "pimpinan"}, bound=True)
    return access


def test_what_is_not_declared_is_refused_to_everyone(access):
    assert not any(access.may(role, "page:/rahasia") for role in ROLES.values())


@pytest.mark.parametrize("role", sorted(EVERYONE))
def test_a_page_is_open_to_its_roles_alone(access, role):
    assert access.may(ROLES[role], "page:/sistem") == (role in STAFF)


@pytest.mark.parametrize(
    ("role", "area", "allowed"),
    [
        ("lurah", "31.71.01.1001", True),
        ("lurah", "31.71.01.1002", False),
        ("lurah", "31.71.01", False),
        ("lurah", "31", False),
        ("camat", "31.71.01", True),
        ("camat", "31.71.01.1002", True),
        ("camat", "31.71.02", False),
        ("pimpinan", "31", True),
        ("pimpinan", "31.74.05", True),
        ("publik", "31.71.01.1001", False),
    ],
)
def test_what_is_bound_opens_only_inside_ones_own_territory(access, role, area, allowed):
    assert access.may(ROLES[role], "panel:kinerja", area) == allowed


def test_a_code_that_only_begins_alike_lies_outside():
    assert not within("31.71.010", "31.71.01")


def test_a_role_that_does_not_exist_cannot_be_named(access):
    with pytest.raises(ValueError, match="tamu"):
        access.declare("page:/x", {"tamu"})


def test_two_different_declarations_of_one_thing_are_refused(access):
    access.declare("page:/sistem", STAFF)
    with pytest.raises(ValueError, match="declared twice"):
        access.declare("page:/sistem", EVERYONE)


def test_the_program_does_not_start_with_something_undeclared(access):
    access.demand(["page:/sistem"])
    with pytest.raises(UndeclaredError, match="route:/lubang"):
        access.demand(["page:/sistem", "route:/lubang"])
