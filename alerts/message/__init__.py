"""Alert -> words for a duty officer, a leader, an analyst."""

from alerts.message.privacy import mask_personal, quote
from alerts.message.render import render_message

__all__ = ["mask_personal", "quote", "render_message"]
