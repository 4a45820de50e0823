"""Slips on paper: red head, number, whom it is for, what is asked, who issued it; no account name."""

import io
from dataclasses import replace

import pytest
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn

from alerts.digest.docx import RED, render_docx
from alerts.digest.incident_papers import IncidentFile
from alerts.digest.order_paper import order_paper
from alerts.digest.paper import Paper
from alerts.digest.print import render_page
from monitor.deadlines.model import ObligationState
from monitor.office.example import example_office
from monitor.orders.handover import fix_lead
from monitor.orders.model import Order, OrderKind, OrderState, Reply, Ruling, SignFor, SignMeans
from tests.orders.test_handover import CLAIM, DENIAL
from tests.support.builders import (
    a_dossier,
    a_publication,
    after,
    an_incident,
    an_item,
    an_obligation,
    an_order,
)

FIRST = an_order(
    state=OrderState.ANSWERED,
    due_at=after(hours=48),
    first_due_at=after(hours=24),
    signed=SignFor(by="emergency_bureau", signer="杨师傅", at=after(hours=1), means=SignMeans.LINK),
    feedback=Reply(by="emergency_bureau", at=after(hours=50), text="已抢通。"),
)
URGING = an_order(id="1-o2", kind=OrderKind.URGING, about="1-o1", demands="今日反馈", due_at=after(hours=60))
HANDOVER = an_order(
    id="1-o3", kind=OrderKind.HANDOVER, department="police", demands="", lead=fix_lead(CLAIM, DENIAL)
)
EXTENSION = an_order(
    id="1-o4",
    kind=OrderKind.EXTENSION,
    about="1-o1",
    demands="道路中断",
    issued_by="emergency_bureau",
    due_at=after(hours=48),
    state=OrderState.GRANTED,
    ruling=Ruling(by="office_head", at=after(hours=2), reason="同意"),
)
DOSSIER = a_dossier(
    an_incident(assigned_to=("emergency_bureau", "police")),
    orders=(FIRST, URGING, HANDOVER, EXTENSION),
    obligations=(
        an_obligation(name="新闻发布会", due_at=after(hours=72)),
        an_obligation(id="1:response:1", name="回应", due_at=after(hours=48)),
        an_obligation(
            id="1:first:1",
            name="首次权威信息",
            due_at=after(hours=5),
            state=ObligationState.MET,
            met_by="1-p1",
        ),
        an_obligation(id="1:report:1", kind="U_county", due_at=after(hours=1)),
        an_obligation(id="1:follow:1", name="续报", statutory=False),
    ),
    publications=(a_publication(title="情况通报", url="https://county.example/1"),),
)
FILE = IncidentFile(
    office=example_office(),
    dossier=DOSSIER,
    items=(an_item(text="柯街镇一处道路塌方，请@老张看看。", url="https://forum.example/1"),),
    now=after(hours=51),
)


def paper(order: Order) -> Paper:
    return order_paper(order, FILE)


def said(order: Order) -> str:
    return "\n".join(sentence.said for sentence in paper(order).sentences())


@pytest.mark.parametrize(
    ("order", "head", "number", "to", "signature"),
    [
        (FIRST, "昌宁县人民政府办公室交办单", "交办〔2026〕1号", "县应急管理局", "昌宁县人民政府办公室"),
        (URGING, "昌宁县人民政府办公室督办单", "督办〔2026〕1号", "县应急管理局", "昌宁县人民政府办公室"),
        (HANDOVER, "昌宁县人民政府办公室移交单", "移交〔2026〕1号", "县公安局", "昌宁县人民政府办公室"),
        (
            EXTENSION,
            "昌宁县人民政府办公室延期审批单",
            "延期〔2026〕1号",
            "昌宁县人民政府办公室",
            "县应急管理局",
        ),
    ],
)
def test_every_slip_has_head_number_addressee_and_signature(
    order: Order, head: str, number: str, to: str, signature: str
) -> None:
    made = paper(order)
    assert (made.letterhead, made.dateline, made.addressee) == (head, number, to)
    assert made.signature == (signature, "2026年3月2日")


