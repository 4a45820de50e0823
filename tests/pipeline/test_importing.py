"""A past ledger becomes closed history: no clock, no page, and twice is once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.analysis.answering import response_time
from monitor.analysis.assessment import assessment
from monitor.analysis.period import year
from monitor.classifiers.model import Severity
from monitor.dossier.model import Part
from monitor.incidents.model import PublicationState
from monitor.ledger.model import LedgerRow, Stated
from monitor.pipeline.importing import Imported, count_import, import_ledger
from monitor.ports import Store
from tests.analysis.facts import NAMING
from tests.support.builders import T0, after, opening

NOW = after(days=400)


def a_row(number: int = 1, **fields: object) -> LedgerRow:
    """Return a case of T0 that was answered five hours after its first post."""
    defaults: dict[str, object] = {
        "place": f"2026年!{number}",
        "key": f"ledger|{number}",
        "title": f"第{number}件停水",
        "text": "居民反映停水。",
        "source": "县论坛",
        "url": None,
        "detected": Stated(at=T0, is_exact=True),
        "published": Stated(at=after(hours=-1), is_exact=True),
        "severity": Severity.ORDINARY,
        "event_type": "fire",
        "category": "accident",
        "location": "柯街镇",
        "departments": ("water",),
        "answered": Stated(at=after(hours=4), is_exact=True),
        "answer": "情况说明",
        "channel": "县政府网",
        "ended": None,
    }
    return LedgerRow(**defaults | fields)  # type: ignore[arg-type]


def test_rows_become_closed_incidents_with_their_answers_and_nothing_runs(store: Store) -> None:
    rows = [a_row(n) for n in range(1, 104)]
    assert count_import(store, rows, NOW) == Imported(new=103, known=0, recent=0)
    assert import_ledger(store, rows, NOW, by="console", via="console") == Imported(
        new=103, known=0, recent=0
    )
    with store.reading() as transaction:
        found = transaction.incidents(limit=200)
        (dossier,) = transaction.dossiers_of(found[:1], tuple(Part))
        assert {incident.state.value for incident in found} == {"closed"}
        assert (dossier.obligations, dossier.reminders, dossier.rounds) == ((), (), ())
        assert [p.effective_at for p in dossier.publications] == [after(hours=4)]
        assert transaction.wake(after(days=9999), 10) == ()
        assert transaction.alerts_in_states(("queued", "sent", "held"), 10) == ()
        assert {entry.change.event for entry in transaction.journal()} == {"ledger_imported"}
        assert transaction.verify_journal()[0]


def test_importing_again_changes_nothing_and_adds_what_is_new(store: Store) -> None:
    import_ledger(store, [a_row(1)], NOW, by="console", via="console")
    with store.reading() as transaction:
        before = transaction.journal_head()
    assert import_ledger(store, [a_row(1)], NOW, by="console", via="console").new == 0
    with store.reading() as transaction:
        assert transaction.journal_head() == before
    assert import_ledger(store, [a_row(1), a_row(2)], NOW, by="c", via="console") == Imported(
        new=1, known=1, recent=0
    )


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        pytest.param(
            {"answered": Stated(at=after(hours=5), is_exact=True)},
            ["ended_at", "answer"],
            id="another answer",
        ),
        pytest.param({"answered": None}, ["ended_at", "answer"], id="no answer after all"),
        pytest.param({"departments": ("police",)}, ["assigned_to"], id="another body"),
        pytest.param(
            {"severity": Severity.SERIOUS, "location": "勐统镇"},
            ["places", "severity"],
            id="severity and place",
        ),
    ],
)
def test_a_corrected_row_corrects_its_case_once(
    store: Store, changed: dict[str, object], fields: list[str]
) -> None:
    import_ledger(store, [a_row(1), a_row(2)], NOW, by="console", via="console")
    rows = [a_row(1, **changed), a_row(2)]
    planned = Imported(new=0, known=2, recent=0, corrected=1)
    assert count_import(store, rows, NOW) == planned
    assert import_ledger(store, rows, NOW, by="console", via="console") == planned
    assert count_import(store, rows, NOW).corrected == 0
    with store.reading() as transaction:
        dossier = transaction.dossier(1)
        noted = transaction.journal()[-1].change
    accepted = [p.effective_at for p in dossier.publications if p.state is PublicationState.ACCEPTED]
    assert accepted == [row.answered.at for row in rows[:1] if row.answered]
    assert dossier.incident.assigned_to == rows[0].departments
    assert dossier.incident.severity == rows[0].severity
    assert (noted.event, noted.incident, noted.facts) == ("ledger_corrected", 1, {"fields": fields})


def test_a_case_that_people_took_up_since_is_theirs(store: Store) -> None:
    import_ledger(store, [a_row(1)], NOW, by="console", via="console")
    with store.transaction() as transaction:
        incident = transaction.dossier(1).incident
        taken_up = replace(incident, version=2, ended_by="duty")
        transaction.save(opening(taken_up, expected_version=1))
    assert count_import(store, [a_row(1, departments=("police",))], NOW).corrected == 0


@pytest.mark.parametrize(
    ("days", "recent"), [pytest.param(29, 1, id="within a month"), pytest.param(31, 0, id="before that")]
)
def test_what_news_could_still_join_is_no_history_yet(store: Store, days: int, recent: int) -> None:
    row = a_row(ended=Stated(at=NOW - timedelta(days=days), is_exact=True))
    assert import_ledger(store, [row], NOW, by="console", via="console").recent == recent


def test_imported_cases_count_in_lengths_and_cases_and_in_no_rate(store: Store) -> None:
    import_ledger(store, [a_row(1), a_row(2, answered=None)], NOW, by="console", via="console")
    with store.reading() as transaction:
        material = transaction.analysis_material(year(2026), NOW)
    assert response_time(material, NAMING).rows[-1] == ("合计", 2, 1, 1, 0, 5.0, 5.0, 5.0)
    sheet = assessment(material, NAMING, ("water",))
    row = dict(zip([column.key for column in sheet.columns], sheet.rows[0], strict=True))
    assert (row["incidents"], row["imported"], row["due"], row["rate"]) == (2, 2, 0, None)
