"""Reports taken by hand: what is kept beside the item, and the files as they were sent."""

from dataclasses import replace

import pytest

from monitor.errors import NotFoundError
from monitor.items.tips import Attachment, FileKind, KeptFile, KeptTip, TipChannel
from monitor.ports import Store
from storage.errors import StoreError
from tests.support.builders import T0, after, an_item

PNG = Attachment(kind=FileKind.PNG, body=b"\x89PNG\r\n\x1a\n\x00\xff")
PDF = Attachment(kind=FileKind.PDF, body=b"%PDF-1.7 \x00")
TIP = KeptTip(
    item_id=1,
    channel=TipChannel.PHONE,
    called_at=T0,
    contact="王先生 13800000000",
    recorded_by="duty",
    recorded_at=after(minutes=3),
)


def test_a_tip_and_its_files_come_back_as_they_were(store: Store) -> None:
    with store.transaction() as unit:
        (item,) = unit.add_items([an_item()], [None])
        unit.add_tip(replace(TIP, item_id=item.id), [PNG, PDF])
    files = (
        KeptFile(number=1, kind=FileKind.PNG, size=10, digest=PNG.digest),
        KeptFile(number=2, kind=FileKind.PDF, size=10, digest=PDF.digest),
    )
    with store.transaction() as unit:
        assert unit.tip(item.id, to_change=True) == replace(TIP, item_id=item.id, files=files)
        assert [unit.attachment(item.id, number) for number in (1, 2)] == [PNG, PDF]


def test_what_is_not_there_is_named(store: Store) -> None:
    with store.reading() as unit:
        with pytest.raises(NotFoundError, match="no tip 7"):
            unit.tip(7)
        with pytest.raises(NotFoundError, match="no attachment 7/1"):
            unit.attachment(7, 1)


def test_an_item_is_taken_by_hand_once_and_must_be_there(store: Store) -> None:
    with store.transaction() as unit:
        (item,) = unit.add_items([an_item()], [None])
        unit.add_tip(replace(TIP, item_id=item.id), [])
    for item_id in (item.id, item.id + 1):
        with pytest.raises(StoreError), store.transaction() as unit:
            unit.add_tip(replace(TIP, item_id=item_id), [])


def test_an_address_finds_the_first_item_that_had_it(store: Store) -> None:
    page = f"https://example.invalid/{'路' * 3000}"  # longer than an ordinary index of PostgreSQL takes
    with store.transaction() as unit:
        first, *_ = unit.add_items([an_item(key="a", url=page), an_item(key="b", url=page)], [None, None])
    with store.reading() as unit:
        assert unit.item_at(page) == first
        assert unit.item_at("https://example.invalid/") is None
