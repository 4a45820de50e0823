"""How figures are called, wherever people read them: in messages, on the desk, in explanations."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

METRICS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "deaths": ("死亡", "人"),
        "deaths_incl_missing": ("死亡和失踪", "人"),
        "missing": ("失踪", "人"),
        "trapped": ("被困", "人"),
        "serious_injuries": ("重伤", "人"),
        "poisoned_or_serious": ("中毒或重伤", "人"),
        "deaths_plus_serious": ("死亡和重伤", "人"),
        "injuries": ("受伤", "人"),
        "injured_any": ("受伤", "人"),
        "critical": ("危重", "人"),
        "slight_injuries": ("轻伤", "人"),
        "casualties": ("伤亡", "人"),
        "rescued": ("获救", "人"),
        "escaped": ("脱险", "人"),
        "affected": ("受灾或受影响", "人"),
        "ill_persons": ("发病", "人"),
        "cases_in_window": ("病例", "例"),
        "participants": ("聚集", "人"),
        "endangered_persons": ("生命受威胁", "人"),
        "threatened_persons": ("受威胁需转移", "人"),
        "evacuated": ("转移", "人"),
        "stranded_persons": ("滞留", "人"),
        "direct_loss_wan": ("直接经济损失", "万元"),
        "potential_loss_wan": ("潜在经济损失", "万元"),
        "loss_share_of_prov_gdp_pct": ("损失占全省生产总值", "%"),
        "magnitude": ("震级", "级"),
        "forest_area_ha": ("受害森林", "公顷"),
        "forest_burnt_ha": ("过火面积", "公顷"),
        "grassland_area_ha": ("受害草原", "公顷"),
        "interruption_hours": ("中断", "小时"),
        "stranded_hours": ("滞留", "小时"),
        "burning_hours": ("燃烧", "小时"),
        "households_cut": ("停供", "户"),
        "derailed_cars": ("脱轨", "辆"),
        "oil_spill_tonnes": ("溢油", "吨"),
        "leaked_records_persons": ("信息泄露", "人"),
        "cash_wan": ("现金损失", "万元"),
    }
)
"""The word and the unit of each figure that is read or graded by."""
