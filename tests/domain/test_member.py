"""Where a team pays for what its members charge."""

from dataclasses import replace

import pytest

from wattline.domain.member import Member, WalletUse, Whose, may_charge_at, may_pay_with_team_wallet

DENMARK, SWEDEN = 45, 46

MEMBER = Member(
    id=1,
    team_id=1,
    user_id=1,
    accepted=True,
    can_pay_with_team_wallet=True,
    wallet_use=WalletUse.OPERATOR,
    country_ids=frozenset(),
    connector_ids=None,
    price_group_id=None,
)

REACH = {
    WalletUse.NONE: "",
    WalletUse.TEAM: "team",
    WalletUse.OPERATOR: "team operator",
    WalletUse.PARTNER: "team operator partner",
    WalletUse.ALL: "team operator partner roaming",
}


@pytest.mark.parametrize("use", WalletUse)
def test_each_setting_reaches_as_far_as_its_name_says(use: WalletUse) -> None:
    member = replace(MEMBER, wallet_use=use)
    reached = [whose for whose in Whose if may_pay_with_team_wallet(member, whose=whose, country_id=DENMARK)]
    assert " ".join(reached) == REACH[use]


def test_countries_narrow_it_when_any_are_named() -> None:
    member = replace(MEMBER, country_ids=frozenset({DENMARK}))
    paid = [may_pay_with_team_wallet(member, whose=Whose.TEAM, country_id=each) for each in (DENMARK, SWEDEN, None)]
    assert paid == [True, False, False]


@pytest.mark.parametrize("change", [{"accepted": False}, {"can_pay_with_team_wallet": False}])
def test_without_the_switch_or_before_accepting_the_member_pays(change: dict[str, bool]) -> None:
    assert not may_pay_with_team_wallet(replace(MEMBER, **change), whose=Whose.TEAM, country_id=DENMARK)  # type: ignore[arg-type]


def test_access_is_to_all_charge_points_or_to_those_named() -> None:
    assert may_charge_at(MEMBER, 7)
    assert may_charge_at(replace(MEMBER, connector_ids=frozenset({7})), 7)
    assert not may_charge_at(replace(MEMBER, connector_ids=frozenset({7})), 8)
    assert not may_charge_at(replace(MEMBER, accepted=False), 7)
