"""The office's own templates of messages: read and tried on samples, or refused with every fault."""

from collections.abc import Iterator, Mapping
from dataclasses import fields

from jinja2 import TemplateError, TemplateSyntaxError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from alerts.message.layout import lay_out, open_templates
from alerts.message.render import Block
from monitor.errors import ConfigurationError

NAMES = ("message.txt.jinja", "message.html.jinja")
"""The templates that an office may replace."""

PLACEHOLDERS = frozenset({"blocks", "addressed", "message_no", "office", "call"})
"""What a template may name; `docs/operations.md` says what each is, and what a block has."""

_OF_A_BLOCK = frozenset(field.name for field in fields(Block))
_BARE = Block(headline="【投诉】漭水镇｜自来水浑浊", subject="【投诉】漭水镇｜自来水浑浊", tone="calm")
_FULL = Block(
    headline="【重大·已超时】柯街镇｜客车坠崖，多人遇难",
    subject="【重大·已超时】柯街镇｜客车坠崖，多人遇难（已超时）",
    tone="late",
    reminders=("首次权威信息已超时 1小时：应于 今天 13:00 前完成，请立即发布。",),
    clocks=(("新闻发布会", "3月3日 08:00 到点，还剩 18小时"),),
    reasons=("此前的预警 15分钟 内无人确认收到，现报告给您，请过问。",),
    rows=(
        ("定级", "重大。媒体：死亡12人。依据 生产安全事故报告和调查处理条例：死亡 ≥ 10"),
        ("来源", "县报、县论坛，共17条"),
        ("承办", "县应急管理局"),
        ("迟到", "90 分钟，服务曾中断 6小时"),
    ),
    ack_url="https://desk.example/messages/1",
    incident_url="https://desk.example/incidents/1",
)
_SAMPLES: tuple[Mapping[str, object], ...] = (
    {
        "blocks": [_FULL, _BARE],
        "addressed": "值班员、办公室主任",
        "message_no": 1024,
        "office": "昌宁县人民政府办公室",
        "call": "确认收到请致电值班室 0875-0000000，报编号",
    },
    {"blocks": [_BARE], "addressed": None, "message_no": 1, "office": "昌宁县人民政府办公室", "call": None},
)


def sample(own: Mapping[str, str]) -> str:
    """Return what the plain-text template makes of a message that has everything."""
    return lay_out(NAMES[0], own, **_SAMPLES[0])


def read_templates(files: Mapping[str, str]) -> Mapping[str, str]:
    """Return the office's templates by name; `files` are named with their folder, as `templates/…`.

    Raises ConfigurationError with every fault.
    """
    faults = []
    own = {}
    for path, text in files.items():
        name = path.rpartition("/")[2]
        own[name] = text
        if name not in NAMES:
            faults.append(f"{path}: 不认识的模板（可用：{'、'.join(NAMES)}）")
            continue
        faults += [f"{path}:{line}: {said}" for line, said in _faults(name, text)]
    if faults:
        raise ConfigurationError(tuple(faults))
    return own


def _faults(name: str, text: str) -> list[tuple[int, str]]:
    """Return what is wrong with one template, in order, each with its line."""
    environment = open_templates({name: text})
    try:
        unknown = sorted(_unknown(environment.parse(text)))
    except TemplateSyntaxError as error:
        return [(error.lineno, f"模板写法不对：{error.message}")]
    return unknown or list(_tried(environment, name))


def _unknown(tree: nodes.Template) -> Iterator[tuple[int, str]]:
    """Yield the placeholders that nothing stands for."""
    strange = meta.find_undeclared_variables(tree) - PLACEHOLDERS
    for found in tree.find_all(nodes.Name):
        if found.name in strange:
            yield found.lineno, f"没有这个占位符：{found.name}"
    blocks = {
        loop.target.name
        for loop in tree.find_all(nodes.For)
        if isinstance(loop.target, nodes.Name)
        and isinstance(loop.iter, nodes.Name)
        and loop.iter.name == "blocks"
    }
    for part in tree.find_all(nodes.Getattr):
        if isinstance(part.node, nodes.Name) and part.node.name in blocks and part.attr not in _OF_A_BLOCK:
            yield part.lineno, f"没有这个占位符：{part.node.name}.{part.attr}"


def _tried(environment: ImmutableSandboxedEnvironment, name: str) -> Iterator[tuple[int, str]]:
    """Yield why a sample cannot be filled in, or that the template says nothing."""
    for sample in _SAMPLES:
        try:
            if not environment.get_template(name).render(**sample).strip():
                yield 1, "这个模板什么也没写"
        except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            yield _line_of(error), f"无法填写：{error}"
            return


def _line_of(error: Exception) -> int:
    """Return the line of the template at which filling it in ended."""
    lines, trace = [1], error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            lines.append(trace.tb_lineno)
        trace = trace.tb_next
    return lines[-1]
