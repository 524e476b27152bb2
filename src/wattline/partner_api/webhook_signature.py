"""Understanding the signature of a webhook."""

import hmac

import msgspec

from wattline.partner_api.call import Call
from wattline.partner_api.routing import Group
from wattline.partner_api.webhook_view import shown
from wattline.wire.partner.shapes import Shape
from wattline.wire.partner.webhooks import SignatureExplanation

webhook_signature = Group("Webhooks")

HIDDEN = "***"


class SignatureQuery(Shape, kw_only=True):
    """`webhookSecret` is used instead of the one that is set; `includeSecrets` shows it in the answer."""

    include_secrets: bool = False
    webhook_secret: str | None = None


@webhook_signature.route(
    "POST", "/webhooks/get-signature-detail", "get-signature-detail", "manage-webhooks:read", beta=True
)
async def explain_signature(call: Call, query: SignatureQuery, body: msgspec.Raw) -> SignatureExplanation:
    """Explain step by step how `X-Monta-Signature` of a JSON body comes about: over its bytes, without blanks."""
    secret = query.webhook_secret or (await shown(call)).webhook_secret
    payload = msgspec.json.format(bytes(body), indent=-1)
    signature = hmac.digest(secret.encode(), payload, "sha1").hex()
    return SignatureExplanation(
        received_payload_string=payload.decode(),
        received_payload_bytes=payload.hex(),
        webhook_secret=secret if query.include_secrets else HIDDEN,
        webhook_secret_bytes=secret.encode().hex() if query.include_secrets else HIDDEN,
        signature_algorithm="HmacSHA1",
        signature=signature,
        signature_with_prefix=f"sha1={signature}",
    )
