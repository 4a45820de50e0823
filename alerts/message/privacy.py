"""What leaves the desk names no poster, and what posters wrote can do nothing where it is read."""

import re
import unicodedata

_MOBILE = re.compile(r"(?<!\d)(?:\+?86[\s-]?)?(1[3-9]\d)[\s-]?\d{4}[\s-]?(\d{4})(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)(0\d{2,3})[\s-]?\d{4,5}(\d{3})(?!\d)")
_LONG_NUMBER = re.compile(r"(?<!\d)(\d{4})\d{11,15}[\dXx]?(?!\d)")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_HANDLE = re.compile(r"@[\w·.-]{1,30}")
_QUOTED_POSTER = re.compile(r"((?:网友|网民|博主|楼主|用户)\s*[“\"「『])[^”\"」』]{1,30}([”\"」』])")
_NAMED_POSTER = re.compile(r"((?:发帖人|爆料人|举报人|投诉人|联系人|反映人|作者)\s*[:：]\s*)[\w·]{1,20}")
_CHAT_ID = re.compile(r"(?i)((?:微信|QQ|VX|V信)号?\s*[:：]?\s*)[a-z0-9_-]{5,20}")
_ADDRESS = re.compile(r"(?i)(?:https?|ftp)://[^\s，。；、）】》」]+|\bwww\.[\w.-]+[^\s，。；、）】》」]*")
_CONTROL = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff"
    r"\ud800-\udfff\U000e0000-\U000e007f]+"
)
_MARKUP = str.maketrans({c: chr(ord(c) + 0xFEE0) for c in "@<>[]*_`#~|\\"})


def mask_personal(text: str) -> str:
    """Return the text with mobile and landline numbers, ID and card numbers, mail addresses and names masked.

    Full-width digits are read as digits. Of a telephone number the last digits stay, so that a colleague who
    knows it recognises it; `@name`, 网友“name” and 联系人：name become 某某.
    """
    masked = re.sub(r"[０-９＠]+", lambda found: unicodedata.normalize("NFKC", found.group()), text)
    masked = _MAIL.sub("〔邮箱〕", masked)
    masked = _HANDLE.sub("@某某", masked)
    masked = _QUOTED_POSTER.sub(r"\1某某\2", masked)
    masked = _NAMED_POSTER.sub(r"\1某某", masked)
    masked = _CHAT_ID.sub(r"\1***", masked)
    masked = _LONG_NUMBER.sub(lambda found: found[1] + "*" * (len(found[0]) - 4), masked)
    masked = _MOBILE.sub(r"\1****\2", masked)
    return _LANDLINE.sub(r"\1-****\2", masked)


def quote(text: str, limit: int = 60) -> str:
    """Return somebody else's words: one line, masked, no links or markup, at most `limit` characters.

    Characters that Markdown, HTML or a mention could act on become their full-width twins.
    """
    line = " ".join(_CONTROL.sub(" ", text).split())
    line = mask_personal(_ADDRESS.sub("〔链接〕", line)).translate(_MARKUP)
    return line if len(line) <= limit else line[: limit - 1] + "…"
