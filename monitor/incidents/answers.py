"""Does this official item answer that incident, what kind of answer is it, and which passage says so.

An offer is made only where place, kind of event, day and words agree; a near miss (another township, another
accident, a routine notice) must never stop a clock. A person, or the office's policy, accepts the offer
(T6, C13).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files

from monitor.classifiers.model import NamedPlace, Verdict
from monitor.clock import as_local
from monitor.incidents.group import hard_contradiction
from monitor.incidents.model import AnswerForm, Incident, PublicationKind
from monitor.incidents.traits import Themes, packaged_themes
from monitor.items.model import Item
from monitor.yamlfile import YamlFile, read_yaml

ENOUGH_WITH_PLACE = 0.28
"""How alike an answer must be that names the incident's very place."""

ENOUGH_WITHOUT_PLACE = 0.45
"""The same for an answer that names no place more exact than the county."""

_EARLY = timedelta(hours=24)  # how long before the first report we know an official one may have been out
_HEAD = 200
_FEW = 2  # a title with fewer characters of its own (警情通报) says nothing of its subject
_HAN = re.compile(r"[\u4e00-\u9fff]+")
_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;]?")
_TOWNSHIP = re.compile(r"[\u4e00-\u9fff]{2,6}(?:镇|乡|街道办)")
_SUFFIX = re.compile(
    r"(?:(?:傣|彝|苗|彝族苗|白|回|傈僳)族)?(?:自治)?(?:省|市|州|县|区|镇|乡|街道|社区|村|村委会)$"
)
_LETTER = re.compile(r"[\u4e00-\u9fffA-Za-z]")
_TIME = re.compile(
    r"[0-9年月日时分许左右上下午晚凌晨]*[0-9]+[年月日时分许][年月日时分许0-9左右上下午晚凌晨]*"
)
_DAY_NAME = re.compile(
    r"(?<![0-9])([0-9]{1,2})[·•．.]([0-9]{1,2})(?![0-9])(?=[”\"』」]|.{0,12}(?:事故|事件|火灾|地震|灾害|案))"
)
_YEAR = re.compile(r"((?:19|20)[0-9]{2})年(?![0-9]{1,2}月)")
_OF_THE_ANSWER = re.compile(
    r"截至|截止|召开|举行|发布会|通气会|记者|获悉|公布|答复|回复|赶赴|调研|采样|约谈|(?:将|拟|定|预计|计划|争取)[^，。]{0,2}$"
)
"""What shows that a day named in an answer is a day of the answer, or to come, and not of the event."""


class FormFile(YamlFile):
    """One form of answer in `answers.yaml`."""

    kind: PublicationKind
    words: tuple[str, ...]


