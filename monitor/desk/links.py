"""Signed links in messages: reading shows, posting acknowledges, or signs for a slip (A12)."""

import base64
import hashlib
import hmac


def message_path(secret: bytes, incident_id: int, message_no: int) -> str:
    """Return the path of the page on which this message's incident can be acknowledged."""
    return f"/messages/{incident_id}/{message_no}/{_signature(secret, 'message', incident_id, message_no)}"


def is_signed(secret: bytes, incident_id: int, message_no: int, signature: str) -> bool:
    """Return whether this service signed the link."""
    expected = _signature(secret, "message", incident_id, message_no)
    return hmac.compare_digest(expected.encode(), signature.encode())


def order_path(secret: bytes, order_id: str, message_no: int) -> str:
    """Return the path of the page on which the department that this message told can sign for a slip."""
    return f"/orders/{order_id}/{message_no}/{_signature(secret, 'order', order_id, message_no)}"


def is_order_signed(secret: bytes, order_id: str, message_no: int, signature: str) -> bool:
    """Return whether this service signed the link to a slip."""
    expected = _signature(secret, "order", order_id, message_no)
    return hmac.compare_digest(expected.encode(), signature.encode())


def _signature(secret: bytes, kind: str, key: int | str, message_no: int) -> str:
    """Return 128 bits that nobody without the secret can guess."""
    text = f"huiying {kind} {key} {message_no}".encode()
    return base64.urlsafe_b64encode(hmac.digest(secret, text, hashlib.sha256)[:16]).decode().rstrip("=")
