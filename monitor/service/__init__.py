"""The one place that builds everything, starts it and stops it."""

from monitor.service.building import (
    Parts,
    build_outbox,
    build_parts,
    desk_access,
    link_maker,
    open_channels,
    open_database,
    open_words,
    simulated_answer,
)
from monitor.service.running import READY, ROLES, Service, serve

__all__ = [
    "READY",
    "ROLES",
    "Parts",
    "Service",
    "build_outbox",
    "build_parts",
    "desk_access",
    "link_maker",
    "open_channels",
    "open_database",
    "open_words",
    "serve",
    "simulated_answer",
]
