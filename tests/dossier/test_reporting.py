"""Reports to superiors: when their clocks start, and whose they are after a split (decision 0009)."""

from monitor.deadlines.model import Obligation, ObligationState, StartBasis
from monitor.dossier import acts
from monitor.dossier.joining import split
from monitor.incidents.model import ReportMeans
from tests.dossier.standing import Standing, a_report, circumstances, reporting
from tests.support.builders import T0, after

KIND = "U_PHONE_30"


def clock(standing: Standing) -> Obligation | None:
    return next((o for o in standing.dossier.obligations if o.kind == KIND), None)


def test_a_report_that_is_switched_on_later_counts_from_then_and_is_not_overdue_at_birth() -> None:
    standing = Standing.opened(a_report(T0, deaths=12), T0)
    assert clock(standing) is None
    standing.office = reporting(U_PHONE_30=0.5)
    standing.join(a_report(after(hours=9), deaths=13, item_id=2), after(hours=9))
    phone = clock(standing)
    assert phone is not None
    assert (phone.starts_at, phone.start_basis) == (after(hours=9), StartBasis.SWITCHED_ON)
    assert (phone.due_at, phone.overdue_at_birth) == (after(hours=9.5), False)
    standing.act(acts.confirm, "duty", after(hours=9.2))
    assert clock(standing) == phone


def test_a_report_that_was_on_from_the_beginning_counts_from_what_the_office_knew() -> None:
    standing = Standing.opened(a_report(T0, deaths=2), T0, office=reporting(U_PHONE_30=0.5))
    assert clock(standing) is None
    standing.join(a_report(after(hours=9), deaths=12, item_id=2), after(hours=9))
    phone = clock(standing)
    assert phone is not None
    assert (phone.starts_at, phone.overdue_at_birth) == (T0, True)


def test_a_report_that_was_off_for_a_while_counts_from_when_it_is_on_again() -> None:
    standing = Standing.opened(a_report(T0, deaths=2), T0, office=reporting(U_PHONE_30=0.5))
    for hours, office in ((3, reporting()), (9, reporting(U_PHONE_30=0.5))):
        standing.office = office
        standing.join(a_report(after(hours=hours), deaths=hours + 3, item_id=hours), after(hours=hours))
    phone = clock(standing)
    assert phone is not None
    assert phone.starts_at == after(hours=9)


def test_a_report_stays_with_the_incident_it_was_made_of_when_that_is_split() -> None:
    office, first, second = reporting(U_PHONE_30=0.5), a_report(T0, 12), a_report(T0, 11, item_id=2)
    standing = Standing.opened(first, T0, office=office)
    standing.join(second, T0)
    done = acts.report_up(KIND, ReportMeans.PHONE, reporter="duty", effective_at=after(minutes=5))
    standing.act(done, "duty", after(minutes=6))
    now = circumstances(after(minutes=20), office=office)
    parent, opened = split(standing.dossier, [second], [first], 2, "duty", now)
    assert [report.kind for report in parent.incident.upward_reports] == [KIND]
    assert opened.incident.upward_reports == ()
    (own,) = [o for o in opened.obligations if o.kind == KIND]
    assert own.state is ObligationState.OPEN
