"""The commands of the security extension: certificates, logs and signed firmware, accepted and played believably."""

from collections.abc import Callable
from hashlib import sha256, sha384, sha512
from typing import Any

from wattline.emulator.box import Box
from wattline.emulator.upkeep import is_busy, update_firmware, upload_log
from wattline.emulator.v16.triggers import trigger_extended
from wattline.wire.ocpp.times import parse_time

Payload = dict[str, Any]

PEM_BEGINS = "-----BEGIN CERTIFICATE-----"
HASHES = {"SHA256": sha256, "SHA384": sha384, "SHA512": sha512}


def _get_log(box: Box, payload: Payload) -> Payload:
    # A second request cancels the first one (security whitepaper, 4.6).
    status = "AcceptedCanceled" if is_busy(box) else "Accepted"
    return {"status": status, "filename": upload_log(box, payload["logType"], payload["requestId"])}


def _signed_update(box: Box, payload: Payload) -> Payload:
    firmware = payload["firmware"]
    if not _is_pem(firmware["signingCertificate"]):
        return {"status": "InvalidCertificate"}
    status = "AcceptedCanceled" if is_busy(box) else "Accepted"
    at = parse_time(firmware["retrieveDateTime"])
    update_firmware(box, firmware["location"], at.at if at else box.now, request_id=payload["requestId"])
    return {"status": status}


def _certificate_signed(box: Box, payload: Payload) -> Payload:
    return {"status": "Accepted" if _is_pem(payload["certificateChain"]) else "Rejected"}


def _install_certificate(box: Box, payload: Payload) -> Payload:
    certificate = payload["certificate"]
    full = len(box.certificates) >= box.keys.number("CertificateStoreMaxLength")
    if not _is_pem(certificate) or full:
        return {"status": "Rejected"}
    box.certificates[certificate] = payload["certificateType"]
    return {"status": "Accepted"}


def _delete_certificate(box: Box, payload: Payload) -> Payload:
    wanted = payload["certificateHashData"]
    for certificate in box.certificates:
        if _hash_data(certificate, wanted["hashAlgorithm"]) == wanted:
            del box.certificates[certificate]
            return {"status": "Accepted"}
    return {"status": "NotFound"}


def _installed_certificates(box: Box, payload: Payload) -> Payload:
    found = [text for text, kind in box.certificates.items() if kind == payload["certificateType"]]
    if not found:
        return {"status": "NotFound"}
    return {"status": "Accepted", "certificateHashData": [_hash_data(text, "SHA256") for text in found]}


def _hash_data(certificate: str, algorithm: str) -> Payload:
    # The true hashes are of fields inside the certificate; for a box that only keeps it, its text tells it apart.
    digest = HASHES[algorithm]
    return {
        "hashAlgorithm": algorithm,
        "issuerNameHash": digest(f"name {certificate}".encode()).hexdigest(),
        "issuerKeyHash": digest(f"key {certificate}".encode()).hexdigest(),
        "serialNumber": digest(certificate.encode()).hexdigest()[:20],
    }


def _is_pem(text: str) -> bool:
    return text.lstrip().startswith(PEM_BEGINS)


SECURITY_COMMANDS: dict[str, Callable[[Box, Payload], Payload]] = {
    "CertificateSigned": _certificate_signed,
    "DeleteCertificate": _delete_certificate,
    "ExtendedTriggerMessage": trigger_extended,
    "GetInstalledCertificateIds": _installed_certificates,
    "GetLog": _get_log,
    "InstallCertificate": _install_certificate,
    "SignedUpdateFirmware": _signed_update,
}
