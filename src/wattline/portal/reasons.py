"""Why charges stop and who starts them, in plain words."""

# OCPP 1.6, 7.36 Reason, and our own reasons beside them.
STOP_WORDS = {
    "EmergencyStop": "somebody pressed the emergency stop",
    "EVDisconnected": "the cable was pulled at the car",
    "HardReset": "the charge point was restarted at once",
    "Local": "somebody stopped it at the charge point",
    "Other": "the charge point gave no reason",
    "PowerLoss": "the charge point lost its power",
    "Reboot": "the charge point restarted",
    "Remote": "it was stopped from afar",
    "SoftReset": "the charge point was restarted",
    "UnlockCommand": "the connector was unlocked from afar",
    "DeAuthorized": "the charge key was not accepted",
    "StoppedByUser": "the driver ended it",
    "api": "a partner’s program stopped it",
    "portal": "it was stopped from the Portal",
    "force-stop": "it was force stopped",
    "kwh-limit": "its energy limit was reached",
    "soc-limit": "its battery limit was reached",
    "price-limit": "its price limit was reached",
    "pay-page": "the driver ended it on the pay page",
    "card-hold-lost": "the card’s bank no longer holds the money for it",
    "card-hold-ends": "the card’s bank holds money for a week only",
    "no-sign-of-life": "nothing was heard of it for too long",
    "another-charge-began": "another charge began on the same connector",
    "reservation-expired": "nobody came while the connector was kept",
}

SOURCE_WORDS = {
    "server-api": "a partner’s program",
    "portal": "the Portal",
    "pay-page": "the pay page, with a card",
    "cpi-auth-token": "a charge key",
    "vehicle-vid": "the car itself",
}


def plain_reason(reason: str | None) -> str:
    """Take the prefix off that marks a reason as the charge point's own (domain/stop_reasons.py)."""
    return (reason or "").removeprefix("ChargePoint")


def stop_words(reason: str | None) -> str:
    """Say why a charge stopped; a reason nobody knows is shown as it came."""
    plain = plain_reason(reason)
    return STOP_WORDS.get(plain, plain)


def source_words(source: str) -> str:
    """Say who started a charge."""
    return SOURCE_WORDS.get(source, source)
