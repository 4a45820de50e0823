"""Reports to superiors (信息报送): recorded by a person, they fulfil their own obligations and no others.

Source: 突发事件应对法 (2024) art. 17; reporting up and answering the public are two duties.
"""

from dataclasses import replace
from datetime import datetime

from monitor.deadlines.derive import as_unmet
from monitor.deadlines.model import ObligationState
from monitor.dossier.clocks import resume
from monitor.dossier.draft import Draft
from monitor.dossier.telling import tell_the_end
from monitor.errors import NotFoundError, RefusedActError
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


def withdraw_report(draft: Draft, report_id: str, by: str, reason: str) -> None:
    """Take back a report that was recorded wrongly: what it fulfilled runs again, whoever was told hears it.

    Raises NotFoundError, and RefusedActError where it was taken back before.
    """
    known = {report.id: report for report in draft.incident.upward_reports}
    if report_id not in known:
        raise NotFoundError("report", report_id)
    if known[report_id].is_withdrawn:
        raise RefusedActError("withdraw_report", "is_withdrawn")
    known[report_id] = replace(known[report_id], is_withdrawn=True)
    draft.update(upward_reports=tuple(known.values()))
    draft.note("report_withdrawn", words=reason, report=report_id, obligation=known[report_id].kind, by=by)
    for obligation in list(draft.obligations.values()):
        if obligation.state is ObligationState.MET and obligation.met_by == report_id:
            resume(draft, as_unmet(obligation, draft.now), "report_withdrawn")
            tell_the_end(draft, "corrected", draft.obligations[obligation.id])
