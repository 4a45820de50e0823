"""The office's own templates: what they may name, and how a faulty one is refused."""

from dataclasses import replace
from importlib.resources import files

import pytest

from alerts.message import render_message
from alerts.message.own_templates import NAMES, read_templates
from monitor.errors import ConfigurationError
from tests.alerts.test_message import MINE, NOW, OFFICE, RELEASE
from tests.support.builders import a_dossier, an_alert

TEXT = "templates/message.txt.jinja"


@pytest.mark.parametrize("name", NAMES)
def test_those_of_the_package_would_be_accepted(name: str) -> None:
    text = files("alerts").joinpath("templates", name).read_text(encoding="utf-8")
    assert read_templates({f"templates/{name}": text}) == {name: text}


def _no_link(_: object) -> None:
    return None


def test_an_own_template_is_what_is_sent_and_the_other_stays_as_it_was() -> None:
    own = read_templates({TEXT: "{% for b in blocks %}{{ b.headline }}！{% endfor %} 第{{ message_no }}号"})
    dossiers = {1: a_dossier(MINE, obligations=(RELEASE,))}
    alerts = [an_alert(message_no=7)]
    text = render_message(alerts, dossiers, OFFICE, NOW, _no_link, templates=own)
    assert text.body == "【重大】柯街镇一煤矿透水，多人被困！ 第7号"
    assert text.html == render_message(alerts, dossiers, OFFICE, NOW, _no_link).html


FAULTS = [
    pytest.param("一\n{{ titel }}", "2: 没有这个占位符：titel", id="unknown"),
    pytest.param(
        "{% for b in blocks %}\n\n{{ b.headlin }}{% endfor %}",
        "3: 没有这个占位符：b.headlin",
        id="of a block",
    ),
    pytest.param("{% for b in blocks %}{% if 0 %}{{ b.x }}{% endif %}{% endfor %}", "1: 没", id="unreached"),
    pytest.param("\n{{ blocks[0].headlin }}", "2: 无法填写", id="of the first block"),
    pytest.param("{% for b in blocks %}", "1: 模板写法不对", id="not ended"),
    pytest.param("{{ office|shout }}", "1: 模板写法不对", id="unknown filter"),
    pytest.param("{{ 1 // 0 }}", "1: 无法填写", id="arithmetic"),
    pytest.param("{{ office.__class__.__mro__ }}", "1: 无法填写", id="out of the sandbox"),
    pytest.param("  \n", "1: 这个模板什么也没写", id="empty"),
]


@pytest.mark.parametrize(("text", "said"), FAULTS)
def test_a_faulty_template_is_refused_with_its_line(text: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        read_templates({TEXT: text})
    assert any(fault.startswith(f"{TEXT}:{said}") for fault in raised.value.faults), raised.value


def test_a_file_of_another_name_is_no_template() -> None:
    with pytest.raises(ConfigurationError, match="不认识的模板"):
        read_templates({"templates/mesage.txt.jinja": "x"})


def test_names_from_outside_are_escaped_in_an_own_html_part_too() -> None:
    own = read_templates({"t/message.html.jinja": "{{ office }}"})
    office = replace(OFFICE, name="<i>")
    text = render_message([an_alert()], {1: a_dossier(MINE)}, office, NOW, _no_link, templates=own)
    assert text.html == "&lt;i&gt;"