class AnswersFile(YamlFile):
    """`answers.yaml`."""

    forms: dict[AnswerForm, FormFile]
    not_yet: tuple[str, ...]
    never: tuple[str, ...]
    routine: tuple[str, ...]
    planned: tuple[str, ...]
    facts: tuple[str, ...]
    plain: tuple[str, ...]
    bodies: tuple[str, ...]

    @property
    def office_language(self) -> frozenset[str]:
        """Return the phrases that say nothing of an item's subject."""
        return frozenset(
            [*self.plain, *self.bodies, *(w for form in self.forms.values() for w in form.words)]
        )

    def kind(self, form: AnswerForm) -> PublicationKind:
        """Return what a form of answer counts as."""
        return self.forms[form].kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An official item that answers an incident: form, kind, how alike they are (0..1), the passage."""

    form: AnswerForm
    kind: PublicationKind
    similarity: float
    passage: str


@cache
def packaged_words() -> AnswersFile:
    """Return the packaged `answers.yaml`; raises ConfigurationError."""
    text = files("monitor.incidents").joinpath("answers.yaml").read_text(encoding="utf-8")
    return read_yaml(text, "answers.yaml", AnswersFile)[0]


def match_answer(
    item: Item,
    verdict: Verdict,
    incident: Incident,
    *,
    words: AnswersFile | None = None,
    themes: Themes | None = None,
) -> Answer | None:
    """Return the answer that an official item is to an incident, or None where it answers something else.

    The text itself is compared, so that a notice which is no matter of its own (情况说明) is found too. How
    alike the two are is the mean of two shares: of the incident's words that the item says, and of the
    item's subject that the incident's words make up.
    """
    words, themes = words or packaged_words(), themes or packaged_themes()
    if _is_too_early(item, incident) or _is_another_event(item, verdict, incident, themes):
        return None
    form = answer_form(item, words, about=incident.title)
    if form is None:
        return None
    text = f"{item.title}\n{item.text}"
    weights = _words_of(incident)
    similarity = (_said(weights, text) + _about(item, incident, weights, words, themes)) / 2
    enough = ENOUGH_WITH_PLACE if _names_its_place(incident.places, text) else ENOUGH_WITHOUT_PLACE
    if similarity < enough:
        return None
    return Answer(
        form=form, kind=words.kind(form), similarity=round(similarity, 3), passage=_passage(weights, text)
    )


def names_a_subject(title: str, places: Sequence[NamedPlace]) -> bool:
    """Return whether a title says more than phrases of office language, times and these places."""
    ignored = packaged_words().office_language | {name for p in places for name in _spellings(p.name)}
    return _covered(_TIME.sub("", title), (), ignored)[1] >= _FEW


def answer_form(item: Item, words: AnswersFile, *, about: str = "") -> AnswerForm | None:
    """Return what form of answer this is, None for what is none: a routine notice, a conference to come.

    A word of routine that the incident itself has (`about`, its title) shows nothing: a recruitment that is
    complained of is answered by a notice on the recruitment.
    """
    head = item.text[:_HEAD]
    if _is_no_answer(item.title, head, item.at, words, about):
        return None
    form = _form_in(item.title, words)
    if form is AnswerForm.CONFERENCE and any(word in item.title for word in words.not_yet):
        return None
    if form is not None:
        return form
    if any(word in head for word in words.routine) or not any(word in head for word in words.facts):
        return None
    is_to_come = any(word in head for word in words.not_yet)
    form = _form_in(head, words)
    return AnswerForm.BULLETIN if form is None or (form is AnswerForm.CONFERENCE and is_to_come) else form


def _is_no_answer(title: str, head: str, at: datetime, words: AnswersFile, about: str) -> bool:
    """Return whether the title, or a plan told of, shows that this is no answer whatever it is about."""
    years = [int(year) for year in _YEAR.findall(title)]
    return (
        any(word in title and word not in about for word in words.never)
        or any(year < as_local(at).year for year in years)
        or any(re.search(pattern, f"{title}。{head}") for pattern in words.planned)
    )


def _form_in(part: str, words: AnswersFile) -> AnswerForm | None:
    """Return the first form of which a part of the text has a word."""
    return next((form for form, file in words.forms.items() if any(w in part for w in file.words)), None)


def _is_too_early(item: Item, incident: Incident) -> bool:
    """Return whether the item was out before there was anything to answer."""
    first = incident.first_published_at or incident.detected_at
    occurred = incident.occurred
    return item.at < first - _EARLY or (occurred is not None and item.at < occurred.at)


def _is_another_event(item: Item, verdict: Verdict, incident: Incident, themes: Themes) -> bool:
    """Return whether place, day, victims or kind of event speak against it."""
    text = f"{item.title}\n{item.text}"
    if _names_another_place(incident.places, text) or _is_of_another_county(incident, verdict, text):
        return True
    if _names_another_day(item, incident):
        return True
    wall = hard_contradiction(incident, item, verdict)
    if wall is not None and not (wall == "other_day" and _is_day_of_the_answer(item, verdict)):
        return True
    mine = themes.of_type.get(incident.event_type or "", frozenset()) | {
        term[1:] for term in incident.profile if term[0] == "@"
    }
    shown = themes.themes_of(text, verdict.event_type)
    return bool(mine and shown) and mine.isdisjoint(shown)


def _is_of_another_county(incident: Incident, verdict: Verdict, text: str) -> bool:
    """Return whether the item names other counties and not the incident's.

    Townships of one name stand in many counties: where the incident's own is named, only a county written
    in full counts.
    """
    mine = {place.code[:6] for place in incident.places if place.code and len(place.code) >= 6}
    named = [place for place in verdict.places if place.code and len(place.code) >= 6]
    if _names_its_place(incident.places, text):
        named = [place for place in named if len(place.code or "") == 6 and place.name in text]
    told = {place.code[:6] for place in named if place.code}
    return bool(mine and told) and mine.isdisjoint(told)


def _names_another_day(item: Item, incident: Incident) -> bool:
    """Return whether it is named after another day than the incident's: “3·02”事故."""
    moment = incident.occurred
    at = moment.at if moment else (incident.first_published_at or incident.detected_at)
    days = {as_local(at).date() + timedelta(days=n) for n in ((-1, 0, 1) if moment else range(-7, 2))}
    named = [(int(m[1]), int(m[2])) for m in _DAY_NAME.finditer(f"{item.title}\n{item.text[:_HEAD]}")]
    return bool(named) and not any(_is_one_of(month, day, days) for month, day in named)


def _is_one_of(month: int, day: int, days: Iterable[date]) -> bool:
    return any((on.month, on.day) == (month, day) for on in days)


