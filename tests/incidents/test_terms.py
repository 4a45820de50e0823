"""The index answers like a plain scan of every incident, whatever it knew before."""

import math
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.incidents.terms import MOST_CARRIERS, PROBES, TermIndex

RARITY = {
    f"{first}{second}": 2.0 + number for number, first in enumerate("甲乙丙丁") for second in "山水火土木金"
}
SIGNS = ("@fire", "#53", "#530524")
ELSEWHERE = {word: 0.1 * math.exp((13 - rarity) / 3) for word, rarity in RARITY.items()} | dict.fromkeys(
    SIGNS, 0.5
)

Profile = Mapping[str, float]
terms = st.sampled_from([*RARITY, *SIGNS])
weights = st.floats(0.05, 3.0)


def profiles(most: int) -> st.SearchStrategy[Profile]:
    return st.dictionaries(terms, weights, min_size=1, max_size=most)


books = st.dictionaries(st.integers(1, MOST_CARRIERS), profiles(12), max_size=MOST_CARRIERS)


def index_of(*books: Mapping[int, Profile]) -> TermIndex:
    """Learn one book after the other; what is not in the next one is dropped."""
    index = TermIndex(RARITY.__getitem__, most_idle=5)
    for book, later in zip(books, [*books[1:], books[-1]], strict=True):
        for number, profile in book.items():
            index.put(number, profile)
        for number in book.keys() - later.keys():
            index.drop(number)
    return index


def plain_similarity(traits: Profile, number: int, book: Mapping[int, Profile]) -> float:
    """Return half the cosine and half the share of the weight that points to this incident."""
    profile = book[number]
    shared = traits.keys() & profile.keys()
    cosine = sum(traits[term] * profile[term] for term in shared) / math.hypot(*profile.values())
    carried = {term: sum(other.get(term, 0.0) for other in book.values()) for term in shared}
    pointing = sum(traits[term] * profile[term] / (carried[term] + ELSEWHERE[term]) for term in shared)
    return (cosine + pointing / sum(traits.values())) / 2


@given(books, books, profiles(PROBES))
def test_every_incident_that_shares_a_term_is_weighed_as_a_plain_scan_would(
    before: Mapping[int, Profile], book: Mapping[int, Profile], traits: Profile
) -> None:
    found = index_of(before, book).nearest(traits)
    plain = {
        n: plain_similarity(traits, n, book) for n, profile in book.items() if traits.keys() & profile.keys()
    }
    assert {number: similarity for similarity, number in found} == pytest.approx(plain)
    assert [s for s, _ in found] == sorted((s for s, _ in found), reverse=True)


@given(books, profiles(len(RARITY)))
def test_of_a_long_item_some_incidents_are_weighed_and_each_as_a_plain_scan_would(
    book: Mapping[int, Profile], traits: Profile
) -> None:
    for similarity, number in index_of(book).nearest(traits):
        assert similarity == pytest.approx(plain_similarity(traits, number, book))


def test_equal_incidents_are_named_in_the_order_of_their_numbers() -> None:
    book = {number: {"甲山": 1.0, "乙水": 2.0} for number in (3, 1, 2)}
    assert [number for _, number in index_of(book).nearest({"乙水": 0.8, "甲山": 0.6})] == [1, 2, 3]


def test_a_term_that_too_many_carry_finds_nobody() -> None:
    crowd = {number: {"甲山": 1.0} for number in range(MOST_CARRIERS + 1)}
    assert index_of(crowd).nearest({"甲山": 1.0}) == []


def test_words_that_nobody_carries_are_not_kept_for_ever() -> None:
    index = index_of({1: {"甲山": 1.0}})
    assert [index.rarity_of(word) for word in (*RARITY, "的", "12")] == [*RARITY.values(), 0.0, 0.0]
    assert len(index) == 1
    assert len(index._terms) < len(RARITY)
