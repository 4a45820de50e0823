"""A paper as a Word file in the layout of official documents; fonts are named, none embedded.

Page A4, text area 156 × 225 mm (head 37 mm, binding side 28 mm), 22 lines of 28 characters: title 2号, body
and headings 3号, page number 4号 on the outer side, 7 mm below the text. Source: GB/T 9704-2012.
"""

import io
import unicodedata
from collections.abc import Sequence

from docx import Document
from docx.document import Document as Opened
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml.ns import nsdecls, qn
from docx.oxml.parser import OxmlElement, parse_xml
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.section import Section, _Footer
from docx.shared import Length, Mm, Pt, RGBColor, Twips
from docx.styles.style import ParagraphStyle
from docx.table import _Cell
from docx.text.paragraph import Paragraph

from alerts.charts.draw import WIDTH_MM
from alerts.charts.fonts import may_draw_png
from alerts.charts.model import Form
from alerts.digest.paper import FORM_COLUMNS, Block, Cell, Paper, Rank, is_ragged, numbered

TITLE_FACE, BODY_FACE, FIRST_FACE, SECOND_FACE, NUMBER_FACE = (
    "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312", "宋体",
)  # fmt: skip
SIZE_2, SIZE_3, SIZE_4, SMALL_4 = Pt(22), Pt(16), Pt(14), Pt(12)
"""2号, 3号, 4号 and 小4号."""

RED = RGBColor(0xC0, 0x00, 0x00)
LINE_TWIPS = 579
"""225 mm are 12,756 twips: 22 lines of 579; with 580 the 22nd would not fit."""

FORM_TWIPS = 400
"""A line in the box of a form, in 小4号."""

TIGHTENED = -5
"""Twips taken from each character of 3号: 28 of 15.75 points fill 441 of the 442.2 that 156 mm are.

Not a grid of characters: LibreOffice tears digits and punctuation apart in one, and Word needs none.
"""

_STAND_INS = {TITLE_FACE: "华文中宋", BODY_FACE: "仿宋", SECOND_FACE: "楷体"}
"""What Word takes where a named font is not installed."""

_STYLES = {
    Rank.FIRST: "Heading 1",
    Rank.SECOND: "Heading 2",
    Rank.POINT: "Normal",
    Rank.TEXT: "Normal",
}
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def render_docx(paper: Paper) -> bytes:
    """Return the paper as a .docx file."""
    document = Document()
    _set_page(document.sections[0])
    _set_styles(document)
    _name_stand_ins(document)
    _set_properties(document, paper)
    _add(document, "内部资料", "Header")
    _add_head(document, paper)
    _add_form(document, paper.form)
    for at, (block, number) in enumerate(numbered(paper.blocks)):
        added = _add(document, number + _words(block), _STYLES[block.rank])
        added.paragraph_format.page_break_before = bool(paper.form) and at == 0
    for words in paper.closing:
        _add(document, words, "Normal")
    _add_signature(document, paper)
    _add_figures(document, paper)
    _number_pages(document)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _add_head(document: Opened, paper: Paper) -> None:
    """Add the title with what stands above and below it; a slip has a red head and its number over a line."""
    if not paper.letterhead:
        _add(document, paper.title, "Title")
        under = _add(document, f"{paper.office_name}　{paper.dateline}", "Subtitle")
        if paper.form:
            under.paragraph_format.space_after = Pt(8)
        return
    _add(document, paper.letterhead, "Title").runs[0].font.color.rgb = RED
    number = _add(document, paper.dateline, "Subtitle")
    number.paragraph_format.space_after = Pt(0)
    border = f'<w:bottom w:val="single" w:sz="16" w:space="8" w:color="{RED}"/>'
    properties = number._p.get_or_add_pPr()  # noqa: SLF001 - python-docx has no name for a border
    properties.insert_element_before(
        parse_xml(f"<w:pBdr {nsdecls('w')}>{border}</w:pBdr>"), "w:spacing", "w:ind", "w:jc"
    )
    _add(document, paper.title, "Title")
    addressee = _add(document, f"{paper.addressee}：", "Normal").paragraph_format
    addressee.first_line_indent, addressee.space_before = Length(0), Twips(LINE_TWIPS)


