"""Both signatures over the exact bytes of one try: the Partner API's own and that of standardwebhooks.com."""

import hashlib
import hmac
from base64 import b64encode
from datetime import datetime


def signed_headers(body: bytes, *, webhook_id: str, secret: str, now: datetime) -> dict[str, str]:
    """Return the headers that let a receiver check who sent `body`, and when.

    The key is the UTF-8 bytes of the secret in both. Standard Webhooks signs "id.timestamp.body", so a copied
    delivery cannot be replayed later under another time.
    """
    key = secret.encode()
    timestamp = str(int(now.timestamp()))
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    return {
        "X-Monta-Signature": "sha1=" + hmac.new(key, body, hashlib.sha1).hexdigest(),
        "webhook-id": webhook_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": "v1," + b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode(),
    }
