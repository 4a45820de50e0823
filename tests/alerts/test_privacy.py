"""Personal data is masked in everything that leaves the desk, and quotations are harmless."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.message import mask_personal, quote

MASKS = [
    pytest.param("电话13812345678。", "电话138****5678。", id="mobile"),
    pytest.param("电话138-1234-5678", "电话138****5678", id="mobile with dashes"),
    pytest.param("+86 138 1234 5678", "138****5678", id="with the country's number"),
    pytest.param("１３８１２３４５６７８", "138****5678", id="full-width digits"),
    pytest.param("座机0875-7121234", "座机0875-****234", id="landline"),
    pytest.param("身份证530524199001011234", "身份证5305**************", id="identity number"),
    pytest.param("身份证53052419900101123X", "身份证5305**************", id="identity number with X"),
    pytest.param("邮箱 zhang.san@example.cn", "邮箱 〔邮箱〕", id="mail"),
    pytest.param("@张三 说", "@某某 说", id="handle"),
    pytest.param("＠张三，说", "@某某，说", id="full-width handle"),
    pytest.param("网友“昌宁小王”反映", "网友“某某”反映", id="quoted poster"),
    pytest.param("联系人：王小明，", "联系人：某某，", id="contact"),
    pytest.param("加微信 wang_123456", "加微信 ***", id="chat id"),
    pytest.param(
        "死亡12人，损失1200万元，2026年11月24日", "死亡12人，损失1200万元，2026年11月24日", id="figures stay"
    ),
    pytest.param("20261124080000", "20261124080000", id="a time stamp stays"),
]


@pytest.mark.parametrize(("text", "masked"), MASKS)
def test_personal_data_is_masked(text: str, masked: str) -> None:
    assert mask_personal(text) == masked


@given(st.text(alphabet=st.sampled_from("0123456789-@张三网友“”：联系人 x＠１aQ"), max_size=60))
def test_masking_twice_changes_nothing_more(text: str) -> None:
    once = mask_personal(text)
    assert mask_personal(once) == once


@given(st.text(max_size=120), st.integers(min_value=2, max_value=60))
def test_a_quotation_is_one_short_harmless_line(text: str, limit: int) -> None:
    said = quote(text, limit)
    assert len(said) <= limit
    assert len(said.splitlines()) <= 1
    assert not set(said) & set("@<>[]*_`#~|\\\x00\x1b\u202e")
