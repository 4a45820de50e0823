"""The files that travel with a mail of a paper: which, how large at most, made once for all readers."""

import io

import pytest
from docx import Document

from alerts.digest import filing
from alerts.digest.daily import daily_paper
from alerts.digest.filing import kinds_made, paper_files
from alerts.digest.mail import attaching, render_mail
from monitor.office.model import PaperFile
from tests.alerts.digest.papers import DOSSIER, WEEKLY, a_digest

PAPER = daily_paper(a_digest(DOSSIER))
BOTH = (PaperFile.DOCX, PaperFile.PDF)


def test_a_mail_carries_the_paper_as_word_and_pdf_made_once_for_all_readers() -> None:
    texts = [
        attaching(render_mail(PAPER, None), lambda: PAPER, "政务舆情日报-2026-03-03", BOTH) for _ in range(2)
    ]
    first, second = (text.attach() for text in texts if text.attach)
    assert [file.name for file in first] == ["政务舆情日报-2026-03-03.docx", "政务舆情日报-2026-03-03.pdf"]
    assert "政务舆情日报" in [p.text for p in Document(io.BytesIO(first[0].body)).paragraphs]
    assert first[1].body.startswith(b"%PDF-")
    assert second is first


def test_an_office_that_wants_none_sends_none() -> None:
    assert attaching(render_mail(PAPER, None), lambda: PAPER, "x", ()).attach is None


def test_where_no_pdf_can_be_made_word_goes_alone() -> None:
    for wanted in (BOTH, (PaperFile.PDF,)):
        assert kinds_made(wanted, may_pdf=True) == wanted
        assert kinds_made(wanted, may_pdf=False) == (PaperFile.DOCX,)


def test_what_a_mail_server_would_refuse_is_said_instead_of_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filing, "MOST_BYTES", 10_000)
    [note] = paper_files(PAPER, "large", (PaperFile.DOCX,))
    assert (note.name, note.kind) == ("large.txt", "text/plain")
    assert "请到值班台下载" in note.body.decode()


@pytest.mark.parametrize(
    ("link", "attached", "said"),
    [
        (None, True, "附图4幅和公文版式文件见附件。"),
        (None, False, "附图4幅，见值班台。"),
        ("https://desk.example/papers/1", False, "附图4幅、公文版式文件</a>"),
        ("https://desk.example/papers/1", True, '见附件。<a href="https://desk.example/papers/1"'),
    ],
)
def test_the_page_of_a_mail_says_where_the_charts_are(link: str | None, attached: bool, said: str) -> None:
    assert said in (render_mail(WEEKLY, link, attached=attached).html or "")