def _is_day_of_the_answer(item: Item, verdict: Verdict) -> bool:
    """Return whether the day that was read is one of the answer itself, or one to come, not of the event."""
    dated = next((e for e in verdict.evidence if e.field == "occurred_at"), None)
    if dated is None:
        return False
    text = item.title if dated.where == "title" else item.text
    since = max(text.rfind(mark, 0, dated.start) for mark in "。；\n！？") + 1
    until = min((n for n in (text.find(mark, dated.end) for mark in "。；\n") if n >= 0), default=len(text))
    before, after = text[since : dated.start], text[dated.end : until]
    return bool(_OF_THE_ANSWER.search(before) or _OF_THE_ANSWER.search(after)) or after.startswith("前")


def _words_of(incident: Incident) -> Mapping[str, float]:
    """Return the words of an incident's profile with their weight, without themes and place codes."""
    return {term: weight for term, weight in incident.profile.items() if term[0] not in "@#"}


def _said(weights: Mapping[str, float], text: str) -> float:
    """Return the share of the incident's words, by the square of their weight, that a text says.

    A long word counts by the pairs of its letters: 大面积停电 is partly said by 停电.
    """
    total = sum(weight * weight for weight in weights.values())
    said = sum(weight * weight * _part_said(term, text) for term, weight in weights.items())
    return said / total if total else 0.0


def _part_said(term: str, text: str) -> float:
    """Return which part of a word a text says."""
    if term in text:
        return 1.0
    pairs = _pairs(term)
    return sum(pair in text for pair in pairs) / len(pairs) if len(pairs) > 1 else 0.0


def _pairs(word: str) -> list[str]:
    """Return the pairs of neighbouring letters of a word."""
    return [word[n : n + 2] for n in range(len(word) - 1)]


def _about(
    item: Item, incident: Incident, weights: Mapping[str, float], words: AnswersFile, themes: Themes
) -> float:
    """Return the share of an item's subject that the incident's words make up.

    The subject is what the title says beside its place, its kind of event and the phrases of office
    language; where that is nothing (警情通报), what one of the first sentences says.
    """
    places = frozenset(name for place in incident.places for name in _spellings(place.name))
    plain = words.office_language | places
    terms = {pair for word in [*weights, *_HAN.findall(incident.title)] for pair in _pairs(word)}
    terms -= plain
    ignored = plain | frozenset(themes.finder.terms)
    ours, counted = _covered(item.title, terms, ignored)
    if counted >= _FEW:
        return ours / counted
    sentences = _SENTENCE.findall(item.text[:_HEAD])
    shares = [_covered(_TIME.sub("", sentence), terms, ignored) for sentence in sentences]
    return max((ours / counted for ours, counted in shares if counted >= _FEW), default=0.0)


def _covered(part: str, terms: Iterable[str], ignored: Iterable[str]) -> tuple[int, int]:
    """Return how many letters of a part belong to one of the terms, and how many count at all."""
    ours = _letters_in(part, terms)
    rest = {n for n, letter in enumerate(part) if _LETTER.match(letter)} - _letters_in(part, ignored)
    return len(ours), len(ours | rest)


def _letters_in(part: str, terms: Iterable[str]) -> set[int]:
    """Return the positions of a part that any of these terms covers."""
    return {
        place
        for term in terms
        if term in part
        for match in re.finditer(re.escape(term), part)
        for place in range(match.start(), match.end())
    }


def _names_its_place(places: Sequence[NamedPlace], text: str) -> bool:
    """Return whether a text names a place of the incident below the county, in full or in short."""
    return any(name in text for place in places if _is_exact(place) for name in _spellings(place.name))


def _names_another_place(places: Sequence[NamedPlace], text: str) -> bool:
    """Return whether the beginning names a township, but none of the incident's exact places."""
    exact = any(_is_exact(place) for place in places)
    return exact and _TOWNSHIP.search(text[:_HEAD]) is not None and not _names_its_place(places, text)


def _is_exact(place: NamedPlace) -> bool:
    """Return whether a place is a township or smaller."""
    return place.code is None or len(place.code) >= 9


def _spellings(name: str) -> tuple[str, ...]:
    """Return a place's name in full and, if two characters remain, without its last part."""
    short = _SUFFIX.sub("", name)
    return (name, short) if len(short) >= 2 else (name,)


def _passage(weights: Mapping[str, float], text: str) -> str:
    """Return the sentence that says most of the incident's words."""
    sentences = [match[0].strip() for match in _SENTENCE.finditer(text)]
    return max(sentences, key=lambda sentence: _said(weights, sentence), default="")
