"""The tree of errors: each carries facts as attributes, keeps its cause, and names place and cause."""


class MonitorError(Exception):
    """The root of every error this project raises on purpose."""


class NaiveTimeError(MonitorError):
    """An instant without a zone was handed to code that keeps time."""


class ConfigurationError(MonitorError):
    """A user-edited file is faulty: `faults` lists every fault as `file:line:column: path: message`."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class RefusedActError(MonitorError):
    """A person asked for an act that the rules do not allow; `act` is its name, `reason` a code."""

    def __init__(self, act: str, reason: str) -> None:
        super().__init__(f"{act}: {reason}")
        self.act = act
        self.reason = reason


class ConflictError(MonitorError):
    """Somebody else changed the same incident first; `incident` is its number."""

    def __init__(self, incident: int) -> None:
        super().__init__(f"incident {incident} was changed by somebody else")
        self.incident = incident


class StoreError(MonitorError):
    """The database refused or was out of reach; the unit of work left no trace. The cause is kept."""


class NotFoundError(MonitorError):
    """There is no such thing; `kind` names what was looked for, `key` which one."""

    def __init__(self, kind: str, key: object) -> None:
        super().__init__(f"no {kind} {key}")
        self.kind = kind
        self.key = key
