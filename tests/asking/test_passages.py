"""What is shown of an answer is its own text, the words marked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.asking.fold import fold, spans
from monitor.asking.passages import MOST, Piece, marked, passages, pointed
from monitor.asking.rank import fitness


def shown(pieces: tuple[Piece, ...]) -> str:
    return "".join(f"[{piece.text}]" if piece.is_marked else piece.text for piece in pieces)


@pytest.mark.parametrize(
    ("text", "words", "said"),
    [
        ("柯街镇停水通知", ("停水",), "柯街镇[停水]通知"),
        ("停水停水", ("停水",), "[停水停水]"),
        ("山体滑坡", ("山体滑", "滑坡"), "[山体滑坡]"),
        ("Ｇ２１９线 Straße", ("219", "strasse"), "Ｇ[２１９]线 [Straße]"),
        ("50㎡断水", ("2断",), "50[㎡断]水"),
        ("<b>停水</b>", ("停水",), "<b>[停水]</b>"),
        ("没有", ("停水",), "没有"),
    ],
)
def test_words_are_marked_where_they_stand(text: str, words: tuple[str, ...], said: str) -> None:
    assert shown(marked(text, words)) == said


@given(
    st.text(st.sampled_from("停水㎡ßaA½。\n"), max_size=30),
    st.lists(st.text(st.sampled_from("停水m2sa1"), max_size=3)),
)
def test_marked_pieces_joined_are_the_text_and_hold_every_word(text: str, words: list[str]) -> None:
    folded = tuple(fold(word) for word in words)
    assert "".join(piece.text for piece in marked(text, folded)) == text
    for word in folded:
        assert not word or (word in fold(text)) == any(
            word in fold(text[a:b]) for a, b in spans(text, (word,))
        )


def test_a_long_text_shows_its_passages_and_one_without_words_its_beginning() -> None:
    text = ("水" * 100 + "停电") * 10
    found = passages(text, ("停电",))
    assert len(found) == MOST
    assert all(shown(passage).count("[停电]") == 1 for passage in found)
    assert shown(found[0]).startswith("…水")
    assert passages("水" * 300, ("停电",)) == ((Piece(text="水" * 160), Piece(text="…")),)
    assert passages("", ("停电",)) == ()


def test_a_whole_word_of_the_headline_fits_best() -> None:
    def cut(text: str) -> list[str]:
        return ["中华", "人民", *text[4:]] if text.startswith("中华人民") else list(text)

    scores = [
        fitness(("人民",), title, text, cut)
        for title, text in [
            ("中华人民", ""),
            ("华人民乐", "水" * 200),
            ("", "人民"),
            ("", "水" * 200 + "人民"),
            ("", ""),
        ]
    ]
    assert scores == [10, 10, 3, 1, 0]
    assert fitness(("华人",), "中华人民", "", cut) == 4


@pytest.mark.parametrize(
    ("line", "column", "said"),
    [
        ("停水 或 (断水", 6, "停水 或 [(]断水"),
        ("停水 与", 4, "停水 [与]"),
        ("停水", 3, "停水[▲]"),
        ("水" * 501, 501, "…" + "水" * 40 + "[水]"),
        ("(" + "水" * 99, 1, "[(]" + "水" * 39 + "…"),
    ],
)
def test_the_place_of_a_fault_is_shown_in_its_line(line: str, column: int, said: str) -> None:
    assert shown(pointed(line, column)) == said
