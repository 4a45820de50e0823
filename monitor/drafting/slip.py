"""送审单: one version of an answer with its signatures, as paper that goes from desk to desk.

What the secrecy review has to leave in writing (title, summary, way, reason) stands in it.
"""

from collections.abc import Iterator

from alerts.digest.incident_papers import IncidentFile
from alerts.digest.paper import Block, Paper, Rank, Sentence, heading, points, text
from alerts.digest.sentences import say_day, say_instant
from alerts.message.words import say_person
from monitor.drafting.model import AnswerDraft, Opinion, Step
from monitor.drafting.review import gaps, is_ready, returned_by, standing

_BLANK = "＿" * 6


def slip(draft: AnswerDraft, file: IncidentFile) -> Paper:
    """Return the slip of the newest version; a step that nobody has signed has a line to sign on."""
    incident = file.dossier.incident
    return Paper(
        title="政务舆情回应稿送审单",
        office_name=file.office.name,
        dateline=f"{say_day(file.now)}　{incident.id}号事件第{draft.number}稿第{draft.newest.number}版",
        made_at=file.now,
        blocks=(
            heading(Rank.FIRST, "送审稿件"),
            *points([_said(line) for line in _head(draft, file)]),
            heading(Rank.FIRST, "正文"),
            *(text(_said(line)) for line in draft.newest.text.splitlines() if line.strip()),
            heading(Rank.FIRST, "审校和保密审查"),
            *_steps(draft, file),
            *_states(draft),
        ),
    )


def _said(words: str) -> Sentence:
    return Sentence(said=words)


def _head(draft: AnswerDraft, file: IncidentFile) -> Iterator[str]:
    newest = draft.newest
    yield f"标题：{newest.title}"
    yield f"类型：{newest.kind.zh}"
    yield f"拟公开的方式：{newest.channel or _BLANK}"
    who, at = say_person(newest.author, file.office), say_instant(newest.written_at, file.now)
    yield f"撰稿：{who}，{at}"


def _steps(draft: AnswerDraft, file: IncidentFile) -> Iterator[Block]:
    signed, back = standing(draft), returned_by(draft)
    for step in Step:
        signature = back if back is not None and back.step is step else signed.get(step)
        if signature is None:
            yield Block(rank=Rank.POINT, sentences=(_said(f"{step.zh}：意见{_BLANK * 2}"),))
            yield text(_said(f"签名{_BLANK}　时间{_BLANK}"))
            continue
        who, at = say_person(signature.by, file.office), say_instant(signature.at, file.now)
        reason = f"（{signature.reason}）" if signature.reason else ""
        said = f"{step.zh}：{signature.opinion.zh}{reason}，{who}，{at}"
        yield Block(rank=Rank.POINT, sentences=(_said(said),))


def _states(draft: AnswerDraft) -> Iterator[Block]:
    newest = draft.newest
    left = len(gaps(newest.title + newest.text))
    if left:
        yield text(_said(f"稿中还有{left}处待填，不能通过三审。"))
    if any(s.opinion is Opinion.RETURN and s.version == newest.number for s in draft.signatures):
        yield text(_said("本版已退回修改。"))
    elif is_ready(draft):
        yield text(_said("本版审校、保密审查齐全，可以发布。发布由人在本系统之外办理。"))
    else:
        yield text(_said("本版审校、保密审查不全，不得发布。"))
