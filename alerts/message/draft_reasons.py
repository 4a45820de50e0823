"""What is said of drafts of answers (回应稿): whose signature is next, sent back, ready to be published."""

from collections.abc import Callable, Mapping
from typing import Any

Say = Callable[[Mapping[str, Any]], str]

STEPS: Mapping[str, str] = {
    "first_review": "一审（初审）",
    "first_proof": "一校",
    "second_review": "二审（复审）",
    "second_proof": "二校",
    "secrecy_review": "保密审查",
    "final_review": "三审（终审）",
    "final_proof": "三校",
}
"""The steps of 三审三校 and 保密审查 by their codes, in the order of the paper."""


def _draft(facts: Mapping[str, Any]) -> str:
    return f"回应稿第{facts.get('draft', '')}稿第{facts.get('version', '')}版"


def _steps(facts: Mapping[str, Any]) -> str:
    return "、".join(STEPS.get(step, "审校") for step in facts.get("steps", ()))


SENTENCES: Mapping[str, Say] = {
    "draft_to_review": lambda facts: f"{_draft(facts)}待审校：{_steps(facts)}。请到值班台阅稿签署。",
    "draft_returned": lambda facts: f"{_draft(facts)}被退回修改（{_steps(facts)}），请改后存为新版。",
    "draft_ready": lambda facts: f"{_draft(facts)}审校、保密审查齐全，可以发布。发布后请到值班台登记链接。",
}

TITLES: Mapping[str, str] = {
    "draft_to_review": "回应稿待审校",
    "draft_returned": "回应稿退回",
    "draft_ready": "回应稿可发布",
}
