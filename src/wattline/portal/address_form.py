"""The fields of an address, in forms of sites and teams."""

from wattline.domain.place import Address
from wattline.domain.refusals import Invalid
from wattline.portal.forms import Form


def address_of(form: Form) -> Address | None:
    """Read the address; None when nothing was filled in. Raises Invalid naming the field that is missing."""
    if not any(form[field] for field in ("address1", "zip_code", "city")):
        return None
    for field in ("address1", "zip_code", "city"):
        if not form[field]:
            raise Invalid(field, "is missing.")
    country_id = form.number("country")
    if country_id is None:
        raise Invalid("country", "choose one.")
    return Address(address1=form["address1"], zip_code=form["zip_code"], city=form["city"], country_id=country_id)
