"""What analysts ask: the fixed questions that every kind of database must answer alike."""

from typing import Final

SINGLE: Final = ("雨", "火", "A")
"""Questions of one character: asked as the beginning of a pair, so the whole index is looked through."""

QUESTIONS: Final = (
    # words of two characters, frequent and rare
    "停水", "滑坡", "火灾", "死亡", "学校", "医院", "道路", "供电", "地震", "核桃",
    # longer words and names
    "山体滑坡", "昌宁县", "柯街镇", "火星探测", "应急管理", "新闻发布会", "人民医院", "幼儿园",
    "云南省", "习惯性",
    # two words and more
    "柯街镇 滑坡", "昌宁县 死亡", "学校 食堂", "医院 患者 投诉", "停水 通知", "咖啡机 通勤", "暴雨 预警 道路",
    # phrases, blanks and signs in them
    "“群众反映”", "“情况通报”", "「记者 了解」", '"，造成"', "“了。”", "“死亡，”",
    # one of several, groups, prefixes
    "火灾 或 爆炸", "停水 | 停电", "(车祸 或 交通事故) 死亡", "（学校 或 幼儿园） 与 中毒", "柯街*", "地震*",
    # what is excluded
    "火灾 -演练", "死亡 非 电影", "停水 -(通知 或 计划)", "地震 NOT 谣言", "-的 学生", "滑坡 或 -，",
    # widths and cases of letters and digits
    "G２１９", "ｗｉｆｉ", "APP", "12345", "2人 受伤",
)  # fmt: skip