def _add_form(document: Opened, form: Sequence[Sequence[Cell]]) -> None:
    """Add the boxed form; a row is never torn over two pages."""
    if not form:
        return
    table = document.add_table(len(form), FORM_COLUMNS, "Table Grid")
    table.autofit, table.alignment = False, WD_TABLE_ALIGNMENT.CENTER
    for column in table.columns:
        column.width = Length(Mm(156) // FORM_COLUMNS)
    for row, cells in zip(table.rows, form, strict=True):
        row.height = Twips(FORM_TWIPS + 160)
        row.height_rule = WD_ROW_HEIGHT_RULE.AT_LEAST
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))  # noqa: SLF001 - no name for it
        boxes, at = row.cells, 0
        for cell in cells:
            _fill(boxes[at].merge(boxes[at + cell.columns - 1]), cell)
            at += cell.columns


def _fill(box: _Cell, cell: Cell) -> None:
    box.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    box.width = Length(Mm(156) * cell.columns // FORM_COLUMNS)
    for number, words in enumerate(cell.said.split("\n")):
        paragraph = box.add_paragraph() if number else box.paragraphs[0]
        paragraph.style = "Body Text"
        paragraph.add_run(printable(words))
        if cell.is_label:
            paragraph.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _add_signature(document: Opened, paper: Paper) -> None:
    """Add who issued it and when, four characters from the right edge, two lines below the text."""
    for number, words in enumerate(paper.signature):
        form = _add(document, words, "Normal").paragraph_format
        form.alignment, form.first_line_indent = WD_ALIGN_PARAGRAPH.RIGHT, Length(0)
        form.right_indent, form.space_before = Length(SIZE_3 * 4), Twips(0 if number else LINE_TWIPS * 2)


def _add_figures(document: Opened, paper: Paper) -> None:
    """Add the annex on a page of its own: each picture as wide as the text, under its number.

    Where no Chinese font is installed a picture would be of boxes: then it is said where the figures are.
    """
    if paper.figures and not may_draw_png():
        _add(document, "附图见值班台。", "Normal")
        return
    for number, figure in enumerate(paper.figures, 1):
        caption = _add(document, f"附图{number}", "Heading 2").paragraph_format
        caption.first_line_indent, caption.page_break_before = Length(0), number == 1
        holder = document.add_paragraph()
        form = holder.paragraph_format
        form.line_spacing_rule, form.first_line_indent = WD_LINE_SPACING.SINGLE, Length(0)
        picture = holder.add_run().add_picture(io.BytesIO(figure.draw(Form.PNG)), width=Mm(WIDTH_MM))
        picture._inline.docPr.set("descr", printable(figure.shown.title))  # noqa: SLF001 - no name for it


def _words(block: Block) -> str:
    return "".join(sentence.shown for sentence in block.sentences)


def _add(document: Opened, words: str, style: str) -> Paragraph:
    added = document.add_paragraph(printable(words), style)
    if style == "Normal" and is_ragged(words):
        added.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.LEFT
    return added


def printable(words: str) -> str:
    """Return the words without what XML refuses, what turns writing round, and what cannot be seen."""
    return "".join(sign for sign in words if unicodedata.category(sign) not in _UNPRINTABLE)


def _set_page(section: Section) -> None:
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.left_margin = Mm(37), Mm(28)
    section.bottom_margin, section.right_margin = Mm(297 - 37 - 225), Mm(210 - 28 - 156)
    # The number's line, 4号, begins 7 mm below the text area.
    section.footer_distance = Mm(35 - 7 - 5)
    properties = section._sectPr  # noqa: SLF001 - python-docx has no name for the grid
    grid = properties.find(qn("w:docGrid"))
    grid.set(qn("w:type"), "lines")
    grid.set(qn("w:linePitch"), str(LINE_TWIPS))


def _set_styles(document: Opened) -> None:
    """Give every style its own face, size and place; nothing of the library's template remains."""
    for fonts in document.styles.element.iterfind(f"{qn('w:docDefaults')}//{qn('w:rFonts')}"):
        fonts.attrib.clear()
    # By the language a program chooses stand-in letters and where in its square a comma stands.
    for language in document.styles.element.iterfind(f"{qn('w:docDefaults')}//{qn('w:lang')}"):
        language.set(qn("w:eastAsia"), "zh-CN")
    two_signs = SIZE_3 * 2
    _dress(document, "Normal", BODY_FACE, SIZE_3, WD_ALIGN_PARAGRAPH.JUSTIFY, two_signs)
    _dress(document, "Heading 1", FIRST_FACE, SIZE_3, WD_ALIGN_PARAGRAPH.JUSTIFY, two_signs)
    _dress(document, "Heading 2", SECOND_FACE, SIZE_3, WD_ALIGN_PARAGRAPH.JUSTIFY, two_signs)
    _dress(document, "Title", TITLE_FACE, SIZE_2, WD_ALIGN_PARAGRAPH.CENTER)
    _dress(document, "Subtitle", SECOND_FACE, SIZE_3, WD_ALIGN_PARAGRAPH.CENTER)
    _dress(document, "Header", FIRST_FACE, SIZE_3, WD_ALIGN_PARAGRAPH.LEFT)
    _dress(document, "Footer", NUMBER_FACE, SIZE_4, WD_ALIGN_PARAGRAPH.RIGHT)
    _dress(document, "Body Text", BODY_FACE, SMALL_4, WD_ALIGN_PARAGRAPH.LEFT)
    document.styles["Body Text"].paragraph_format.line_spacing = Twips(FORM_TWIPS)
    # A line of its own above and below the title.
    document.styles["Title"].paragraph_format.space_before = Twips(LINE_TWIPS)
    document.styles["Subtitle"].paragraph_format.space_after = Twips(LINE_TWIPS)


def _dress(
    document: Opened, name: str, face: str, size: Length, align: WD_ALIGN_PARAGRAPH, indent: int = 0
) -> None:
    style = document.styles[name]
    assert isinstance(style, ParagraphStyle)  # noqa: S101 - the template has these as paragraph styles
    for old in (style.element.pPr, style.element.rPr):
        if old is not None:
            style.element.remove(old)
    style.font.name, style.font.size = face, size
    fonts = style.element.rPr.rFonts
    for slot in ("w:eastAsia", "w:cs"):
        fonts.set(qn(slot), face)
    fonts.addnext(_value("w:spacing", TIGHTENED if size == SIZE_3 else 0))
    form = style.paragraph_format
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Twips(LINE_TWIPS)
    form.space_before = form.space_after = Pt(0)
    form.first_line_indent, form.alignment = Length(indent), align
    form.widow_control = False
    form.keep_with_next = name.startswith("Heading")
    # No extra room between Chinese and digits: it would push a character off the line.
    # No rounding up to whole lines of the grid either: every line is one of it already.
    # No comma hangs out of the text area.
    for tag in ("w:overflowPunct", "w:autoSpaceDE", "w:autoSpaceDN", "w:snapToGrid"):
        style.element.pPr.find(qn("w:spacing")).addprevious(_value(tag, 0))


def _value(tag: str, value: int) -> BaseOxmlElement:
    element = OxmlElement(tag)
    element.set(qn("w:val"), str(value))
    return element


def _name_stand_ins(document: Opened) -> None:
    """Say which face Word is to take where one of ours is not installed."""
    part = document.part
    for key, relation in list(part.rels.items()):
        if relation.reltype == RELATIONSHIP_TYPE.FONT_TABLE:
            part.drop_rel(key)
    fonts = "".join(
        f'<w:font w:name="{face}"><w:altName w:val="{other}"/><w:charset w:val="86"/></w:font>'
        for face, other in _STAND_INS.items()
    )
    blob = f'<?xml version="1.0" encoding="UTF-8"?><w:fonts {nsdecls("w")}>{fonts}</w:fonts>'.encode()
    table = Part(PackURI("/word/fontTable.xml"), CONTENT_TYPE.WML_FONT_TABLE, blob, part.package)
    part.relate_to(table, RELATIONSHIP_TYPE.FONT_TABLE)


def _set_properties(document: Opened, paper: Paper) -> None:
    properties = document.core_properties
    properties.title, properties.author = printable(paper.title), printable(paper.office_name)
    properties.comments, properties.language = "", "zh-CN"
    properties.created = properties.modified = paper.made_at


def _number_pages(document: Opened) -> None:
    """Put — 1 — at the outer side: right on odd pages, left on even ones, one character from the edge."""
    document.settings.odd_and_even_pages_header_footer = True
    section = document.sections[0]
    _number(section.footer, WD_ALIGN_PARAGRAPH.RIGHT)
    _number(section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT)


def _number(footer: _Footer, align: WD_ALIGN_PARAGRAPH) -> None:
    paragraph = footer.paragraphs[0]
    paragraph.style = "Footer"
    form = paragraph.paragraph_format
    form.alignment = align
    form.left_indent = form.right_indent = SIZE_4
    paragraph.add_run("— ")
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    paragraph._p.append(field)  # noqa: SLF001 - python-docx has no name for fields
    paragraph.add_run(" —")
