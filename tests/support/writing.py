"""A service that writes without a pause, and always the same: what it has written follows from how often."""

from itertools import count

from monitor.ports import Store
from tests.support.builders import (
    a_change,
    a_joining,
    a_reminder,
    a_round,
    a_verdict,
    after,
    an_alert,
    an_incident,
    an_item,
    an_obligation,
    opening,
)


def write_once(store: Store, number: int) -> None:
    """Open incident `number` with all its parts and change the one before it, in one transaction."""
    with store.transaction() as unit:
        id_ = unit.next_incident_id()
        now = after(seconds=number)
        title = f"柯街镇第{number}处道路塌方"
        items = unit.add_items(
            [an_item(title=title), an_item(title=f"网传{title}", text="大货车翻了")], [a_verdict(), None]
        )
        unit.save(
            opening(
                an_incident(id=id_, title=title, detected_at=now),
                obligations=(an_obligation(id=f"{id_}/first/1", incident_id=id_),),
                reminders=(a_reminder(id=f"{id_}/1", obligation_id=f"{id_}/first/1", incident_id=id_),),
                rounds=(a_round(id=f"{id_}/round/1", incident_id=id_),),
                joinings=(a_joining(incident_id=id_, item_id=items[0].id),),
                alerts=(an_alert(incident_id=id_),),
            )
        )
        if id_ > 1:
            before = an_incident(id=id_ - 1, version=2, title=f"{title}之前")
            unit.save(opening(before, expected_version=1))
        unit.record([a_change(event="incident_confirmed", incident=id_, words=f"第{number}次")], "r1")


def write_on(store: Store) -> None:
    """Write until killed, and say after each time how often it has been done."""
    for number in count(1):
        write_once(store, number)
        print(number, flush=True)  # noqa: T201 - this is how it talks to its parent
