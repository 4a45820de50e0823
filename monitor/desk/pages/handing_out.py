"""How a paper leaves the desk: as a page to print, or as a file to save."""

from base64 import b64encode
from enum import StrEnum
from hashlib import sha256

from fastapi.responses import HTMLResponse, Response

from alerts.digest.docx import render_docx
from alerts.digest.paper import Paper
from alerts.digest.print import may_render_pdf, render_page, render_pdf
from monitor.desk.access import Visitor
from monitor.desk.roles import may_read_papers
from monitor.errors import NotFoundError, RefusedActError

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class PaperForm(StrEnum):
    """As what a paper is handed out."""

    PAGE = "page"
    DOCX = "docx"
    PDF = "pdf"


def require_reader(visitor: Visitor) -> None:
    """Refuse a login that does not read papers; raises RefusedActError."""
    if not may_read_papers(visitor.account):
        raise RefusedActError("digests", "forbidden")


def handed_out(paper: Paper, form: PaperForm, name: str) -> Response:
    """Return a page to print, or a file to save under a name of ours."""
    if form is PaperForm.PAGE:
        page = render_page(paper)
        return HTMLResponse(page, headers={"content-security-policy": _policy(page)})
    if form is PaperForm.PDF and not may_render_pdf():
        raise NotFoundError("paper", form)
    made, kind = (
        (render_docx(paper), _WORD) if form is PaperForm.DOCX else (render_pdf(paper), "application/pdf")
    )
    disposition = f'attachment; filename="{name}.{form}"'
    return Response(made, media_type=kind, headers={"content-disposition": disposition})


def _policy(page: str) -> str:
    """Return a policy under which nothing but the page's own style sheet works."""
    style = page.partition("<style>")[2].partition("</style>")[0]
    allowed = b64encode(sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{allowed}'; img-src data:; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
