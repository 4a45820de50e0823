"""A paper as one HTML page that any browser prints, and as PDF where WeasyPrint is installed.

The same sheet, sizes and lines as the Word file: one template, one set of CSS page rules for both.
"""

from functools import cache
from importlib import import_module
from typing import Any

from alerts.digest.paper import Paper, numbered
from alerts.message.layout import lay_out
from monitor.errors import MonitorError


class NoPdfError(MonitorError):
    """WeasyPrint is not installed: the print page or the Word file give a PDF too."""

    def __init__(self) -> None:
        super().__init__("no PDF without WeasyPrint: pip install 'huiying[pdf]'")


def render_page(paper: Paper) -> str:
    """Return the paper as one page without outside parts or scripts; everything it quotes is escaped."""
    return lay_out("paper.html.jinja", paper=paper, blocks=tuple(numbered(paper.blocks)))


def may_render_pdf() -> bool:
    """Return whether WeasyPrint and what it needs of the system are installed."""
    return _weasyprint() is not None


def render_pdf(paper: Paper) -> bytes:
    """Return the paper as PDF, with the fonts this machine has; raises NoPdfError."""
    weasyprint = _weasyprint()
    if weasyprint is None:
        raise NoPdfError
    made: bytes = weasyprint.HTML(string=render_page(paper), url_fetcher=_refuse).write_pdf()
    return made


@cache
def _weasyprint() -> Any:
    """Return the library, or None where it or Pango, which it draws letters with, is missing."""
    try:
        return import_module("weasyprint")
    except (ImportError, OSError):
        return None


def _refuse(url: str, *_: object, **__: object) -> dict[str, object]:
    """Fetch nothing: a paper has no outside parts."""
    raise ValueError(url)
