"""The configuration keys of a charge point: every one of OCPP 1.6's and of its security extension."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from wattline.emulator.measurands import read_measurands

Rule = Callable[[str], bool]


class Change(StrEnum):
    """How an attempt to change a key ended."""

    ACCEPTED = "Accepted"
    REJECTED = "Rejected"
    REBOOT_REQUIRED = "RebootRequired"
    NOT_SUPPORTED = "NotSupported"


def _truth(value: str) -> bool:
    return value.lower() in {"true", "false"}


def _count(value: str) -> bool:
    return value.isascii() and value.isdigit() and int(value) < 2**31


def _percent(value: str) -> bool:
    return _count(value) and int(value) <= 100


def _text(value: str) -> bool:
    return True


def _measurands(value: str) -> bool:
    wanted = read_measurands(value)
    return wanted is not None and len(wanted) <= MEASURANDS_MAX


def _hex_key(value: str) -> bool:
    # Security whitepaper, table 2: 16 to 20 bytes, written as hexadecimal digits.
    return 32 <= len(value) <= 40 and len(value) % 2 == 0 and all(digit in "0123456789abcdefABCDEF" for digit in value)


@dataclass(frozen=True, slots=True)
class Key:
    """One key: what it is at first, which values it takes, and who may read or write it."""

    first: str
    rule: Rule
    is_readonly: bool = False
    is_secret: bool = False
    needs_reboot: bool = False


def _fixed(value: str) -> Key:
    return Key(value, _text, is_readonly=True)


MEASURANDS_MAX = 11
PROFILES_MAX = 20
PERIODS_MAX = 48
STACK_LEVEL_MAX = 9
LOCAL_LIST_MAX = 2000
SEND_LOCAL_LIST_MAX = 500
# A bound on one GetConfiguration question; asking for nothing still gives everything.
KEYS_PER_QUESTION_MAX = 60

SAMPLED = "Energy.Active.Import.Register,Power.Active.Import,Current.Import,Voltage,SoC"
PROFILES = "Core,FirmwareManagement,LocalAuthListManagement,Reservation,SmartCharging,RemoteTrigger"

KEYS: Mapping[str, Key] = {
    # Core profile
    "AllowOfflineTxForUnknownId": Key("false", _truth),
    "AuthorizationCacheEnabled": Key("true", _truth),
    "AuthorizeRemoteTxRequests": Key("false", _truth),
    "BlinkRepeat": Key("3", _count),
    "ClockAlignedDataInterval": Key("0", _count),
    "ConnectionTimeOut": Key("120", _count),
    "ConnectorPhaseRotation": Key("NotApplicable", _text),
    "ConnectorPhaseRotationMaxLength": _fixed("16"),
    "GetConfigurationMaxKeys": _fixed(str(KEYS_PER_QUESTION_MAX)),
    "HeartbeatInterval": Key("300", _count),
    "LightIntensity": Key("80", _percent),
    "LocalAuthorizeOffline": Key("true", _truth),
    "LocalPreAuthorize": Key("false", _truth),
    "MaxEnergyOnInvalidId": Key("0", _count),
    "MeterValuesAlignedData": Key("Energy.Active.Import.Register", _measurands),
    "MeterValuesAlignedDataMaxLength": _fixed(str(MEASURANDS_MAX)),
    "MeterValuesSampledData": Key(SAMPLED, _measurands),
    "MeterValuesSampledDataMaxLength": _fixed(str(MEASURANDS_MAX)),
    "MeterValueSampleInterval": Key("60", _count),
    "MinimumStatusDuration": Key("0", _count),
    "NumberOfConnectors": _fixed("1"),
    "ResetRetries": Key("3", _count),
    "StopTransactionOnEVSideDisconnect": Key("true", _truth),
    "StopTransactionOnInvalidId": Key("true", _truth),
    "StopTxnAlignedData": Key("", _measurands),
    "StopTxnAlignedDataMaxLength": _fixed(str(MEASURANDS_MAX)),
    "StopTxnSampledData": Key("", _measurands),
    "StopTxnSampledDataMaxLength": _fixed(str(MEASURANDS_MAX)),
    "SupportedFeatureProfiles": _fixed(PROFILES),
    "SupportedFeatureProfilesMaxLength": _fixed("6"),
    "TransactionMessageAttempts": Key("3", _count),
    "TransactionMessageRetryInterval": Key("10", _count),
    "UnlockConnectorOnEVSideDisconnect": Key("true", _truth),
    "WebSocketPingInterval": Key("60", _count),
    # Local authorisation list, reservation, smart charging, firmware
    "LocalAuthListEnabled": Key("true", _truth),
    "LocalAuthListMaxLength": _fixed(str(LOCAL_LIST_MAX)),
    "SendLocalListMaxLength": _fixed(str(SEND_LOCAL_LIST_MAX)),
    "ReserveConnectorZeroSupported": _fixed("true"),
    "ChargeProfileMaxStackLevel": _fixed(str(STACK_LEVEL_MAX)),
    "ChargingScheduleAllowedChargingRateUnit": _fixed("Current,Power"),
    "ChargingScheduleMaxPeriods": _fixed(str(PERIODS_MAX)),
    "ConnectorSwitch3to1PhaseSupported": _fixed("true"),
    "MaxChargingProfilesInstalled": _fixed(str(PROFILES_MAX)),
    "SupportedFileTransferProtocols": _fixed("HTTP,HTTPS,FTP,FTPS"),
    # Security extension
    "AdditionalRootCertificateCheck": _fixed("false"),
    "AuthorizationKey": Key("", _hex_key, is_secret=True),
    "CertificateSignedMaxChainSize": _fixed("10000"),
    "CertificateStoreMaxLength": _fixed("20"),
    "CpoName": Key("Wattline", _text),
    "SecurityProfile": Key("1", lambda value: value in {"0", "1", "2", "3"}, needs_reboot=True),
    # Free vend: charge whoever plugs in, under this key
    "FreeVendEnabled": Key("false", _truth),
    "FreeVendIdTag": Key("FFFFFFFF", _text),
}
SPELLINGS = {name.lower(): name for name in KEYS}


class Configuration:
    """The values of one charge point. Only what differs from the factory's values takes memory."""

    __slots__ = ("changed",)

    def __init__(self, changed: Mapping[str, str] | None = None) -> None:
        self.changed: dict[str, str] = dict(changed or {})

    def text(self, name: str) -> str:
        """The value of a key as it is written."""
        return self.changed.get(name, KEYS[name].first)

    def number(self, name: str) -> int:
        """The value of a key that counts something."""
        return int(self.text(name))

    def is_on(self, name: str) -> bool:
        """The value of a key that is a switch."""
        return self.text(name).lower() == "true"

    def set(self, name: str, value: str) -> None:
        """Set a key as the factory or the installer would, whoever may write it from afar."""
        self.changed[name] = value

    def change(self, name: str, value: str) -> Change:
        """Change a key as the central system asks; names are matched in any case (OCPP 1.6 section 7.8)."""
        spelling = SPELLINGS.get(name.lower())
        if spelling is None:
            return Change.NOT_SUPPORTED
        key = KEYS[spelling]
        if key.is_readonly or not key.rule(value):
            return Change.REJECTED
        self.changed[spelling] = value
        return Change.REBOOT_REQUIRED if key.needs_reboot else Change.ACCEPTED
