"""What posters wrote, in all five forms of a paper: it is shown as words, in one line, and does nothing."""

import io
from dataclasses import replace

import pytest
from docx import Document

from alerts.digest.daily import daily_paper
from alerts.digest.docx import render_docx
from alerts.digest.incident_papers import IncidentFile, flash_paper, special_paper
from alerts.digest.mail import render_mail
from alerts.digest.paper import Paper
from alerts.digest.periodic import periodic_paper
from alerts.digest.print import render_page, render_pdf
from alerts.digest.render import render_html, render_text
from tests.alerts.digest.papers import DOSSIER, FILE, HOSTILE, MINE, NOTICE, ROAD, a_digest, a_review
from tests.support.builders import a_dossier

MARK = '"><script>alert(1)</script><img src=x onerror=a>'
TITLE = f"{HOSTILE}{MARK}{'长' * 2000}"
UNSEEN = set("\x00\x07\r\u200b\u202e\u2066\u061c\ufffe\ud800\U000e0041")
LONGEST = 2_000
"""No paragraph is as long as the title."""


def hostile_file() -> IncidentFile:
    title = TITLE + "\u200b\U000e0041"
    incident = replace(MINE, title=title, demands=(title,))
    notice = replace(NOTICE, title=title, channel=title)
    items = tuple(
        replace(i, title=title, source_name=title, url=f"https://a.example/{MARK}") for i in FILE.items
    )
    dossier = replace(DOSSIER, incident=incident, publications=(notice,))
    return replace(FILE, dossier=dossier, items=items)


def papers() -> list[Paper]:
    file = hostile_file()
    week = a_review(a_dossier(replace(ROAD, title=TITLE)))
    return [daily_paper(a_digest(file.dossier)), flash_paper(file), special_paper(file), periodic_paper(week)]


PAPERS = [
    pytest.param(paper, id=name)
    for paper, name in zip(papers(), ("daily", "flash", "special", "weekly"), strict=True)
]


@pytest.mark.parametrize("paper", PAPERS)
def test_text_and_pages_show_it_as_words(paper: Paper) -> None:
    mail = render_mail(paper, "https://desk.example/papers/1", attached=True)
    page = render_page(replace(paper, figures=()))
    for shown in (mail.subject, mail.body, mail.html or "", page):
        assert not UNSEEN & set(shown)
        assert "13812345678" not in shown
        assert "长" * 100 not in shown
    for shown in (mail.html or "", page):
        assert "<script" not in shown
        assert "<img" not in shown
        assert "<w:p" not in shown
    assert all(len(line) < LONGEST for line in mail.body.splitlines())


@pytest.mark.parametrize("paper", PAPERS)
def test_files_show_it_as_words(paper: Paper) -> None:
    document = Document(io.BytesIO(render_docx(replace(paper, figures=()))))
    assert not UNSEEN & set("".join(p.text for p in document.paragraphs))
    made = render_pdf(replace(paper, figures=()))
    assert not [what for what in (b"/JavaScript", b"/URI", b"/Launch", b"/EmbeddedFile") if what in made]


def test_the_digest_in_a_mail_shows_it_as_words() -> None:
    digest = a_digest(hostile_file().dossier)
    for shown in (render_text(digest), render_html(digest)):
        assert not UNSEEN & set(shown)
        assert "<script" not in shown
        assert "长" * 100 not in shown
