"""What can go wrong with the memory itself."""

from monitor.errors import StoreError as StoreError


class SchemaTooNewError(StoreError):
    """The database was written by a newer version of this program; `revision` is what it is at."""

    def __init__(self, revision: str) -> None:
        super().__init__(
            f"the database is at revision {revision}, which this version of huiying does not know"
        )
        self.revision = revision
