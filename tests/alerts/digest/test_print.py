"""The print page and its PDF: the sheet of the Word file, no outside parts, nothing hostile."""

import re
from dataclasses import replace

from alerts.digest import print as printing
from alerts.digest.daily import daily_paper
from alerts.digest.print import may_render_pdf, render_page, render_pdf
from tests.alerts.digest.papers import DOSSIER, HOSTILE, WEEKLY, a_digest

PAPER = daily_paper(a_digest(DOSSIER))


def test_the_page_names_sheet_margins_faces_and_page_numbers() -> None:
    page = render_page(PAPER)
    assert "@page { size: A4; margin: 37mm 26mm 35mm 28mm;" in page
    assert 'content: "— " counter(page) " —"' in page
    assert "仿宋_GB2312" in page
    assert "<h2>一、时限</h2>" in page
    assert "<h3>（一）已超时</h3>" in page


def test_the_page_has_no_outside_parts_and_escapes_what_it_quotes() -> None:
    page = render_page(replace(PAPER, title=HOSTILE))
    assert not [mark for mark in ("<script", "src=", "href=", "url(", "<w:p") if mark in page]


def test_a_pdf_is_made_of_the_same_page_and_fetches_nothing() -> None:
    assert may_render_pdf()
    assert render_pdf(replace(PAPER, title='<img src="http://127.0.0.1:1/x">')).startswith(b"%PDF-")
    assert printing.NoPdfError().args == ("no PDF without WeasyPrint: pip install 'huiying[pdf]'",)


def test_pictures_are_in_the_page_itself_and_in_the_pdf() -> None:
    page = render_page(WEEKLY)
    sources = re.findall(r'src="([^"]{30})', page)
    assert [source.partition(";")[0] for source in sources] == ["data:image/svg+xml"] * len(WEEKLY.figures)
    assert re.findall(r"<figcaption>(\S+?)<", page) == [f"附图{n}" for n in range(1, len(WEEKLY.figures) + 1)]
    bare = render_pdf(replace(WEEKLY, figures=()))
    assert len(render_pdf(WEEKLY)) > len(bare) + 50_000
