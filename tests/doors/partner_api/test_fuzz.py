"""Whatever programs send, the answer is one that the description promises, and never our own mistake."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.doors.partner_api.description import must_conform
from tests.doors.partner_api.samples import Samples, samples_of
from tests.doors.partner_api.story import Program, Stage
from wattline.partner_api.app import ROUTES
from wattline.partner_api.routing import Route

# A box would have to answer these; test_hardware.py has one.
FUZZED = [route for route in ROUTES if route.group != "Hardware"]

ODD_TEXTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["", "0", "-1", "9" * 25, "1e9", "null", "true", "\x00", "%00", "'", "2026-13-01T00:00:00Z", "4,2"]
    ),
)
ANY_JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**70), 2**70),
        st.floats(allow_nan=False, allow_infinity=False),
        ODD_TEXTS,
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=8,
)


@pytest.fixture
async def samples(stage: Stage) -> Samples:
    """Requests that make sense, to be spoilt."""
    return await samples_of(stage, stage.ours)


@settings(
    max_examples=600,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
async def test_spoilt_requests_are_answered_as_described(
    stage: Stage, partner: Program, samples: Samples, data: st.DataObject
) -> None:
    route = data.draw(st.sampled_from(FUZZED))
    path = data.draw(spoilt_paths(route, samples))
    query = {**samples.query(route), **data.draw(spoilt_queries(route))}
    body = samples.body(route)
    parts = {} if body is None else {"json": data.draw(spoilt(body))}
    stage.clock.after(seconds=2)
    await partner.log_in()
    answer = await partner.http.request(route.method, path, params=query, **parts)
    assert answer.status_code < 500, answer.text
    if answer.status_code not in (404, 405, 429):
        content = answer.json() if answer.content else None
        must_conform(route.method, samples.path(route), answer.status_code, content)


def spoilt_paths(route: Route, samples: Samples) -> st.SearchStrategy[str]:
    """The right path, or one whose id is odd."""
    right = samples.path(route)
    if "{" not in route.path:
        return st.just(right)
    odd = st.sampled_from(["0", "-1", "abc", "9" * 19, "9" * 40, "%20", "1%2F2", "٣", "1.5"])
    return st.one_of(st.just(right), odd.map(lambda text: route.path.replace("{", f"{text}{{").split("{")[0]))


def spoilt_queries(route: Route) -> st.SearchStrategy[dict[str, str]]:
    """Filters of the route with odd values, and some it does not have."""
    known: list[str] = [] if route.query is None else list(route.query.__struct_encode_fields__)
    return st.dictionaries(st.sampled_from([*known, "unknown"]), ODD_TEXTS, max_size=3)


def spoilt(body: Any) -> st.SearchStrategy[Any]:
    """The right body, with one field left out or with something odd in it, or something else altogether."""
    if not isinstance(body, Mapping):
        return ANY_JSON
    names = st.sampled_from(sorted(body)) if body else st.text(max_size=5)
    without = names.map(lambda name: {key: value for key, value in body.items() if key != name})
    odd = names.flatmap(lambda name: spoilt(body.get(name)).map(lambda value: {**body, name: value}))
    return st.one_of(st.just(dict(body)), without, odd, odd, ANY_JSON)
