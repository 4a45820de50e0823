"""What messages say of slips: number, demands, deadline, and never 超时 as of a statutory clock."""

from dataclasses import replace
from typing import Any

import pytest

from alerts.delivery import obsolete_reason
from alerts.message.reasons import Occasion, say_reason
from monitor.office.example import example_office
from monitor.orders.handover import fix_lead
from monitor.orders.model import Order, OrderKind, OrderState, Reply, Ruling
from tests.orders.test_handover import CLAIM, DENIAL
from tests.support.builders import a_dossier, after, an_alert, an_order

LEAD = fix_lead(CLAIM, DENIAL)
FACTS = '{"order": "1-o1"}'
REPLY = Reply(by="emergency_bureau", at=after(hours=3), text="已抢通，联系人：王某 13912345678")
EXTENSION = an_order(kind=OrderKind.EXTENSION, demands="道路中断", state=OrderState.ASKED)


def sentence(reason: str, order: Order | None) -> str:
    dossier = a_dossier(orders=(order,) if order else ())
    alert = an_alert(reason=reason, facts=FACTS)
    return say_reason(Occasion(alert=alert, dossier=dossier, office=example_office(), now=after(hours=25)))


@pytest.mark.parametrize(
    ("reason", "order", "said"),
    [
        (
            "assigned",
            an_order(),
            "交办单 交办〔2026〕1号，要求：核实情况并回复，回复时限 今天 08:00，请签收。",
        ),
        ("assigned", an_order(demands="", due_at=None), "交办单 交办〔2026〕1号，请签收。"),
        ("order_urged", an_order(kind=OrderKind.URGING), "督办：督办〔2026〕1号，请于 今天 08:00 前反馈"),
        ("order_urged", an_order(kind=OrderKind.URGING, due_at=None), "请尽快反馈"),
        ("order_handed_over", an_order(kind=OrderKind.HANDOVER), "移交〔2026〕1号，已由官方辟谣的线索移交"),
        ("handover_unfounded", an_order(kind=OrderKind.HANDOVER), "移交〔2026〕1号 所依据的官方辟谣已撤回"),
        ("order_unsigned", an_order(), "发出 25小时 无人签收：请联系县应急管理局"),
        ("feedback_overdue", an_order(), "（县应急管理局）已超回复时限 1小时：应于 今天 08:00 前反馈"),
        ("feedback_overdue", an_order(due_at=None), "尚未反馈"),
        ("order_answered", an_order(feedback=REPLY), "县应急管理局已反馈 交办〔2026〕1号：已抢通"),
        ("order_returned", an_order(returned=REPLY), "退回 交办〔2026〕1号"),
        ("extension_asked", EXTENSION, "申请延期到 今天 08:00（延期〔2026〕1号）：道路中断。请批示。"),
        ("extension_decided", replace(EXTENSION, state=OrderState.GRANTED), "回复时限改为 今天 08:00"),
        (
            "extension_decided",
            replace(
                EXTENSION, state=OrderState.REFUSED, ruling=Ruling(by="leader", at=after(), reason="时间充足")
            ),
            "延期未获批准（延期〔2026〕1号）：时间充足。请按原时限反馈。",
        ),
        ("order_answered", None, "公文流转有新情况"),
    ],
)
def test_each_reason_has_its_sentence(reason: str, order: Order | None, said: str) -> None:
    found = sentence(reason, order)
    assert said in found
    assert "13912345678" not in found


@pytest.mark.parametrize(
    ("reason", "fields", "cause"),
    [
        ("order_unsigned", {}, None),
        ("order_unsigned", {"state": OrderState.SIGNED}, "order_signed"),
        ("feedback_overdue", {"told": 1}, None),
        ("feedback_overdue", {"told": 1, "state": OrderState.SIGNED}, None),
        ("feedback_overdue", {"told": 0}, "moved"),
        ("feedback_overdue", {"told": 1, "state": OrderState.ANSWERED}, "order_answered"),
        ("feedback_overdue", {"told": 1, "state": OrderState.URGED}, "order_urged"),
        ("extension_asked", {"kind": OrderKind.EXTENSION, "state": OrderState.ASKED}, None),
        ("extension_asked", {"kind": OrderKind.EXTENSION, "state": OrderState.GRANTED}, "extension_decided"),
        ("order_handed_over", {"kind": OrderKind.HANDOVER, "lead": LEAD}, None),
        (
            "order_handed_over",
            {"kind": OrderKind.HANDOVER, "lead": replace(LEAD, withdrawn_at=after())},
            "evidence_withdrawn",
        ),
        ("assigned", {"state": OrderState.SIGNED}, None),
        ("assigned", {"state": OrderState.RETURNED}, "order_returned"),
        ("order_urged", {"kind": OrderKind.URGING, "state": OrderState.ANSWERED}, "order_answered"),
    ],
)
def test_what_is_no_longer_true_of_a_slip_is_not_sent(
    reason: str, fields: dict[str, Any], cause: str | None
) -> None:
    dossier = a_dossier(orders=(an_order(**fields),))
    assert obsolete_reason(an_alert(reason=reason, facts=FACTS), dossier) == cause
