"""Reports to superiors (信息报送): recorded by a person, they fulfil their own obligations and no others.

Source: 突发事件应对法 (2024) art. 17; reporting up and answering the public are two duties.
"""

from datetime import datetime

from monitor.dossier.draft import Draft
from monitor.errors import RefusedActError
from monitor.incidents.model import ReportMeans, UpwardReport


def record_report(
    draft: Draft, obligation: str, means: ReportMeans, to: str | None, reporter: str, at: datetime, by: str
) -> None:
    """Record who reported to whom (`to` None: whom the rule names), by what, when; raises RefusedActError."""
    running = (o for o in draft.obligations.values() if o.is_report and o.is_running)
    wanted = next((o for o in running if obligation in (o.id, o.kind)), None)
    if wanted is None:
        raise RefusedActError("report_up", "no_such_obligation")
    rule = draft.circumstances.rules.rule(wanted.kind)
    if means not in rule.fulfilled_by:
        raise RefusedActError("report_up", "wrong_means")
    report = UpwardReport(
        id=f"{draft.incident.id}-u{len(draft.incident.upward_reports) + 1}",
        kind=wanted.kind,
        means=means,
        to=to or rule.to,
        reporter=reporter,
        effective_at=at,
        recorded_at=draft.now,
        recorded_by=by,
    )
    draft.update(upward_reports=(*draft.incident.upward_reports, report))
    draft.note(
        "reported_up",
        obligation=wanted.kind,
        report=report.id,
        means=str(means),
        by=by,
        effective_at=at.isoformat(),
    )
