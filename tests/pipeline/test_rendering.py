"""What a message says is what is true when it is claimed."""

import json
from dataclasses import replace

import pytest

from alerts.model import Alert, Text
from monitor.office.example import example_office
from monitor.office.model import PaperFile, PaperPlan
from monitor.pipeline.rendering import Rendering
from monitor.ports import Store
from tests.support.builders import a_source, after, an_alert, an_incident, opening
from tests.support.setting import a_setting

DIGEST = an_alert(
    id="system:2026-03-03|v1|digest|at0|leader|leader-wecom",
    incident_id=None,
    reason="digest",
    to="leader",
    channel="leader-wecom",
    facts=json.dumps({"on": "2026-03-03"}),
)
DETECTED = an_alert(message_no=7)


def written(store: Store, *alerts: Alert) -> Text:
    """Return the message of these alerts."""
    plan = PaperPlan(attach=(PaperFile.DOCX,))
    office = replace(example_office(), public_url="https://desk.example", papers=plan)
    rendering = Rendering(
        a_setting(store, office),
        lambda: (a_source(),),
        lambda alert: f"https://desk.example/m/{alert.message_no}",
    )
    with store.transaction() as transaction:
        dossiers = {a.incident_id: transaction.dossier(a.incident_id) for a in alerts if a.incident_id}
        return rendering(transaction, alerts, dossiers, after(minutes=5))


def said(store: Store, *alerts: Alert) -> tuple[str, str]:
    """Return subject and body of a message of these alerts."""
    text = written(store, *alerts)
    return text.subject, text.body


@pytest.mark.parametrize(
    ("alerts", "subject", "body"),
    [
        pytest.param([DETECTED], "柯街镇一处道路塌方", "编号 7", id="its incident and its number"),
        pytest.param([DETECTED], "新发现", "https://desk.example/m/7", id="its link"),
        pytest.param([DETECTED], "重大", "县报", id="the source by name"),
        pytest.param([DIGEST], "每日简报（2026年3月3日）", "柯街镇一处道路塌方", id="a digest written out"),
        pytest.param([DETECTED, DIGEST], "柯街镇一处道路塌方", "每日简报", id="both in one message"),
    ],
)
def test_a_message_names_what_it_is_about(lite: Store, alerts: list[Alert], subject: str, body: str) -> None:
    with lite.transaction() as transaction:
        transaction.save(opening(an_incident(source_ids=("county-paper",))))
    shown_subject, shown_body = said(lite, *alerts)
    assert subject in shown_subject
    assert body in shown_body


def test_the_mail_of_a_digest_carries_the_daily_paper(lite: Store) -> None:
    with lite.transaction() as transaction:
        transaction.save(opening(an_incident()))
    digest, detected = (written(lite, alert) for alert in (DIGEST, DETECTED))
    assert digest.attach is not None
    assert [file.name for file in digest.attach()] == ["政务舆情日报-2026-03-03.docx"]
    assert detected.attach is None


def test_what_changed_since_it_was_queued_is_said_as_it_is_now(lite: Store) -> None:
    with lite.transaction() as transaction:
        transaction.save(opening(an_incident()))
    before = said(lite, DETECTED)[1]
    with lite.transaction() as transaction:
        dossier = transaction.dossier(1)
        changed = replace(dossier.incident, version=2, assigned_to=("police",))
        transaction.save(opening(changed, expected_version=1))
    assert "县公安局" not in before
    assert "县公安局" in said(lite, DETECTED)[1]
