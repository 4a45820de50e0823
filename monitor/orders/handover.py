"""What may be handed over to police and network regulators (移交): a claim that an official answer refuted.

Never a complaint, never a claim of casualties: concealing those is an offence too, and the law protects
whoever complains. Source: 国办发〔2016〕61号 on rumours; 突发事件应对法 (2024) art. 9, 84–85.
"""

import hashlib
import re
from collections.abc import Iterable

from monitor.classifiers.model import Verdict
from monitor.collectors.model import Role
from monitor.incidents.model import AnswerForm, Incident, Publication, PublicationState
from monitor.items.model import Item
from monitor.orders.model import Lead

CASUALTIES = frozenset({
    "deaths", "missing", "deaths_incl_missing", "serious_injuries", "poisoned_or_serious",
    "deaths_plus_serious", "injuries", "injured_any", "critical", "slight_injuries", "casualties", "trapped",
    "ill_persons", "cases_in_window",
})  # fmt: skip
"""Figures of people harmed."""

# Wider than any lexicon, single signs included: a claim kept back in vain costs nothing.
_HARM = re.compile(
    r"[死伤亡埋淹溺尸殁]|失踪|失联|下落不明|被困|困在|人没了|没救|没出来|没上来|没醒|去世|离世|遇难|罹难|丧[生命]|"
    r"牺牲|殉职|猝|坠楼|坠[桥崖井]|跳[楼桥河江]|轻生|自[杀缢尽]|昏迷|窒息|骨折|流血|[中食]毒|送医|就医|住院|医院|"
    r"抢救|急救|救护车|重症|病危|病例|确诊|染病|感染|发病|患病|传染|疫情|发烧|发热|呕吐|腹泻|拉肚子|"
    r"瞒报|谎报|隐瞒|瞒着|捂盖子|(?:真实|实际)(?:人数|数字)"
)
_COMPLAINT = re.compile(
    r"投诉|举报|上访|信访|控告|检举|维权|讨薪|欠薪|拖欠|讨(?:个|要)?(?:说法|公道)|申诉|诉求|求助|求救|曝光|反映|"
    r"没人管|无人管|没有人管|管管|不作为|推诿|踢皮球|没人(?:理|接|来修|处理)|"
    r"(?:请|求|望|盼|希望|恳请)(?:政府|领导|有关|相关|部门|书记|县长|镇长)|12345|热线"
)
_ACCOUNT = re.compile(
    r"[@＠]|[账帐]号|昵称|网名|用户名|(?i:uid|qq|id\s*[:：])|(?:微信|微博|抖音|快手|小红书)[号名]|"
    r"(?:网友|网民|博主|楼主|用户|发帖人|作者|群主)\s*[:：“\"「『]|\d{6,}|[０-９]{6,}"
)


def refutations(publications: Iterable[Publication]) -> tuple[Publication, ...]:
    """Return the official items that a person accepted as a denial (辟谣), oldest first."""
    found = (p for p in publications if p.form is AnswerForm.DENIAL and p.item_id is not None)
    return tuple(
        sorted(
            (p for p in found if p.state is PublicationState.ACCEPTED), key=lambda p: (p.effective_at, p.id)
        )
    )


def handover_refusal(
    incident: Incident, claim: Item, verdict: Verdict | None, refutation: Publication | None
) -> str | None:
    """Return why this claim may not be handed over, or None where it may.

    `refutation` is one of `refutations`, or None where there is none.
    """
    if claim.role is Role.HOTLINE or "complaint" in (incident.opinion, verdict and verdict.opinion):
        return "is_complaint"
    if claim.role is not Role.SOCIAL:
        return "not_a_claim"
    if verdict is None or _counts_harm(verdict):
        return "claims_casualties"
    if not claim.url:
        return "no_link"
    if refutation is None or refutation.effective_at <= claim.at:
        return "not_refuted"
    if _HARM.search(_stored(claim)):
        return "claims_casualties"
    return "is_complaint" if _COMPLAINT.search(_stored(claim)) else None


def _counts_harm(verdict: Verdict) -> bool:
    """Return whether the claim counts people harmed, be it of another event."""
    told = {*verdict.figures.counts, *(e.field for e in verdict.evidence)}
    if verdict.background is not None:
        told.update(verdict.background.figures.counts)
    return bool(CASUALTIES & told)


def _stored(claim: Item) -> str:
    return f"{claim.title}\n{claim.text}"


def names_account(note: str) -> bool:
    """Return whether what a head adds to a slip may say who posted the claim: no account name leaves here."""
    return _ACCOUNT.search(note) is not None


def fix_lead(claim: Item, refutation: Publication) -> Lead:
    """Return the lead with its evidence fixed: link, hash and time of what was stored."""
    return Lead(
        item_id=claim.id,
        url=claim.url or "",
        digest=hashlib.sha256(_stored(claim).encode()).hexdigest(),
        published_at=claim.published_at,
        seen_at=claim.first_seen_at,
        refuted_by=refutation.id,
        refutation=refutation.title,
        refutation_url=refutation.url,
        refuted_at=refutation.effective_at,
    )
