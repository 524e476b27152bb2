"""What the description of the API says in words."""

from http import HTTPStatus

ABOUT = """
Programs of partners see and steer an operator's charge points with this API.

* **Tokens.** `POST /auth/token` with an API key's id and secret gives an access token, good for an hour. Send it as
  `Authorization: Bearer …`. `POST /auth/refresh` gives the next pair.
* **Scopes** are `entity:permission`; `write` includes `read`, `delete` includes both, `all:…` is every entity.
* **Lists** have pages from 0; one past the end is empty. `partnerExternalId` without a value finds what has none.
* **Limits.** Every answer tells in `RateLimit-…` headers how many requests are left in the running block of time; after
  the last one comes 429 with `Retry-After`.
* **Versions.** The header `Monta-Version` may be sent; there is one version.
"""

# Which errors an operation may answer with, when.
ERRORS = {
    HTTPStatus.BAD_REQUEST: ("BAD_REQUEST", "payingTeamId: must be a whole number, not text."),
    HTTPStatus.UNAUTHORIZED: ("INVALID_ACCESS_TOKEN", "The token is not valid, or no longer."),
    HTTPStatus.FORBIDDEN: ("ACCESS_FORBIDDEN", "This needs the right charge-points:write."),
    HTTPStatus.NOT_FOUND: ("RESOURCE_NOT_FOUND", "There is no charge point 12 here."),
    HTTPStatus.TOO_MANY_REQUESTS: ("TOO_MANY_REQUESTS", "The limit of requests is reached. Try again in 120 s."),
}

LIMIT_HEADERS = {
    "RateLimit-Policy": "Quota",
    "RateLimit-Quota": "Requests in a block of time.",
    "RateLimit-TimeWindow": "How many seconds a block lasts.",
    "RateLimit-Remaining": "Requests that are left in this block.",
    "RateLimit-ResetsIn": "Seconds until the next block.",
}
