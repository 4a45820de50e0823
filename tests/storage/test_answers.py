"""What programs were answered under a key of theirs."""

from dataclasses import replace

from monitor.ports import GivenAnswer, Store
from tests.support.builders import T0, after

ASKED = GivenAnswer(account="duty", key="k", asked_hash="h", asked_at=T0)


def test_a_key_is_taken_once_and_keeps_what_was_answered(store: Store) -> None:
    with store.transaction() as unit:
        assert unit.reserve_answer(ASKED) is None
        assert unit.reserve_answer(replace(ASKED, asked_hash="other", asked_at=after(hours=1))) == ASKED
        unit.save_answer(replace(ASKED, answer='{"answer":"已交办"}'))
    with store.transaction() as unit:
        assert unit.reserve_answer(ASKED) == replace(ASKED, answer='{"answer":"已交办"}')


def test_every_login_has_keys_of_its_own(store: Store) -> None:
    with store.transaction() as unit:
        assert unit.reserve_answer(ASKED) is None
        assert unit.reserve_answer(replace(ASKED, account="leader")) is None


def test_a_freed_key_can_be_taken_again(store: Store) -> None:
    with store.transaction() as unit:
        unit.reserve_answer(ASKED)
        unit.drop_answer("duty", "k")
        assert unit.reserve_answer(ASKED) is None


def test_old_answers_are_forgotten(store: Store) -> None:
    with store.transaction() as unit:
        for hours in range(3):
            unit.reserve_answer(replace(ASKED, key=f"k{hours}", asked_at=after(hours=hours)))
        assert unit.drop_answers(after(hours=1)) == 2
        assert unit.reserve_answer(replace(ASKED, key="k2")) is not None
        assert unit.reserve_answer(replace(ASKED, key="k1")) is None
