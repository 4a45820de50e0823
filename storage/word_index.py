"""The index of words: written beside the items, read by history; a row of it is named by its item's place."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import Connection, Integer, Text, bindparam, cast, column, delete, insert, table, text
from sqlalchemy.dialects.postgresql import ARRAY

from storage.grams import folded_whole, hex_grams, number_grams

FTS5_GRAMS = table("item_grams", column("rowid"), column("grams"))
NUMBER_GRAMS = table("item_grams", column("place"), column("grams"), column("folded"))


class Indexed(NamedTuple):
    """The words of an item and its place among all."""

    place: int
    title: str
    text: str


def index_words(connection: Connection, items: Iterable[Indexed]) -> None:
    """Put the words of items into the index; in order of place, or FTS5 writes a segment for each of them."""
    rows: list[dict[str, Any]]
    if connection.dialect.name == "sqlite":
        rows = [{"rowid": item.place, "grams": hex_grams(item.title, item.text)} for item in sorted(items)]
        connection.execute(insert(FTS5_GRAMS), rows)
        return
    rows = [
        {
            "place": item.place,
            "grams": number_grams(item.title, item.text),
            "folded": folded_whole(item.title, item.text),
        }
        for item in items
    ]
    grams = cast(bindparam("grams", type_=Text), ARRAY(Integer))
    connection.execute(insert(NUMBER_GRAMS).values(grams=grams), rows)


def drop_words(connection: Connection, items: Iterable[Indexed]) -> None:
    """Take the words of items out of the index, on SQLite overwritten in the file and not only unlinked.

    FTS5 keeps no texts, so it must be told again what it has of each of them.
    """
    if connection.dialect.name == "postgresql":
        places = [item.place for item in items]
        connection.execute(delete(NUMBER_GRAMS).where(NUMBER_GRAMS.c.place.in_(places)))
        return
    connection.exec_driver_sql("PRAGMA secure_delete=ON")
    statement = "INSERT INTO item_grams (item_grams, rowid, grams) VALUES ('delete', :place, :grams)"
    rows = [{"place": item.place, "grams": hex_grams(item.title, item.text)} for item in items]
    connection.execute(text(statement), rows)
