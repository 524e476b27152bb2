"""Scopes, identities of boxes, EVSE ids."""

import pytest

from wattline.domain.access import Permission, Viewer
from wattline.domain.identity import checked_identity, evse_id, identity_key
from wattline.domain.refusals import Invalid, NotAllowed
from wattline.domain.scopes import checked_scopes


def viewer(*scopes: str) -> Viewer:
    return Viewer(name="x", operator_id=1, operator_ids=(1,), scopes=frozenset(scopes))


def test_scopes_are_written_as_published_each_once() -> None:
    written = ["charge-point:READ", "charge-points:read", "all:delete"]
    assert checked_scopes(written) == ("charge-points:read", "all:delete")


@pytest.mark.parametrize("scope", ["", "all", "charges", "charges:fly", "wallets:read", "charges:read:write", ":read"])
def test_an_unknown_scope_is_refused_with_the_known_ones(scope: str) -> None:
    with pytest.raises(Invalid, match="charge-transactions"):
        checked_scopes([scope])


def test_writing_includes_reading_and_deleting_both() -> None:
    viewer("charges:write").must_hold("charges", permission=Permission.READ)
    viewer("charges:delete").must_hold("charges", permission=Permission.WRITE)
    viewer("all:write").must_hold("teams", permission=Permission.WRITE)
    with pytest.raises(NotAllowed, match="charges:delete"):
        viewer("charges:write", "teams:delete").must_hold("charges", permission=Permission.DELETE)


def test_a_box_is_found_whatever_case_and_slashes_it_writes() -> None:
    assert {identity_key(text) for text in ("WL-1", "wl-1", " WL-1/", "/wl-1")} == {"wl-1"}


@pytest.mark.parametrize("identity", ["", "  ", "/a", "a/", "a//b", "a?b", "a%2Fb", "a\\b", "a\nb", "x" * 49])
def test_an_identity_that_no_address_can_carry_is_refused(identity: str) -> None:
    with pytest.raises(Invalid, match="serialNumber"):
        checked_identity(identity, field="serialNumber")


@pytest.mark.parametrize("identity", ["20:69:C0:21", "CP#1", "site/4", "CP 1", "Säule°1", "a&b=c+d@e"])
def test_h5_names_that_boxes_have_can_be_registered(identity: str) -> None:
    assert checked_identity(identity, field="identity") == identity


def test_evse_ids_have_country_party_and_number() -> None:
    assert evse_id(country="dk", party="wattline", number=12) == "DK*WAT*E12"
    assert evse_id(country="DE", party="a-1", number=3) == "DE*A1X*E3"
