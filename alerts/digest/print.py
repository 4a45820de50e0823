"""A paper as one HTML page that any browser prints, and as PDF where WeasyPrint is installed.

The same sheet, sizes and lines as the Word file: one template, one set of CSS page rules for both.
"""

from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any

from alerts.charts.fonts import may_draw_png
from alerts.charts.model import Form
from alerts.digest.paper import FORM_COLUMNS, Paper, is_ragged, numbered
from alerts.message.layout import lay_out
from monitor.errors import MonitorError

_MARKS: Mapping[Form, str] = {
    Form.SVG: "data:image/svg+xml;base64,",
    Form.PNG: "data:image/png;base64,",
}


class NoPdfError(MonitorError):
    """WeasyPrint is not installed: the print page or the Word file give a PDF too."""

    def __init__(self) -> None:
        super().__init__("no PDF without WeasyPrint: pip install 'huiying[pdf]'")


def render_page(paper: Paper, form: Form = Form.SVG) -> str:
    """Return the paper as one page without outside parts or scripts; everything it quotes is escaped.

    Its pictures are in it, of this form: a PNG needs a Chinese font on this machine, or there are none.
    """
    may_draw = form is Form.SVG or may_draw_png()
    pictures = [(f.shown.title, _inlined(f.draw(form), form)) for f in paper.figures if may_draw]
    blocks = tuple(numbered(paper.blocks))
    return lay_out(
        "paper.html.jinja",
        paper=paper,
        blocks=blocks,
        pictures=pictures,
        columns=FORM_COLUMNS,
        is_ragged=is_ragged,
    )


def _inlined(picture: bytes, form: Form) -> str:
    return f"{_MARKS[form]}{b64encode(picture).decode()}"


def may_render_pdf() -> bool:
    """Return whether WeasyPrint and what it needs of the system are installed."""
    return _weasyprint() is not None


def render_pdf(paper: Paper) -> bytes:
    """Return the paper as PDF, with the fonts this machine has; raises NoPdfError."""
    weasyprint = _weasyprint()
    if weasyprint is None:
        raise NoPdfError
    # Only the paper's own pictures are fetched: it has no outside parts.
    inner = weasyprint.urls.URLFetcher(allowed_protocols={"data"}, fail_on_errors=True)
    made: bytes = weasyprint.HTML(string=render_page(paper, Form.PNG), url_fetcher=inner).write_pdf()
    return made


@cache
def _weasyprint() -> Any:
    """Return the library, or None where it or Pango, which it draws letters with, is missing."""
    try:
        return import_module("weasyprint")
    except (ImportError, OSError):
        return None
