"""What the office keeps no longer is forgotten at night, and only if it says how long it keeps."""

from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from monitor.office.example import example_office
from monitor.office.model import Policy
from monitor.service.saving import forget_by_policy
from monitor.settings import Settings
from storage.engine import open_store
from storage.retention import Forgotten
from tests.support.builders import after, an_item

NIGHT, DAY = after(days=401, hours=-5), after(days=401)
DONE = Forgotten(items=1, contacts=0)


@pytest.mark.parametrize(
    ("keep", "now", "done"),
    [
        pytest.param(timedelta(days=400), NIGHT, DONE, id="at three in the morning"),
        pytest.param(timedelta(days=400), DAY, None, id="not by day"),
        pytest.param(timedelta(days=401), NIGHT, Forgotten(items=0, contacts=0), id="not before its time"),
        pytest.param(None, NIGHT, None, id="never, if the office says so"),
    ],
)
def test_old_words_are_forgotten_as_the_office_says(
    tmp_path: Path, keep: timedelta | None, now: datetime, done: Forgotten | None
) -> None:
    url = f"sqlite:///{tmp_path / 'huiying.db'}"
    with closing(open_store(url)) as store, store.transaction() as unit:
        unit.add_items([an_item()], [None])
    office = replace(example_office(), policy=Policy(keep_items=keep))
    settings = Settings(database_url=SecretStr(url))
    assert forget_by_policy(settings, office, now) == done
    with closing(open_store(url)) as store, store.reading() as unit:
        acts = [(e.change.event, e.change.actor) for e in unit.journal()]
    assert acts == ([("texts_forgotten", "policy")] if done == DONE else [])
