"""A message that tries a channel: nobody can take it for an alert."""

from datetime import datetime

from alerts.message.words import say_time
from alerts.model import Text
from monitor.office.model import Office


def trial_message(office: Office, channel: str, now: datetime) -> Text:
    """Return the words that try a channel of this office."""
    subject = f"【测试】{office.name}：消息渠道 {channel}"
    body = (
        f"{subject}\n"
        f"这是一条测试消息，发自 {say_time(now, now)}，不是预警，不用确认收到。\n"
        "能看到它，说明这个渠道是通的。"
    )
    return Text(subject=subject, body=body)
