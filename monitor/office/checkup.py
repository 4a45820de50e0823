"""What is lawful in `office.yaml` and unwise all the same."""

from monitor.office.model import Audience, Office


def find_gaps(office: Office) -> tuple[str, ...]:
    """Return in Chinese what could keep somebody from being told (A12)."""
    gaps = []
    for level in office.levels:
        people = [p for p in office.people if p.level == level.number]
        if not people and level.number not in office.rostered_levels:
            gaps.append(f"第 {level.number} 层级（{level.name}）没有人")
        gaps += [f"{p.name}（第 {level.number} 层级）没有任何渠道" for p in people if not p.channels]
    rings = {c.name for c in office.channels if c.rings}
    gaps += [
        f"值班员 {p.name} 没有会响铃的渠道"
        for p in office.people
        if p.level == 1 and not rings.intersection(p.channels)
    ]
    if office.public_url is None and office.desk_phone is None:
        gaps.append("既没有 public_url，也没有值班电话 desk_phone：收到消息的人无从回应")
    if office.administrators == ():
        gaps.append("没有管理员：渠道失灵、信源中断无人知道")
    personal = {c.name for c in office.channels if c.audience is Audience.PERSON}
    gaps += [
        f"{p.name} 只有群组渠道：收不到本人专用的签收链接"
        for p in office.people
        if p.channels and not personal.intersection(p.channels)
    ]
    return tuple(gaps)
