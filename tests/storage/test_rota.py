"""What the desk holds of the rota: imported months, substitutions."""

from contextlib import closing
from dataclasses import replace
from datetime import date

import pytest

from monitor.errors import NotFoundError, RefusedActError
from monitor.office.model import Shift, Substitution
from monitor.office.registry import month_rota
from monitor.pipeline.rostering import import_month
from monitor.ports import Store
from storage.engine import open_store
from storage.errors import StoreError
from tests.support.builders import T0, after

SHIFT = Shift(level=1, person="duty", since=T0, until=after(hours=24))
MARCH = month_rota((SHIFT, replace(SHIFT, person="admin", since=after(days=1), until=after(days=2))))
LEADERS = month_rota((replace(SHIFT, level=3, person="leader", until=after(days=7)),))
APRIL = replace(MARCH, month=date(2026, 4, 1), since=after(days=30), until=after(days=60))
AWAY = Substitution(
    person="duty", stand_in="admin", since=T0, until=after(hours=8), recorded_by="office_head"
)


def test_a_month_is_kept_and_found_while_it_lasts(store: Store) -> None:
    with store.transaction() as unit:
        assert unit.replace_rota_month(date(2026, 3, 1), [LEADERS, MARCH]) == 0
    with store.reading() as unit:
        assert unit.rota_months(T0, T0) == (MARCH, LEADERS)
        assert unit.rota_months(after(days=2), after(days=3)) == (LEADERS,)
        assert unit.rota_months(after(days=7), after(days=9)) == ()
        assert unit.rota_months(after(days=-3), after(seconds=-1)) == ()


def test_importing_again_replaces_the_whole_month_and_no_other(store: Store) -> None:
    with store.transaction() as unit:
        unit.replace_rota_month(date(2026, 3, 1), [MARCH, LEADERS])
        unit.replace_rota_month(date(2026, 4, 1), [APRIL])
        assert unit.replace_rota_month(date(2026, 3, 1), [LEADERS]) == 2
    with store.reading() as unit:
        assert unit.rota_months(T0, after(days=60)) == (LEADERS, APRIL)


@pytest.mark.postgres
def test_of_two_imports_of_a_month_at_once_one_is_whole_and_one_refused(postgres_url: str) -> None:
    march, april = date(2026, 3, 1), date(2026, 4, 1)
    with closing(open_store(postgres_url)) as one, closing(open_store(postgres_url)) as other:
        with one.transaction() as first:
            first.replace_rota_month(march, [MARCH])
            with pytest.raises(RefusedActError, match="imported_meanwhile"):
                import_month(other, march, [LEADERS], by="admin", now=T0, via="desk")
            assert not import_month(other, april, [APRIL], by="admin", now=T0, via="desk")
        with one.reading() as unit:
            assert unit.rota_months(T0, after(days=60)) == (MARCH, APRIL)
        assert import_month(other, march, [LEADERS], by="admin", now=T0, via="desk")


def test_substitutions_are_numbered_and_found_while_they_last(store: Store) -> None:
    with store.transaction() as unit:
        first = unit.add_substitution(AWAY)
        second = unit.add_substitution(replace(AWAY, stand_in=None, since=after(hours=4)))
    assert second > first
    with store.reading() as unit:
        assert [s.id for s in unit.substitutions(T0, T0)] == [first]
        assert unit.substitutions(after(hours=5), after(hours=5)) == (
            replace(AWAY, id=first),
            replace(AWAY, stand_in=None, since=after(hours=4), id=second),
        )
        assert unit.substitutions(after(hours=8), after(hours=9)) == ()
        assert unit.substitution(first) == replace(AWAY, id=first)
        with pytest.raises(NotFoundError):
            unit.substitution(99)


def test_a_substitution_ends_earlier_but_never_later(store: Store) -> None:
    with store.transaction() as unit:
        number = unit.add_substitution(AWAY)
        unit.end_substitution(number, after(hours=2))
        unit.end_substitution(number, after(hours=6))
        assert unit.substitution(number).until == after(hours=2)
        unit.end_substitution(number, T0)
        assert unit.substitutions(after(hours=-1), after(hours=9)) == ()


@pytest.mark.parametrize("wrong", [{"until": after(hours=-1)}, {"stand_in": "duty"}])
def test_the_database_refuses_what_cannot_be(store: Store, wrong: dict[str, object]) -> None:
    with pytest.raises(StoreError), store.transaction() as unit:
        unit.add_substitution(replace(AWAY, **wrong))  # type: ignore[arg-type]
