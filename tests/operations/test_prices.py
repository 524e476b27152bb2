"""Prices: who sets them, where they count, and what a charge that begins is promised."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.domain.pricing import price
from tests.operations.story import NOON, Story, add_operator
from wattline.database.connection import Database
from wattline.domain.access import Viewer
from wattline.domain.afir import PriceNotAllowed
from wattline.domain.price_choice import NoPrice
from wattline.domain.price_example import Example
from wattline.domain.price_terms import GroupType, PriceTerms, TariffStep
from wattline.domain.refusals import Invalid, NotReady, Unknown
from wattline.domain.spot import SpotPriceUnknown
from wattline.domain.spot_file import read_spot_file
from wattline.domain.tariff import RecurringPeriod, TariffHasHole, Weekday
from wattline.operations import price_groups, spot_prices, tariff_periods, tariffs, tax_rates
from wattline.operations.members import NewMember, add_member
from wattline.operations.nested_teams import Nesting, nest_team
from wattline.operations.price_application import Application, apply_price_group
from wattline.operations.price_examples import example_of
from wattline.operations.price_freeze import cost_terms_for, spot_for, terms_for
from wattline.operations.price_groups import PriceGroupDraft
from wattline.operations.reference_data import seed
from wattline.operations.tariff_hours import TariffNotPublished
from wattline.operations.users import NewUser, create_user
from wattline.queries.price_changes import price_changes

DENMARK, USA, EUR = 194, 234, 40


class Prices:
    """A story, and what people do with prices in it."""

    def __init__(self, story: Story) -> None:
        self.story, self.database, self.viewer = story, story.database, story.viewer

    def draft(self, master: Any, *fees: Any, type_: str = "public", **more: Any) -> PriceGroupDraft:
        usual = {"team_id": self.story.team_id, "name": "Harbour", "type": GroupType(type_)}
        return PriceGroupDraft(master=master, fees=fees, **{**usual, **more})

    async def group(self, master: Any, *fees: Any, type_: str = "public", **more: Any) -> int:
        draft = self.draft(master, *fees, type_=type_, **more)
        return await price_groups.create_price_group(self.database, draft, asked_by=self.viewer, now=NOON)

    async def apply(self, group_id: int, **to: Any) -> None:
        await apply_price_group(self.database, group_id, Application(**to), asked_by=self.viewer, now=NOON)

    async def terms(self, *, at: datetime = NOON, **who: Any) -> PriceTerms | None:
        nobody: dict[str, Any] = {
            "payer_team_id": None, "member_id": None, "explicit_group_id": None, "roaming": False
        }  # fmt: skip
        async with self.database.begin() as tx:
            return await terms_for(tx, self.connector_id, **{**nobody, **who}, now=at)

    @property
    def connector_id(self) -> int:
        return self.story.box.connectors[1]

    async def chosen(self, **who: Any) -> tuple[int, str] | None:
        terms = await self.terms(**who)
        return None if terms is None else (terms.price_group_id, terms.chosen_by)

    async def make_public(self, **columns: object) -> None:
        for column, value in {"visibility": "public", **columns}.items():
            await self.story.rows(f"update connector set {column} = $1 returning id", value)

    async def tariff(self, *periods: RecurringPeriod) -> int:
        draft = tariffs.TariffDraft(
            external_id="grid", name="Grid", description="", country_id=DENMARK, currency_id=await self.euro(),
            team_id=self.story.team_id, prices_with_vat=True, time_zone="Europe/Copenhagen", area="DK1",
        )  # fmt: skip
        tariff_id = await tariffs.create_tariff(self.database, draft, asked_by=self.viewer, now=NOON)
        group_id = await tariff_periods.create_period_group(
            self.database, tariff_id, date(2026, 1, 1), date(2026, 12, 31), "2026", asked_by=self.viewer, now=NOON
        )
        for period in periods:
            await tariff_periods.create_period(
                self.database, tariff_id, group_id, period, asked_by=self.viewer, now=NOON
            )
        return tariff_id

    async def publish(self, tariff_id: int, *, days: int = 9) -> None:
        last = NOON.date() + timedelta(days=days)
        await tariffs.create_prices(self.database, tariff_id, NOON.date(), last, asked_by=self.viewer, now=NOON)

    async def euro(self) -> int:
        found: int = (await self.story.rows("select id from currency where identifier = 'EUR'"))[0]["id"]
        return found

    async def import_spot(self, text: str, *, at: datetime = NOON) -> spot_prices.Imported:
        return await spot_prices.import_prices(self.database, "DK1", "eur", read_spot_file(text), now=at)


@pytest.fixture
async def prices(story: Story) -> Prices:
    """The stage with reference data, and a Danish team."""
    await seed(story.database, now=NOON)
    await story.rows("update team set country_id = $1 returning id", DENMARK)
    return Prices(story)


WHOLE_WEEK = (
    RecurringPeriod(Weekday.MONDAY, Weekday.SUNDAY, 0, 13, Decimal("0.10")),
    RecurringPeriod(Weekday.MONDAY, Weekday.SUNDAY, 13, 24, Decimal("0.30")),
)


async def test_the_first_group_of_a_kind_is_the_default_and_there_is_never_another(prices: Prices) -> None:
    first, second = await prices.group(price("kwh", "1")), await prices.group(price("kwh", "2"))
    assert await defaults(prices) == {first}
    await price_groups.set_default(prices.database, second, asked_by=prices.viewer, now=NOON)
    assert await defaults(prices) == {second}
    with pytest.raises(NotReady, match="Make another one the default first"):
        await price_groups.delete_price_group(prices.database, second, asked_by=prices.viewer, now=NOON)
    await price_groups.delete_price_group(prices.database, first, asked_by=prices.viewer, now=NOON)
    await price_groups.delete_price_group(prices.database, second, asked_by=prices.viewer, now=NOON)
    assert await defaults(prices) == set()


async def test_the_strongest_reason_decides_who_pays_what(prices: Prices) -> None:
    await prices.make_public(roaming=True)
    by_kind = {kind: await prices.group(price("kwh", "1"), type_=kind) for kind in ("public", "roaming", "member")}
    nested, named = await prices.group(price("kwh", "2"), type_="member"), await prices.group(price("kwh", "3"))
    member_id = await a_member(prices)
    nesting = Nesting(parent_team_id=prices.story.team_id, price_group_id=nested)
    await nest_team(prices.database, nesting, join_code="Neighbours", accepted=True, asked_by=prices.viewer, now=NOON)
    nested_payer = prices.story.neighbour_team_id
    assert await prices.chosen() == (by_kind["public"], "public")
    assert await prices.chosen(roaming=True) == (by_kind["roaming"], "roaming")
    assert await prices.chosen(payer_team_id=nested_payer) == (nested, "nested-team")
    assert await prices.chosen(payer_team_id=nested_payer, member_id=member_id) == (by_kind["member"], "member")
    assert await prices.chosen(member_id=member_id, explicit_group_id=named) == (named, "explicit")
    await prices.apply(nested, member_ids=(member_id,))
    assert await prices.chosen(member_id=member_id) == (nested, "member")


async def test_a_private_charge_point_without_a_price_has_none_and_a_public_one_is_refused(prices: Prices) -> None:
    assert await prices.chosen() is None
    await prices.make_public()
    with pytest.raises(NoPrice):
        await prices.chosen()


async def test_a_group_counts_where_it_is_applied_connector_before_site_before_default(prices: Prices) -> None:
    await prices.make_public()
    default, of_site, of_connector = [await prices.group(price("kwh", str(number))) for number in (1, 2, 3)]
    site_id = await a_site(prices)
    assert await prices.chosen() == (default, "public")
    await prices.apply(of_site, site_ids=(site_id,))
    assert await prices.chosen() == (of_site, "public")
    await prices.apply(of_connector, connector_ids=(prices.connector_id,))
    assert await prices.chosen() == (of_connector, "public")
    await price_groups.delete_price_group(prices.database, of_connector, asked_by=prices.viewer, now=NOON)
    assert await prices.chosen() == (of_site, "public")


async def test_programs_hear_of_what_happens_to_a_group(prices: Prices) -> None:
    group_id = await prices.group(price("kwh", "1"))
    await prices.apply(group_id, connector_ids=(prices.connector_id,))
    await price_groups.delete_price_group(prices.database, group_id, asked_by=prices.viewer, now=NOON)
    told = [kind for kind in await prices.story.facts() if kind.startswith(("Price", "Connector"))]
    assert told == ["PriceGroupCreated", "PriceGroupChanged", "ConnectorChanged", "PriceGroupDeleted"]


async def test_cost_is_tracked_beside_and_can_be_taken_away(prices: Prices) -> None:
    cost, public = await prices.group(price("kwh", "0.2"), type_="cost"), await prices.group(price("kwh", "1"))
    another = await prices.group(price("kwh", "0.3"), type_="cost")
    await prices.apply(another, connector_ids=(prices.connector_id,))
    assert await cost_group(prices) == another
    await prices.apply(public, connector_ids=(prices.connector_id,), reset_cost=True)
    assert await cost_group(prices) == cost


async def test_terms_are_frozen_whatever_becomes_of_the_group(prices: Prices) -> None:
    group_id = await prices.group(price("kwh", "1"), maximum_minor=5000)
    before = await prices.terms(explicit_group_id=group_id)
    draft = prices.draft(price("kwh", "9"), price("starting", "5"))
    await price_groups.update_price_group(prices.database, group_id, draft, asked_by=prices.viewer, now=NOON)
    after = await prices.terms(explicit_group_id=group_id)
    assert before is not None
    assert after is not None
    assert (before.master.price, before.fees, before.maximum_minor) == (Decimal(1), (), 5000)
    assert (after.master.price, len(after.fees), after.maximum_minor) == (Decimal(9), 1, None)
    assert (after.currency, after.vat_percent, after.prices_include_vat) == ("eur", Decimal(25), True)


async def test_fees_count_while_they_are_valid_and_an_expired_price_is_refused(prices: Prices) -> None:
    christmas = price("starting", "5", valid_from=datetime(2026, 12, 24, tzinfo=UTC))
    group_id = await prices.group(price("kwh", "1"), christmas)
    now, then = [
        await prices.terms(explicit_group_id=group_id, at=at) for at in (NOON, datetime(2026, 12, 25, tzinfo=UTC))
    ]
    assert now is not None
    assert then is not None
    assert (len(now.fees), len(then.fees)) == (0, 1)
    over = await prices.group(price("kwh", "1", valid_to=NOON))
    with pytest.raises(NotReady, match="not valid now"):
        await prices.terms(explicit_group_id=over)


async def test_history_tells_who_changed_what_and_when(prices: Prices) -> None:
    group_id = await prices.group(price("kwh", "1"))
    await price_groups.update_price_group(
        prices.database, group_id, prices.draft(price("kwh", "2")), asked_by=prices.viewer, now=NOON
    )
    async with prices.database.read() as connection:
        updated, created = await price_changes(connection, "price-group", group_id, viewer=prices.viewer)
    assert (created.deed, created.was, created.who) == ("create", None, "Operations manager")
    was, became = updated.was["prices"][0], updated.became["prices"][0]
    assert (Decimal(was["price"]), Decimal(became["price"])) == (Decimal(1), Decimal(2))
    assert updated.at == NOON


async def test_prices_can_be_tried_before_they_are_saved(prices: Prices) -> None:
    draft = prices.draft(price("kwh", "2.95"), price("starting", "5"), price("idle", "1", after_minutes=15))
    example = Example(begins_at=NOON, energy_wh=20_000, charging=timedelta(hours=2), idle=timedelta(minutes=25))
    async with prices.database.read() as connection:
        priced = await example_of(connection, draft, example, asked_by=prices.viewer)
        assert priced.total_minor == 5900 + 500 + 1000  # 20 × 2.95, the start fee, and 25 − 15 minutes
        for_all = replace(draft, team_id=None, currency="eur")
        assert await example_of(connection, for_all, example, asked_by=prices.viewer) == priced
        with pytest.raises(Unknown):
            await example_of(connection, replace(draft, team_id=0), example, asked_by=prices.viewer)
    assert await prices.story.rows("select * from price_group") == []


async def test_strangers_can_neither_use_nor_change_a_group(prices: Prices) -> None:
    operator_id, team_id = await add_operator(prices.database, "NEXT")
    stranger = Viewer(name="Stranger", operator_id=operator_id, operator_ids=(operator_id,))
    group_id = await prices.group(price("kwh", "1"))
    with pytest.raises(Unknown):
        await price_groups.set_default(prices.database, group_id, asked_by=stranger, now=NOON)
    theirs = await price_groups.create_price_group(
        prices.database, replace(prices.draft(price("kwh", "0")), team_id=team_id), asked_by=stranger, now=NOON
    )
    with pytest.raises(Unknown, match="price group"):
        await prices.terms(explicit_group_id=theirs)
    with pytest.raises(Unknown, match="charge point"):
        await apply_price_group(
            prices.database, theirs, Application(connector_ids=(prices.connector_id,)), asked_by=stranger, now=NOON
        )


async def test_an_operators_group_is_there_for_all_its_teams(prices: Prices) -> None:
    await prices.make_public()
    for_all = await prices.group(price("kwh", "1"), team_id=None, currency="eur")
    assert await prices.chosen() == (for_all, "public")
    own = await prices.group(price("kwh", "2"))
    assert await prices.chosen() == (own, "public")
    limited = replace(prices.viewer, team_ids=(prices.story.team_id,))
    with pytest.raises(Unknown):
        await price_groups.set_default(prices.database, for_all, asked_by=limited, now=NOON)


@pytest.mark.parametrize(
    ("master", "fees", "field"),
    [
        (price("idle", "1"), (), "masterPrice.type"),
        (price("kwh", "1"), (price("kwh", "1"),), "fees[0].type"),
        (price("tariff", "1"), (), "masterPrice.tariffId"),
        (price("spot", "1", tariff_id=1), (), "masterPrice.tariffId"),
        (price("kwh", "-1"), (), "masterPrice.price"),
        (price("kwh", "NaN"), (), "masterPrice.price"),
        (price("kwh", "1e30"), (), "masterPrice.price"),
        (price("kwh", "0.0000001"), (), "masterPrice.price"),
        (price("spot", "1", price_min="2", price_max="1"), (), "masterPrice.priceMin"),
        (price("spot", "1", percentage="0"), (), "masterPrice.percentage"),
        (price("kwh", "1"), (price("idle", "1", after_minutes=-1),), "fees[0].applyAfterMinutes"),
        (price("kwh", "1", valid_from=NOON, valid_to=NOON), (), "masterPrice.to"),
    ],
)
async def test_prices_that_cannot_be_meant_are_refused(prices: Prices, master: Any, fees: Any, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        await prices.group(master, *fees)
    assert refused.value.field == field


@pytest.mark.parametrize(
    "bounds", [{"minimum_minor": -1}, {"maximum_minor": 0}, {"minimum_minor": 5, "maximum_minor": 4}]
)
async def test_bounds_that_cannot_both_hold_are_refused(prices: Prices, bounds: Any) -> None:
    with pytest.raises(Invalid):
        await prices.group(price("kwh", "1"), **bounds)


async def test_a_tariff_must_be_active_and_in_the_money_of_the_group(prices: Prices) -> None:
    tariff_id = await prices.tariff(*WHOLE_WEEK)
    await prices.story.rows("update team set currency = 'dkk' returning id")
    with pytest.raises(Invalid, match="the tariff is in eur, the price group in dkk"):
        await prices.group(price("tariff", "0", tariff_id=tariff_id))
    await tariffs.update_tariff(prices.database, tariff_id, {"active": False}, asked_by=prices.viewer, now=NOON)
    with pytest.raises(Invalid, match="not active"):
        await prices.group(price("tariff", "0", tariff_id=tariff_id))


async def test_the_law_is_kept_when_prices_are_saved_applied_and_made_the_default(prices: Prices) -> None:
    await prices.make_public(max_power_w=150_000, active_at=NOON)
    plain = await prices.group(price("kwh", "1"), price("idle", "0.2"))
    with pytest.raises(PriceNotAllowed, match="A start fee"):
        await price_groups.update_price_group(
            prices.database, plain, prices.draft(price("kwh", "1"), price("starting", "1")), asked_by=prices.viewer,
            now=NOON,
        )  # fmt: skip
    with_start_fee = await prices.group(price("kwh", "1"), price("starting", "1"))
    with pytest.raises(PriceNotAllowed):
        await prices.apply(with_start_fee, connector_ids=(prices.connector_id,))
    with pytest.raises(PriceNotAllowed):
        await price_groups.set_default(prices.database, with_start_fee, asked_by=prices.viewer, now=NOON)
    assert await prices.chosen() == (plain, "public")


async def test_a_tariff_counts_hour_by_hour_once_it_is_published(prices: Prices) -> None:
    tariff_id = await prices.tariff(*WHOLE_WEEK)
    group_id = await prices.group(price("tariff", "0", tariff_id=tariff_id))
    with pytest.raises(TariffNotPublished, match="no prices for the next 24 hours"):
        await prices.terms(explicit_group_id=group_id)
    await prices.publish(tariff_id)
    terms = await prices.terms(explicit_group_id=group_id)
    assert terms is not None
    (hours,) = terms.tariffs
    # Noon UTC is one o'clock in Denmark in November: the dear part of the day has just begun.
    assert hours.steps[0] == TariffStep(NOON, Decimal("0.30"))
    assert hours.steps[1] == TariffStep(NOON + timedelta(hours=11), Decimal("0.10"))


async def test_changing_periods_changes_no_price_before_prices_are_created_again(prices: Prices) -> None:
    tariff_id = await prices.tariff(*WHOLE_WEEK)
    group_id = await prices.group(price("tariff", "0", tariff_id=tariff_id))
    await prices.publish(tariff_id)
    dear = (await prices.story.rows("select id from tariff_recurring_period order by id desc limit 1"))[0]["id"]
    await tariff_periods.patch_period(
        prices.database, dear, {"price": Decimal("0.90")}, asked_by=prices.viewer, now=NOON
    )
    assert await first_step(prices, group_id) == Decimal("0.30")
    await prices.publish(tariff_id)
    assert await first_step(prices, group_id) == Decimal("0.90")


async def test_a_tariff_with_a_hole_is_not_published_and_overlap_is_refused(prices: Prices) -> None:
    tariff_id = await prices.tariff(WHOLE_WEEK[0])
    with pytest.raises(TariffHasHole, match="at 13:00 local time"):
        await prices.publish(tariff_id)
    assert await prices.story.rows("select * from tariff_price") == []
    group = (await prices.story.rows("select id from tariff_period_group"))[0]["id"]
    across = RecurringPeriod(Weekday.SUNDAY, Weekday.SUNDAY, 12, 14, Decimal(1))
    with pytest.raises(Invalid, match="overlaps another period of the tariff on Sunday at 12:00"):
        await tariff_periods.create_period(prices.database, tariff_id, group, across, asked_by=prices.viewer, now=NOON)
    assert len(await prices.story.rows("select * from tariff_recurring_period")) == 1


async def test_where_published_hours_end_the_fallback_goes_on(prices: Prices) -> None:
    tariff_id = await prices.tariff(*WHOLE_WEEK)
    await prices.publish(tariff_id, days=0)
    without, having = [await prices.group(price("kwh", fallback, tariff_id=tariff_id)) for fallback in ("0", "0.5")]
    with pytest.raises(TariffNotPublished):
        await prices.terms(explicit_group_id=without)
    terms = await prices.terms(explicit_group_id=having)
    assert terms is not None
    assert terms.tariffs[0].steps[-1] == TariffStep(NOON + timedelta(hours=11), Decimal("0.5"))


async def test_a_tariff_without_vat_gets_it_where_prices_have_it(prices: Prices) -> None:
    tariff_id = await prices.tariff(*WHOLE_WEEK)
    await tariffs.update_tariff(
        prices.database, tariff_id, {"prices_with_vat": False}, asked_by=prices.viewer, now=NOON
    )
    await prices.publish(tariff_id)
    assert await first_step(prices, await prices.group(price("tariff", "0", tariff_id=tariff_id))) == Decimal("0.375")


async def test_spot_prices_of_the_place_are_found_and_a_past_price_stays_as_it_was(prices: Prices) -> None:
    group_id = await prices.group(price("spot", "0", add_vat=True))
    with pytest.raises(SpotPriceUnknown):
        await prices.terms(explicit_group_id=group_id)
    text = "time;price\n2026-11-20T11:00:00Z;0,10\n2026-11-20T12:00:00Z;0,20\n2026-11-20T13:00:00Z;0,30\n"
    imported = await prices.import_spot(text)
    assert imported == spot_prices.Imported(written=12, kept=0)
    again = await prices.import_spot(text.replace(";0,", ";1,"))
    assert again.kept == 5  # the hour that is over, and the quarter that has begun
    terms = await prices.terms(explicit_group_id=group_id)
    assert terms is not None
    async with prices.database.read() as connection:
        spot = await spot_for(connection, terms, NOON, NOON + timedelta(hours=1))
    assert spot.latest(NOON) == Decimal("0.20")
    assert spot.at(NOON + timedelta(hours=1), timedelta(hours=1)) == Decimal("1.30")


async def test_sales_tax_comes_on_top_where_no_vat_comes_by_itself(prices: Prices) -> None:
    new = tax_rates.NewTaxRate(country_id=await country(prices, "US"), name="State", percent=Decimal("7.25"))
    rate = await tax_rates.create_tax_rate(prices.database, new, asked_by=prices.viewer, now=NOON)
    with pytest.raises(Invalid, match="has VAT"):
        await tax_rates.create_tax_rate(
            prices.database, replace(new, country_id=DENMARK), asked_by=prices.viewer, now=NOON
        )
    group_id = await prices.group(price("kwh", "1"), tax_rate_ids=(rate,))
    await prices.story.rows("update team set country_id = $1 returning id", new.country_id)
    terms = await prices.terms(explicit_group_id=group_id)
    assert terms is not None
    assert (terms.vat_percent, terms.prices_include_vat, terms.country) == (Decimal("7.25"), False, "US")
    await tax_rates.delete_tax_rate(prices.database, rate, asked_by=prices.viewer, now=NOON)
    without = await prices.terms(explicit_group_id=group_id)
    assert without is not None
    assert without.vat_percent == 0


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "has no prices"),
        ("time;price\n", "has no prices"),
        ("2026-11-20T12:00:00Z;cheap", "line 1 is not a time and a price"),
        ("2026-11-20T12:00:00Z", "line 1 is not a time and a price"),
        ("2026-11-20T12:00:00;0,1", "must have an offset"),
        ("2026-11-20T12:07:00Z;0,1", "begin a quarter"),
        ("2026-11-20T12:00:00Z;9999999", "Is it per MWh"),
        ("2026-11-20T12:00:00Z;NaN", "no price of a kWh"),
        ("2026-11-20T12:00:00Z;1\n2026-11-20T13:00:00+01:00;2", "two prices for one time"),
    ],
)
def test_a_file_of_spot_prices_that_is_odd_is_refused_by_the_line(text: str, problem: str) -> None:
    with pytest.raises(Invalid, match=problem):
        read_spot_file(text)


def test_files_come_per_hour_or_quarter_per_kwh_or_mwh() -> None:
    quarters = read_spot_file("t,p\n2026-11-20T12:00:00Z,100\n2026-11-20T12:15:00Z,-50.5\n", per_mwh=True)
    assert [str(one.price) for one in quarters] == ["0.100000", "-0.050500"]
    assert len(read_spot_file("2026-11-20T12:00:00+01:00,0.1\n2026-11-20T13:00:00+01:00,0.2")) == 8


async def defaults(prices: Prices) -> set[int]:
    return {row["id"] for row in await prices.story.rows("select id from price_group where is_default")}


async def cost_group(prices: Prices) -> int:
    async with prices.database.begin() as tx:
        terms = await cost_terms_for(tx, prices.connector_id, now=NOON)
    assert terms is not None
    return terms.price_group_id


async def first_step(prices: Prices, group_id: int) -> Decimal:
    terms = await prices.terms(explicit_group_id=group_id)
    assert terms is not None
    return terms.tariffs[0].steps[0].price


async def a_member(prices: Prices) -> int:
    database: Database = prices.database
    user_id = await create_user(
        database, NewUser(operator_id=prices.viewer.operator_id, email="driver@example.com", display_name="Driver"),
        password="long enough", now=NOON,
    )  # fmt: skip
    new = NewMember(team_id=prices.story.team_id, user_id=user_id)
    return await add_member(database, new, asked_by=prices.viewer, now=NOON)


async def a_site(prices: Prices) -> int:
    row = await prices.story.rows(
        """insert into site (operator_id, team_id, name, country_id, created_at, updated_at)
           values ($1, $2, 'Harbour', $3, $4, $4) returning id""",
        prices.viewer.operator_id, prices.story.team_id, DENMARK, NOON,
    )  # fmt: skip
    site_id: int = row[0]["id"]
    await prices.story.rows("update connector set site_id = $1 returning id", site_id)
    return site_id


async def country(prices: Prices, code: str) -> int:
    found: int = (await prices.story.rows("select id from country where alpha2_code = $1", code))[0]["id"]
    return found
