"""Instants, lengths and whole values come back as they went in, on both databases."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from alerts.model import Delivery, Message, Outcome, OutcomeClass
from monitor.classifiers.model import (
    Background,
    Count,
    Evidence,
    Figures,
    Grade,
    Moment,
    NamedPlace,
    Precision,
    Severity,
)
from monitor.collectors.model import Poll, SourceState
from monitor.errors import NaiveTimeError
from monitor.incidents.model import Holding, Judgement, Report, Trust
from monitor.items.model import Item
from monitor.ports import Account, Pulse, Session, Store
from storage.mapping import row_of, value_of
from storage.tables import (
    AccountRow,
    DeliveryRow,
    ItemRow,
    MessageRow,
    PollRow,
    PulseRow,
    SessionRow,
    SourceStateRow,
    table_of,
)
from storage.types import Json, Microseconds, UtcDateTime
from tests.support.builders import (
    T0,
    a_dossier,
    a_source_state,
    a_verdict,
    after,
    an_alert,
    an_incident,
    an_item,
    an_obligation,
    opening,
)

SQLITE = sqlite.dialect()
ANY_ZONE = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
INSTANTS = st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=ANY_ZONE)  # noqa: DTZ001
LENGTHS = st.timedeltas(timedelta(days=-9999), timedelta(days=9999))


def there_and_back(column: Microseconds | Json[Any], value: Any) -> Any:
    return column.result_processor(SQLITE, None)(column.bind_processor(SQLITE)(value))


@given(INSTANTS, INSTANTS)
def test_on_sqlite_the_order_of_the_text_is_the_order_of_time(one: datetime, other: datetime) -> None:
    column = UtcDateTime()
    texts = [column.bind_processor(SQLITE)(at) for at in (one, other)]
    assert (texts[0] < texts[1]) == (one < other)
    back = column.result_processor(SQLITE, None)(texts[0])
    assert back == one
    assert back.tzinfo is UTC


@given(LENGTHS)
def test_a_length_keeps_every_microsecond(length: timedelta) -> None:
    assert there_and_back(Microseconds(), length) == length


def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    naive = datetime(2026, 3, 2, 8, 0)  # noqa: DTZ001
    with pytest.raises(NaiveTimeError), store.transaction() as unit:
        unit.add_items([an_item(first_seen_at=naive)], [None])
    with store.reading() as unit:
        assert unit.known_items([an_item().key]) == {}


def test_an_instant_of_another_zone_comes_back_as_the_same_instant_in_utc(store: Store) -> None:
    shanghai = timezone(timedelta(hours=8))
    seen = datetime(2026, 3, 2, 8, 0, 0, 123456, tzinfo=shanghai)
    with store.transaction() as unit:
        (item,) = unit.add_items([an_item(published_at=None, first_seen_at=seen)], [None])
    with store.reading() as unit:
        back, _ = unit.item(item.id)
    assert back.first_seen_at == seen
    assert back.first_seen_at.tzinfo is UTC
    assert back.published_at is None


FULL_VERDICT = a_verdict(
    places=(NamedPlace(name="柯街镇", code="530524104"), NamedPlace(name="某地")),
    occurred=Moment(at=T0, precision=Precision.DAY, until=after(days=1)),
    figures=Figures(
        counts=MappingProxyType({"deaths": Count(value=3, low=3, high=None, claimed=True)}),
        flags=frozenset({"core_evacuated", "primary_school"}),
    ),
    background=Background(figures=Figures(), grade=Grade(precautionary=Severity.ORDINARY), occurred=None),
    evidence=(Evidence(field="deaths", text="3人遇难", start=12, end=17, where="title"),),
    sentiment=-0.1 - 0.2,
    local=None,
)
FULL_INCIDENT = an_incident(
    holding=Holding(
        official=MappingProxyType({"deaths": Report(count=Count.exactly(3), at=T0, item_id=7)}),
        flags=frozenset({"a", "b"}),
    ),
    judgement=Judgement(
        by="duty",
        at=T0,
        severity=None,
        automatic_seen=Severity.SERIOUS,
        figures_seen=MappingProxyType({"deaths": 3.0}),
        reason="核实",
    ),
    trusts=frozenset({Trust.MEDIA, Trust.SOCIAL}),
    conflicts_told=frozenset({"deaths"}),
)


@pytest.mark.parametrize(
    "value",
    [
        a_verdict(),
        FULL_VERDICT,
        an_incident(),
        FULL_INCIDENT,
        an_obligation(told=("duty", "leader"), window=timedelta(hours=24, microseconds=1)),
        an_alert(late_by=timedelta(seconds=-1.5), away=timedelta(hours=3)),
        Outcome(kind=OutcomeClass.RATE_LIMITED, code="45009", retry_after=timedelta(seconds=30)),
    ],
)
def test_a_whole_value_comes_back_equal(value: Any) -> None:
    assert there_and_back(Json(type(value)), value) == value


def test_a_value_stored_before_a_field_existed_gets_its_default() -> None:
    read = Json[Outcome](Outcome).result_processor(SQLITE, None)
    assert read('{"kind": "ok", "gone": 1}') == Outcome(kind=OutcomeClass.OK)


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        (Item, ItemRow),
        (Poll, PollRow),
        (SourceState, SourceStateRow),
        (Message, MessageRow),
        (Delivery, DeliveryRow),
        (Pulse, PulseRow),
        (Account, AccountRow),
        (Session, SessionRow),
    ],
)
def test_every_field_of_a_flat_value_has_a_column(kind: Any, row: Any) -> None:
    assert {field.name for field in fields(kind)} <= set(table_of(row).columns.keys())


def test_a_row_gives_back_the_value_it_was_made_of() -> None:
    state = a_source_state(usual_gap=timedelta(minutes=7))
    assert value_of(SourceState, row_of(state, table_of(SourceStateRow))) == state


def test_a_full_incident_and_verdict_survive_the_database(store: Store) -> None:
    with store.transaction() as unit:
        (item,) = unit.add_items([an_item()], [FULL_VERDICT])
        unit.save(opening(FULL_INCIDENT))
    with store.reading() as unit:
        assert unit.dossier(1) == a_dossier(FULL_INCIDENT)
        assert unit.item(item.id)[1] == FULL_VERDICT


def test_a_text_that_was_read_before_is_the_same_value_and_another_text_never_is() -> None:
    kind: Json[NamedPlace] = Json(NamedPlace, remembered=2)
    write, read = kind.bind_processor(SQLITE), kind.result_processor(SQLITE, None)
    texts = [write(NamedPlace(name=name)) for name in ("柯街镇", "漭水镇", "田园镇")]
    first = [read(text) for text in texts]
    assert [place.name for place in first] == ["柯街镇", "漭水镇", "田园镇"]
    assert read("".join(list(texts[2]))) is first[2]
    assert read(texts[0]) == first[0]