@pytest.mark.parametrize(
    ("order", "words"),
    [
        (FIRST, ("办理要求：核实情况并回复", "回复时限：3月4日8时", "不改变法定回应时限", "签发人：值班员")),
        (FIRST, ("签收：杨师傅", "3月2日9时", "晚于回复时限", "已抢通")),
        (FIRST, ("内容摘要：柯街镇一处道路塌方", "https://forum.example/1", "其他承办单位：县公安局")),
        (
            FIRST,
            (
                "法定回应时限：首次权威信息3月2日13时前（已完成）；回应3月4日8时前（已超时限）；新闻发布会3月5日8时前。",
                "回复时限：3月4日8时（原3月3日8时，经批准延期）",
            ),
        ),
        (FIRST, ("回应链接：《情况通报》", "https://county.example/1")),
        (URGING, ("法定回应时限：首次权威信息", "回应链接：《情况通报》")),
        (URGING, ("交办〔2026〕1号", "已超时限", "现予督办", "办理要求：今日反馈")),
        (HANDOVER, (CLAIM.url or "", "SHA-256", "《关于水质传言的辟谣》", "已由官方辟谣")),
        (
            EXTENSION,
            ("原回复时限：3月3日8时", "申请延至3月4日8时", "延期理由：道路中断", "批示：同意延期：同意"),
        ),
    ],
)
def test_a_slip_says_what_its_form_asks_for(order: Order, words: tuple[str, ...]) -> None:
    assert [word for word in words if word not in said(order)] == []


def test_a_handover_holds_no_account_name_and_no_words_of_the_claim() -> None:
    page = render_page(paper(HANDOVER))
    assert [words for words in (CLAIM.source_name, CLAIM.text, CLAIM.title) if words in page] == []


def test_a_handover_repeats_no_title_and_a_house_rule_is_no_statutory_time() -> None:
    made = paper(HANDOVER)
    assert made.title == "关于1号舆情事件线索的移交单"
    assert "法定回应时限" not in said(HANDOVER)
    assert "续报" not in said(FIRST)
    assert "老张" not in said(FIRST)


def test_an_extension_that_was_refused_says_so() -> None:
    refused = replace(
        EXTENSION, state=OrderState.REFUSED, ruling=Ruling(by="leader", at=after(hours=2), reason="时间充足")
    )
    assert "批示：不同意延期：时间充足。分管领导" in said(refused)


def test_a_slip_returned_or_without_a_deadline_is_printed_too() -> None:
    bare = an_order(
        due_at=None,
        demands="",
        state=OrderState.RETURNED,
        returned=Reply(by="x", at=after(hours=1), text="不归我们"),
    )
    assert "退回（3月2日9时）：不归我们" in said(bare)
    assert "回复时限" not in said(bare)


def test_the_word_file_has_a_red_head_over_a_red_line_and_the_signature_at_the_right() -> None:
    document = Document(io.BytesIO(render_docx(paper(FIRST))))
    kept, head, number, title, addressee, *_, office, day = document.paragraphs
    assert (kept.text, head.text, number.text) == (
        "内部资料",
        "昌宁县人民政府办公室交办单",
        "交办〔2026〕1号",
    )
    assert head.runs[0].font.color.rgb == RED
    assert number._p.get_or_add_pPr().find(qn("w:pBdr")) is not None
    assert title.text == "关于“柯街镇一处道路塌方”的交办单"
    assert (addressee.text, addressee.paragraph_format.first_line_indent) == ("县应急管理局：", 0)
    assert [p.paragraph_format.alignment for p in (office, day)] == [WD_ALIGN_PARAGRAPH.RIGHT] * 2
    assert day.text == "2026年3月2日"
