"""Cutting on characters and making mentions harmless."""

from hypothesis import given
from hypothesis import strategies as st

from alerts.channels.parts import cut, harmless, split_text

texts = st.text(alphabet=st.sampled_from("柯街镇a1 \n。𠮷😀é"), max_size=300)


@given(texts, st.integers(min_value=4, max_value=80))
def test_pieces_joined_are_the_text_again_and_each_fits(text: str, limit: int) -> None:
    pieces = cut(text, limit)
    assert "".join(pieces) == text
    assert all(0 < len(piece.encode()) <= limit for piece in pieces)


@given(texts, st.integers(min_value=64, max_value=200))
def test_every_message_fits_the_limit_with_its_number(text: str, limit: int) -> None:
    assert all(len(part.encode()) <= limit for part in split_text(text, limit, 123_456))


@given(st.text())
def test_harmless_text_stays_harmless_and_can_be_sent(text: str) -> None:
    once = harmless(text)
    assert harmless(once) == once
    assert not set(once) & set("@<>\x00\x1b\r")
    once.encode()


def test_a_text_that_fits_is_sent_as_it_is() -> None:
    assert split_text("短\n" * 3, 2048, 7) == ["短\n" * 3]


def test_a_text_is_cut_at_line_ends_and_numbered() -> None:
    text = f"{'一' * 40}\n{'二' * 40}\n"
    assert split_text(text, 200, 7) == [f"编号 7（1/2）\n{'一' * 40}\n", f"编号 7（2/2）\n{'二' * 40}\n"]


def test_a_line_longer_than_a_part_is_cut_between_characters() -> None:
    assert cut("县" * 5, 7) == ["县县", "县县", "县"]
