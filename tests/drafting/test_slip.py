"""送审单: a boxed form on one page, the whole text behind it, the record of the secrecy review in it."""

import io
from dataclasses import replace

import pytest
from docx import Document

from alerts.digest.docx import render_docx
from alerts.digest.incident_papers import IncidentFile
from alerts.digest.paper import FORM_COLUMNS, Paper
from alerts.digest.print import render_page
from monitor.drafting.model import AnswerDraft, Opinion, Step
from monitor.drafting.review import publish, rewrite
from monitor.drafting.slip import slip
from monitor.office.example import example_office
from tests.drafting.test_review import WORDING
from tests.drafting.test_telling import BUREAU, INCIDENT, after_steps, drafted, signed
from tests.support.builders import T0, a_dossier, a_publication, after

OUT = a_publication(id="1-p1", title="情况通报", url="https://county.example/1", effective_at=after(hours=2))
LONG = replace(WORDING, title="关于停水的说明", text="系管道破裂所致。" * 40, channel="县政府网")


def paper(draft: AnswerDraft) -> Paper:
    dossier = a_dossier(INCIDENT, publications=(OUT,))
    return slip(draft, IncidentFile(office=example_office(), dossier=dossier, items=(), now=after(hours=3)))


def rows(draft: AnswerDraft) -> dict[str, list[str]]:
    """Return the form by the first label of each row."""
    return {row[0].said: [cell.said for cell in row[1:]] for row in paper(draft).form}


def test_every_row_is_as_wide_as_the_form() -> None:
    assert {sum(cell.columns for cell in row) for row in paper(drafted()).form} == {FORM_COLUMNS}


def test_what_is_signed_stands_in_its_box_and_the_rest_is_left_to_sign_in() -> None:
    form = rows(after_steps(5))
    assert form["保密审查"] == ["同意：不涉密", "办公室主任", "3月2日8时"]
    assert form["三审（终审）"] == ["", "", ""]
    assert form["审校结论"] == ["本版审校、保密审查不全，不得发布。"]


def test_the_record_of_the_secrecy_review_has_title_summary_way_scope_and_reason() -> None:
    draft = rewrite(drafted(), LONG, 1, BUREAU, T0)
    form = rows(draft)
    assert form["标题"] == ["关于停水的说明"]
    assert form["内容摘要"] == ["系管道破裂所致。" * 8 + "（全文附后）"]
    assert form["拟公开的方式"][0] == "县政府网"
    assert "公开范围" in form["拟公开的方式"]
    whole = [sentence.said for sentence in paper(draft).sentences()]
    assert whole == ["附：送审稿全文", LONG.title, LONG.text]


@pytest.mark.parametrize(
    ("draft", "label", "words"),
    [
        (after_steps(7), "审校结论", "可以发布"),
        (signed(after_steps(2), Step.SECOND_REVIEW, "leader", Opinion.RETURN), "审校结论", "已退回修改"),
        (
            rewrite(drafted(), replace(WORDING, text="【待填：数】"), 1, BUREAU, T0),
            "审校结论",
            "还有1处待填",
        ),
        (publish(after_steps(7), "1-p1"), "发布情况", "《情况通报》，3月2日10时\nhttps://county.example/1"),
        (after_steps(7), "发布情况", ""),
    ],
)
def test_the_form_says_how_far_it_came(draft: AnswerDraft, label: str, words: str) -> None:
    assert words in rows(draft)[label][0]


def test_page_and_word_file_hold_the_same_boxes() -> None:
    made = paper(after_steps(3))
    [table] = Document(io.BytesIO(render_docx(made))).tables
    said = [[cell.said for cell in row] for row in made.form]
    assert [[box.text for box in dict.fromkeys(row.cells)] for row in table.rows] == said
    page = render_page(made)
    assert page.count("<tr>") == len(said)
    assert "style=" not in page
