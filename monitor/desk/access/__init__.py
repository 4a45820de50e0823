"""The door of the desk: logins, second factors, sessions, one-time links, API tokens.

Only hashes of secrets are stored.
"""

from monitor.desk.access.logins import Logins
from monitor.desk.access.model import (
    CODE_LASTS,
    SCOPES,
    SETUP_LASTS,
    SHORTEST_PASSWORD,
    AccessError,
    Admission,
    Device,
    Visitor,
    session_id,
)
from monitor.desk.access.second_factor import SecondFactors
from monitor.desk.access.sessions import Sessions

__all__ = [
    "CODE_LASTS",
    "SCOPES",
    "SETUP_LASTS",
    "SHORTEST_PASSWORD",
    "Access",
    "AccessError",
    "Admission",
    "Device",
    "Visitor",
    "session_id",
]


class Access(Logins, SecondFactors, Sessions):
    """The whole door. Every method blocks: call it in a worker thread."""
