"""The texts that speed is measured with."""

import feedparser
import pytest

from monitor.bench.corpus import compose, compose_reports, items_of, rss_of


def test_the_same_seed_composes_the_same_texts_and_another_seed_others() -> None:
    assert compose(20, seed=7) == compose(20, seed=7)
    assert compose(20, seed=7) != compose(20, seed=8)


def test_a_twentieth_of_the_texts_tells_of_a_matter_and_they_are_as_long_as_posts_are() -> None:
    pieces = compose(2_000)
    matters = sum(piece.is_matter for piece in pieces)
    length = sum(len(piece.title + piece.text) for piece in pieces) / len(pieces)
    assert 60 <= matters <= 140
    assert 120 <= length <= 260


def test_a_report_is_as_long_as_the_press_writes_it_and_tells_of_a_matter() -> None:
    reports = compose_reports(200)
    assert reports == compose_reports(200)
    assert 270 <= sum(len(piece.title + piece.text) for piece in reports) / len(reports) <= 370
    assert all(piece.is_matter and "{" not in piece.title + piece.text for piece in reports)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_the_share_of_matters_can_be_chosen(share: float) -> None:
    assert {piece.is_matter for piece in compose(50, matter_share=share)} == {bool(share)}


def test_no_slot_of_a_phrase_is_left_open() -> None:
    assert [piece for piece in compose(500, matter_share=0.5) if "{" in piece.title + piece.text] == []


def test_items_follow_one_another_in_time_and_have_keys_of_their_own() -> None:
    items = items_of(compose(50))
    assert sorted(items, key=lambda item: item.at) == list(items)
    assert len({item.key for item in items}) == len(items)


def test_a_composed_feed_is_well_formed_and_holds_every_text() -> None:
    pieces = compose(30)
    feed = feedparser.parse(rss_of(pieces))
    assert not feed.bozo
    assert [entry.title for entry in feed.entries] == [piece.title for piece in pieces]
