"""Examples of bodies and answers, made of their schemas, so that each operation has one and none is out of date."""

from collections.abc import Mapping
from typing import Any

# What stands in fields of these names; every other field has something of its type.
VALUES: Mapping[str, object] = {
    "id": 100123,
    "humanReadableId": "0K49-QBST-PD5J7",
    "teamId": 4,
    "payingTeamId": 4,
    "operatorId": 1,
    "operatorIds": [],
    "teamIds": [],
    "siteId": 3,
    "chargePointId": 12,
    "chargePointModelId": 5,
    "userId": 2,
    "countryId": 194,
    "priceGroupId": None,
    "name": "Garage, left",
    "publicName": "Harbour charging",
    "displayName": "Operations manager",
    "evseId": "DK*WAT*E12",
    "serialNumber": "WL-0012",
    "chargePointIdentity": "WL-0012",
    "address1": "Havnegade 1",
    "zip": "8000",
    "zipCode": "8000",
    "city": "Aarhus",
    "country": "Denmark",
    "addressLabel": "Havnegade 1, 8000 Aarhus, Denmark",
    "latitude": 56.15,
    "longitude": 10.21,
    "state": "charging",
    "rawState": None,
    "startSource": "server-api",
    "consumedKwh": 7.42,
    "kwhLimit": 30.0,
    "startMeterKwh": 1204.33,
    "percentage": 54.0,
    "maxKw": 22.0,
    "maxKW": 22.0,
    "chargePointKw": 22.0,
    "visibility": "public",
    "currency": {"identifier": "dkk", "name": "Danish Krone", "decimals": 2},
    "partnerExternalId": "order-7719",
    "partnerCustomPayload": None,
    "provider": "terminal-maker",
    "externalId": "7719",
    "cardBrand": "visa",
    "cardLast4": "4242",
    "amount": 150.0,
    "identifier": "04A2B3C4D5E6F7",
    "accessToken": "8c5a0f6e-4f0e-4a7e-9a51-1d7b8f0f5a11",
    "refreshToken": "f0a3b7cf-1a0b-4a0e-8f2d-2f60b3f3a1d4",
    "clientId": "b1a6c0e2-7c1f-4a52-8d0e-6a7a1f0b9c3d",
    "clientSecret": "the secret that was shown once",
    "scopes": ["charge-points:read", "control-charging:write"],
    "rateLimit": 1000,
    "rateLimitIntervalInSeconds": 600,
    "webhookUrl": "https://partner.example/hooks",
    "webhookSecret": "at least sixteen characters",
    "eventTypes": ["charges", "charge-points"],
    "contactEmail": "operations@example.com",
    "financeEmail": "finance@example.com",
    "userEmail": "owner@example.com",
    "action": "GetConfiguration",
    "payload": {},
    "message": 'StatusNotification {"status":"Charging"}',
    "web": "https://charge.example/c/12",
    "app": "https://charge.example/c/12",
}

# Fields that are not set in most cases.
USUALLY_NULL = frozenset({
    "address2", "address3", "province", "vatNumber", "partnerId", "deletedAt", "failedAt", "timeoutAt", "stoppedAt",
    "releasedAt", "completedAt", "fullyChargedAt", "failureReason", "stopReason", "price", "cost", "averagePricePerKwh",
    "note", "blockedAt", "activeUntil", "error", "metadata", "teamMember", "sponsorTeam", "signedData", "vid",
})  # fmt: skip


def example_of(schema: Mapping[str, Any], components: Mapping[str, Any], name: str = "") -> object:
    """Make an example of a schema; `name` is the field it is for."""
    if name in USUALLY_NULL or ("default" in schema and schema["default"] is None and name not in VALUES):
        return None
    if name in VALUES and _suits(VALUES[name], schema, components):
        return VALUES[name]
    if "$ref" in schema:
        return example_of(_named(schema, components), components, name)
    if "anyOf" in schema:
        return example_of(schema["anyOf"][0], components, name)
    if "enum" in schema:
        return schema["enum"][0]
    return _of_type(schema, components, name)


def _of_type(schema: Mapping[str, Any], components: Mapping[str, Any], name: str) -> object:
    match schema.get("type"):
        case "object":
            fields = schema.get("properties", {})
            return {field: example_of(kind, components, field) for field, kind in fields.items()}
        case "array":
            return [example_of(schema["items"], components, name.removesuffix("s"))] if "items" in schema else []
        case "string" if schema.get("format") == "date-time":
            return "2026-11-20T12:00:00Z"
        case "string":
            return "text"
        case "integer":
            return 1
        case "number":
            return 1.5
        case "boolean":
            return True
    return None


def _suits(value: object, schema: Mapping[str, Any], components: Mapping[str, Any]) -> bool:
    """Tell whether a value is of a schema's type: fields of one name differ between shapes."""
    if "$ref" in schema:
        return _suits(value, _named(schema, components), components)
    if "anyOf" in schema:
        return any(_suits(value, part, components) for part in schema["anyOf"])
    if "enum" in schema:
        return value in list(schema["enum"])
    if isinstance(value, dict) and not value.keys() >= set(schema.get("required", ())):
        return False
    is_one: bool = schema.get("type", _type_of(value)) == _type_of(value)
    return is_one


def _type_of(value: object) -> str:
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return names.get(type(value), "null")


def _named(schema: Mapping[str, Any], components: Mapping[str, Any]) -> Mapping[str, Any]:
    named: Mapping[str, Any] = components[schema["$ref"].rpartition("/")[2]]
    return named
