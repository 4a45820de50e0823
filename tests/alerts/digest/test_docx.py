"""The Word file, measured: page, text area, lines, faces and sizes of GB/T 9704-2012, and nothing hostile."""

import io
import re
from dataclasses import replace
from functools import cache
from zipfile import ZipFile

import pytest
from docx import Document
from docx.document import Document as Opened
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml.ns import qn
from docx.shared import Twips

from alerts.digest.daily import daily_paper
from alerts.digest.docx import render_docx
from alerts.digest.incident_papers import flash_paper, special_paper
from alerts.digest.paper import Paper
from alerts.digest.print import render_page
from tests.alerts.digest.papers import DOSSIER, FILE, HOSTILE, MINE, RUMOR, WEEKLY, a_digest
from tests.support.builders import a_dossier

DAILY = daily_paper(a_digest(DOSSIER, a_dossier(RUMOR)))
PAPERS = [
    pytest.param(DAILY, id="daily"),
    pytest.param(flash_paper(FILE), id="flash"),
    pytest.param(special_paper(FILE), id="special"),
    pytest.param(WEEKLY, id="weekly"),
]


@cache
def opened(paper: Paper) -> Opened:
    return Document(io.BytesIO(render_docx(paper)))


def millimetres(document: Opened, part: str, name: str) -> float:
    """Return a length of the page, which the file keeps in twips."""
    [section] = document.sections
    return int(section._sectPr.find(qn(f"w:{part}")).get(qn(f"w:{name}"))) / 1440 * 25.4


def text_area(document: Opened) -> tuple[float, float]:
    left, right, top, bottom = (millimetres(document, "pgMar", m) for m in ("left", "right", "top", "bottom"))
    return (
        millimetres(document, "pgSz", "w") - left - right,
        millimetres(document, "pgSz", "h") - top - bottom,
    )


@pytest.mark.parametrize("paper", PAPERS)
def test_the_page_is_a4_with_a_text_area_of_156_by_225_millimetres(paper: Paper) -> None:
    document = opened(paper)
    sheet = [millimetres(document, "pgSz", name) for name in ("w", "h")]
    margins = [millimetres(document, "pgMar", name) for name in ("top", "left", "footer")]
    assert sheet == pytest.approx([210, 297], abs=0.03)
    assert text_area(document) == pytest.approx((156, 225), abs=0.06)
    assert margins == pytest.approx([37, 28, 23], abs=0.03)


@pytest.mark.parametrize("paper", PAPERS)
def test_22_lines_of_28_characters_fill_the_text_area(paper: Paper) -> None:
    document = opened(paper)
    grid = document.sections[0]._sectPr.find(qn("w:docGrid"))
    properties = document.styles["Normal"].element.rPr
    half_points, spacing = (int(properties.find(qn(name)).get(qn("w:val"))) for name in ("w:sz", "w:spacing"))
    width, height = (length / 25.4 * 1440 for length in text_area(document))
    assert grid.get(qn("w:type")) == "lines"
    assert height // int(grid.get(qn("w:linePitch"))) == 22
    assert width // (half_points * 10 + spacing) == 28


STYLES = [
    ("Title", "方正小标宋简体", 22),
    ("Normal", "仿宋_GB2312", 16),
    ("Heading 1", "黑体", 16),
    ("Heading 2", "楷体_GB2312", 16),
    ("Footer", "宋体", 14),
]


@pytest.mark.parametrize(("name", "face", "points"), STYLES)
def test_each_part_has_its_face_size_and_line(name: str, face: str, points: int) -> None:
    style = opened(DAILY).styles[name]
    fonts = style.element.rPr.rFonts
    assert {fonts.get(qn(f"w:{slot}")) for slot in ("ascii", "hAnsi", "eastAsia", "cs")} == {face}
    assert style.font.size.pt == points
    assert style.paragraph_format.line_spacing == Twips(579)


def test_the_letters_are_chinese_and_no_comma_hangs_out_of_the_text_area() -> None:
    styles = opened(DAILY).styles
    [language] = styles.element.iterfind(f"{qn('w:docDefaults')}//{qn('w:lang')}")
    assert language.get(qn("w:eastAsia")) == "zh-CN"
    assert styles["Normal"].element.pPr.find(qn("w:overflowPunct")).get(qn("w:val")) == "0"


