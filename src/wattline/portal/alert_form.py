"""The form of an alert group: what somebody filled in as rules, and rules as what stands in the form."""

from datetime import time
from typing import Any

from wattline.domain.alerts import AlertRules
from wattline.domain.refusals import Invalid
from wattline.operations.alert_groups import NewAlertGroup, read_emails
from wattline.portal.forms import Form


def group_of(form: Form, *, team_id: int | None) -> NewAlertGroup:
    """Read the form. Raises Invalid."""
    rules = AlertRules(
        disconnected_minutes=_number(form, "disconnected", "disconnected_minutes"),
        faulted_minutes=_number(form, "faulted", "faulted_minutes"),
        success_below_percent=_number(form, "success", "success_below_percent"),
        no_energy=form["no_energy"] == "yes",
        quiet_from=_time(form, "quiet_from"),
        quiet_until=_time(form, "quiet_until"),
        time_zone=form["time_zone"] or "UTC",
    )
    return NewAlertGroup(
        team_id=team_id,
        name=form["name"],
        emails=read_emails(form["emails"]),
        webhook_url=form["webhook_url"] or None,
        site_ids=form.numbers("sites"),
        rules=rules,
    )


def form_of(group: Any) -> Form:
    """Write a group into the form."""
    texts = {
        "name": group["name"],
        "emails": ", ".join(group["emails"]),
        "webhook_url": group["webhook_url"] or "",
        "no_energy": "yes" if group["no_energy"] else "",
        "time_zone": group["time_zone"],
    }
    for switch, field in (
        ("disconnected", "disconnected_minutes"),
        ("faulted", "faulted_minutes"),
        ("success", "success_below_percent"),
    ):
        texts |= {
            switch: "" if group[field] is None else "yes",
            field: "" if group[field] is None else str(group[field]),
        }
    for field in ("quiet_from", "quiet_until"):
        texts[field] = group[field].strftime("%H:%M") if group[field] else ""
    return Form(texts, {"sites": [str(site) for site in group["site_ids"]]})


def _number(form: Form, switch: str, field: str) -> int | None:
    if form[switch] != "yes":
        return None
    value = form.number(field)
    if value is None:
        raise Invalid(field, "must be a whole number.")
    return value


def _time(form: Form, field: str) -> time | None:
    if not form[field]:
        return None
    try:
        return time.fromisoformat(form[field]).replace(tzinfo=None)
    except ValueError:
        raise Invalid(field, "must be a time, such as 22:00.") from None
