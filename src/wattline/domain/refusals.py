"""Every way we say no. A refusal knows nothing of HTTP or OCPP: each door says it in its own language."""


class Refusal(Exception):
    """We understood, and the answer is no. `str()` says what happened and what to do, in an owner's words."""

    code = "REFUSED"


class NotAllowed(Refusal):
    """The caller's rights do not reach this far."""

    code = "ACCESS_FORBIDDEN"

    def __init__(self, *, needed: str) -> None:
        super().__init__(f"This needs the right {needed}. Ask whoever manages your account to add it.")
        self.needed = needed


class Unknown(Refusal):
    """No such thing for this viewer; somebody else's thing reads the same."""

    code = "RESOURCE_NOT_FOUND"

    def __init__(self, what: str, which: object) -> None:
        super().__init__(f"There is no {what} {which} here. Check the number, and that it belongs to your operator.")
        self.what, self.which = what, which


class Invalid(Refusal):
    """A value that cannot be meant. `field` names it, camelCase as the caller wrote it."""

    code = "BAD_REQUEST"

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field, self.problem = field, problem


class ConnectorBusy(Refusal):
    """A charge is running or starting there already."""

    code = "CHARGE_POINT_BUSY"

    def __init__(self, charge_id: int) -> None:
        super().__init__("Another charge is using this charge point. Wait until it ends, or stop it first.")
        self.charge_id = charge_id


class NoContact(Refusal):
    """The charge point has no connection to us, so it cannot be asked for anything."""

    code = "CHARGE_POINT_DISCONNECTED"

    def __init__(self) -> None:
        super().__init__(
            "The charge point is disconnected. Cut its power, wait a minute, and give it five minutes to come back."
        )


class NotReady(Refusal):
    """The charge point or charge is in a state in which this cannot work."""

    code = "NOT_POSSIBLE_NOW"


class NotConnectedToHardware(Refusal):
    """The charge point was created but never bound to an identity."""

    code = "CHARGE_POINT_NOT_INTEGRATED"

    def __init__(self) -> None:
        super().__init__("No hardware belongs to this charge point yet. Finish its integration first.")


class NothingPluggedIn(Refusal):
    """The Portal starts a charge only when a car is plugged in."""

    code = "NO_CAR_PLUGGED_IN"

    def __init__(self) -> None:
        super().__init__("No car is plugged in. Plug the cable into the car, then start again.")


class TeamFrozen(Refusal):
    """A frozen team neither charges nor pays."""

    code = "TEAM_FROZEN"

    def __init__(self, reason: str | None) -> None:
        super().__init__(f"The paying team is frozen{f': {reason}' if reason else ''}. Unfreeze it to charge again.")


class IllegalMove(Refusal):
    """The charge's life has no such move from where it is; nothing was changed."""

    code = "ILLEGAL_MOVE"

    def __init__(self, state: str, event: str) -> None:
        super().__init__(f"A charge that is {state} cannot take this step ({event}).")
        self.state, self.event = state, event


class AlreadyTaken(Refusal):
    """A value that must be unique is in use."""

    code = "ALREADY_IN_USE"


class WrongCredentials(Refusal):
    """No API key has this client id and secret."""

    code = "CONSUMER_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("No API key has this client id and client secret. Copy both again, or make a new key.")


class TokenRefused(Refusal):
    """A token that is unknown, expired, spent or revoked."""

    code = "INVALID_ACCESS_TOKEN"

    def __init__(self) -> None:
        super().__init__("The token is not valid, or no longer. Get a new one with POST /auth/token.")
