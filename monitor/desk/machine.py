"""The machine under the service: how much room is left on the disk that the state is kept on."""

from dataclasses import dataclass

MIB, GIB = 1024**2, 1024**3
_LOW_SHARE = 0.1
_LOW_BYTES = 2 * GIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """Bytes free and in all."""

    free: int
    total: int

    @property
    def fault(self) -> str | None:
        """Return in Chinese that the disk is nearly full, or None.

        Less than both a tenth of it and 2 GiB: the next backup may not fit.
        """
        is_low = self.free < min(_LOW_SHARE * self.total, _LOW_BYTES)
        return f"磁盘只剩 {say_bytes(self.free)}，写满后无法记录新事件" if is_low else None


def say_bytes(count: int) -> str:
    """Return a number of bytes as 850 MB or 3.2 GB, in units of 1024; a megabyte is the least."""
    return f"{count / GIB:.1f} GB" if count >= GIB else f"{max(1, round(count / MIB))} MB"
