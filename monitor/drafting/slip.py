"""送审单: one version of an answer with its signatures, as the form that goes from desk to desk with it.

What the secrecy review has to leave in writing stands in it: title, summary, way, scope, reason.
"""

from collections.abc import Iterator

from alerts.digest.incident_papers import IncidentFile
from alerts.digest.paper import FORM_COLUMNS, Cell, Paper, Sentence, text
from alerts.digest.sentences import say_day, say_instant
from alerts.message.words import say_person
from monitor.drafting.model import AnswerDraft, Step
from monitor.drafting.review import gaps, is_ready, returned_by, standing

_SUMMARY_SIGNS = 70
_SCOPES = "□面向社会\n□其他："

Row = tuple[Cell, ...]


def slip(draft: AnswerDraft, file: IncidentFile) -> Paper:
    """Return the slip of the newest version; a step that nobody has signed has boxes to sign in."""
    newest = draft.newest
    annex = ("附：送审稿全文", newest.title, *newest.text.splitlines())
    return Paper(
        title="政务舆情回应稿送审单",
        office_name=file.office.name,
        dateline=say_day(file.now),
        made_at=file.now,
        form=(*_head(draft, file), *_steps(draft, file), *_end(draft, file)),
        blocks=tuple(text(Sentence(said=line)) for line in annex if line.strip()),
    )


def _label(said: str, columns: int = 5) -> Cell:
    return Cell(said=said, columns=columns, is_label=True)


def _row(*pairs: tuple[str, str]) -> Row:
    """Return a row of labels, each with what stands beside it."""
    columns = FORM_COLUMNS // len(pairs) - 5
    return tuple(cell for label, said in pairs for cell in (_label(label), Cell(said=said, columns=columns)))


def _head(draft: AnswerDraft, file: IncidentFile) -> Iterator[Row]:
    newest = draft.newest
    version = f"{draft.incident_id}号事件第{draft.number}稿第{newest.number}版"
    yield _row(("标题", newest.title))
    yield _row(("类型", newest.kind.zh), ("稿次", version))
    who, at = say_person(newest.author, file.office), say_instant(newest.written_at, file.now)
    yield _row(("撰稿", who), ("成稿时间", at))
    yield _row(("内容摘要", f"{_summary(newest.text)}（全文附后）"))
    yield _row(("拟公开的方式", newest.channel), ("公开范围", _SCOPES))


def _summary(whole: str) -> str:
    """Return its first sentences, as far as the box holds them."""
    line = "".join(whole.split())
    begun = line[:_SUMMARY_SIGNS]
    if begun == line:
        return line
    return begun[: begun.rfind("。") + 1] or f"{begun}……"


def _steps(draft: AnswerDraft, file: IncidentFile) -> Iterator[Row]:
    yield (_label("环节"), _label("意见", 8), _label("签名", 4), _label("时间", 7))
    signed, back = standing(draft), returned_by(draft)
    for step in Step:
        signature = back if back is not None and back.step is step else signed.get(step)
        said, who, at = "", "", ""
        if signature is not None:
            said = "：".join(part for part in (signature.opinion.zh, signature.reason) if part)
            who, at = say_person(signature.by, file.office), say_instant(signature.at, file.now)
        yield (
            _label(step.zh),
            Cell(said=said, columns=8),
            Cell(said=who, columns=4),
            Cell(said=at, columns=7),
        )


def _end(draft: AnswerDraft, file: IncidentFile) -> Iterator[Row]:
    yield _row(("审校结论", _state(draft)))
    known = (p for p in file.dossier.publications if p.id == draft.publication_id)
    out = [f"《{p.title}》，{say_instant(p.effective_at, file.now)}\n{p.url}".strip() for p in known]
    yield _row(("发布情况", "\n".join(out)))


def _state(draft: AnswerDraft) -> str:
    newest = draft.newest
    if returned_by(draft) is not None:
        return "本版已退回修改。"
    if is_ready(draft):
        return "本版审校、保密审查齐全，可以发布。发布由人在本系统之外办理。"
    left = len(gaps(newest.title + newest.text))
    open_gaps = f"稿中还有{left}处待填，不能通过三审。" if left else ""
    return f"本版审校、保密审查不全，不得发布。{open_gaps}"
