"""YAML that people edit: text in, a checked `*File` out, or every fault at once with its line and column.

`22:00`, `no` and `0875` are text, so nobody is surprised. Faults read
`sources.yaml:14:5: sources[3].every: 须在 1m 到 24h 之间（现为 "0s"）`; the place is that of the key or of
the list entry, counted from 1. A file may use anchors, within bounds, but no tags and no second document.
"""

from monitor.yamlfile.reader import Fault, Path, Places
from monitor.yamlfile.shape import SECRET_KEYS, YamlFile, check_shape, fault_words, read_yaml
from monitor.yamlfile.written import (
    ClockRange,
    ClockTime,
    Instant,
    Length,
    LengthOrInstant,
    LocalInstant,
    SignedLength,
    WebAddress,
    between,
    read_length,
    read_web_address,
)

__all__ = [
    "SECRET_KEYS",
    "ClockRange",
    "ClockTime",
    "Fault",
    "Instant",
    "Length",
    "LengthOrInstant",
    "LocalInstant",
    "Path",
    "Places",
    "SignedLength",
    "WebAddress",
    "YamlFile",
    "between",
    "check_shape",
    "fault_words",
    "read_length",
    "read_web_address",
    "read_yaml",
]