def test_a_line_beside_an_address_or_a_hash_is_not_torn_apart() -> None:
    special = special_paper(FILE)
    aligned = {p.text: p.alignment for p in opened(special).paragraphs}
    [*_, source, closing] = list(aligned)
    assert "https://" in source
    assert (aligned[source], aligned[closing]) == (WD_ALIGN_PARAGRAPH.LEFT, None)
    assert re.findall(r'<p class="ragged">([^<]+)<', render_page(special))[-1] == source


def test_headings_and_text_wear_their_styles_and_no_run_departs_from_them() -> None:
    paragraphs = opened(DAILY).paragraphs
    worn = {p.text[:2]: p.style.name for p in paragraphs if p.style}
    assert (worn["一、"], worn["（一"], worn["1．"]) == ("Heading 1", "Heading 2", "Normal")
    assert [p.style.name for p in paragraphs[:3] if p.style] == ["Header", "Title", "Subtitle"]
    assert all(run._r.rPr is None for p in paragraphs for run in p.runs)


def test_the_page_number_stands_outside_between_dashes() -> None:
    document = opened(DAILY)
    [section] = document.sections
    assert document.settings.odd_and_even_pages_header_footer
    for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
        [paragraph] = footer.paragraphs
        field = paragraph._p.find(qn("w:fldSimple"))
        assert (paragraph.text, field.get(qn("w:instr"))) == ("—  —", "PAGE")
        assert paragraph._p.pPr.find(qn("w:jc")).get(qn("w:val")) == side


def test_pictures_stand_in_an_annex_as_wide_as_the_text_on_lines_that_do_not_cut_them() -> None:
    document = opened(WEEKLY)
    pictures = [p for p in document.paragraphs if p._p.findall(f".//{qn('w:drawing')}")]
    assert [shape.width.mm for shape in document.inline_shapes] == pytest.approx([156] * len(WEEKLY.figures))
    assert [p.paragraph_format.line_spacing_rule for p in pictures] == [WD_LINE_SPACING.SINGLE] * len(
        pictures
    )
    captions = [p for p in document.paragraphs if p.text.startswith("附图")]
    assert [p.text for p in captions] == [f"附图{n}" for n in range(1, len(WEEKLY.figures) + 1)]
    assert captions[0].paragraph_format.page_break_before
    last = [p.text for p in document.paragraphs].index(WEEKLY.closing[-1])
    assert not [p for p in document.paragraphs[: last + 1] if p in pictures]


def test_fonts_are_named_with_a_stand_in_and_none_is_embedded() -> None:
    with ZipFile(io.BytesIO(render_docx(DAILY))) as file:
        table = file.read("word/fontTable.xml").decode()
        assert 'w:name="仿宋_GB2312"><w:altName w:val="仿宋"/>' in table
        assert not [name for name in file.namelist() if "/fonts/" in name]


def test_a_hostile_title_is_text_and_nothing_else() -> None:
    incident = replace(MINE, title=HOSTILE, demands=(HOSTILE,))
    items = tuple(replace(item, title=HOSTILE, source_name=HOSTILE) for item in FILE.items)
    file = replace(FILE, dossier=replace(DOSSIER, incident=incident), items=items)
    for paper in (daily_paper(a_digest(file.dossier)), flash_paper(file), special_paper(file)):
        made = render_docx(replace(paper, office_name=HOSTILE[:-11]))
        text = "\n".join(p.text for p in Document(io.BytesIO(made)).paragraphs)
        assert "＜w:p/＞" in text
        assert not set("\x00\x07\u202e\u2066\u061c\ufffe\ud800") & set(text)
        assert "13812345678" not in text
        with ZipFile(io.BytesIO(made)) as opened_file:
            parts = {
                name: opened_file.read(name).decode("utf-8", "replace") for name in opened_file.namelist()
            }
        assert "instrText" not in parts["word/document.xml"]
        assert not [name for name, part in parts.items() if name.endswith(".rels") and "External" in part]
