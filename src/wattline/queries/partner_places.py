"""Columns that several questions of the Partner API share."""

# Needs: a site as `s` and its country as `y` (both may be missing).
ADDRESS = """
  s.address1, s.address2, s.address3, s.zip_code, s.city, s.province, y.name as country_name, s.country_area_id
"""

# Needs besides: a connector as `k`, which may stand somewhere else than its site's pin.
LOCATION = f"""
  coalesce(k.latitude, s.latitude) as latitude, coalesce(k.longitude, s.longitude) as longitude, {ADDRESS}
"""

# Needs: an operator as `o`.
OPERATOR = "o.name as operator_name, o.identifier as operator_identifier, o.vat_number as operator_vat_number"


def distance_from(place: tuple[float, float], latitude: str, longitude: str) -> str:
    """Write the expression that orders by distance from a place, things without a place last.

    Degrees of longitude shrink towards the poles; flat geometry is exact enough to say what is nearest.
    """
    north, east = place
    return f"({latitude} - ({north!r})) ^ 2 + (({longitude} - ({east!r})) * cos(radians({north!r}))) ^ 2 nulls last"
