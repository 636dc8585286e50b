"""The card follows from what a scene says, with its data."""

import pytest

from script_worker.writers.cards import card
from script_worker.writers.figures import figures


def made(text: str):
    return card(text)


@pytest.mark.parametrize(
    ("text", "kind", "data"),
    [
        pytest.param(
            "据统计，透水铺装能减少约40%的地表径流。",
            "number",
            {"value": "40%", "label": "透水铺装能减少约40%的地表径流"},
            id="percent",
        ),
        pytest.param(
            "2023年，某试点节约了120万吨自来水。",
            "number",
            {"value": "120万吨", "label": "某试点节约了120万吨自来水"},
            id="a year is no figure",
        ),
        pytest.param(
            "每平方公里的投入超过一亿元。",
            "number",
            {"value": "一亿元", "label": "每平方公里的投入超过一亿元"},
            id="figure in hanzi",
        ),
        pytest.param(
            "In 2023, storage cost $140 a unit.",
            "number",
            {"value": "$140", "label": "storage cost $140 a unit"},
            id="dollars",
        ),
        pytest.param(
            "The plot yields 95 kilograms of food.",
            "number",
            {"value": "95 kilograms", "label": "The plot yields 95 kilograms of food"},
            id="number and unit",
        ),
        pytest.param(
            "绿茶20毫克，红茶35毫克，咖啡60毫克。",
            "bars",
            {"bars": [("绿茶", 20), ("红茶", 35), ("咖啡", 60)], "unit": "毫克"},
            id="quantities of one unit",
        ),
        pytest.param(
            "2019年为12%，2021年为18%。",
            "bars",
            {"bars": [("2019年", 12), ("2021年", 18)], "unit": "%"},
            id="years as labels",
        ),
        pytest.param("A 72, B 10", "bars", {"bars": [("A", 72), ("B", 10)]}, id="plain pairs"),
        pytest.param(
            "They recover 95% of the cobalt, 90% of the nickel and 80% of the lithium.",
            "bars",
            {"bars": [("cobalt", 95), ("nickel", 90), ("lithium", 80)], "unit": "%"},
            id="percent of things",
        ),
        pytest.param(
            "第一步是摊晾。第二步是杀青。第三步是揉捻。",
            "steps",
            {"items": ["摊晾", "杀青", "揉捻"]},
            id="steps",
        ),
        pytest.param(
            "First, test the soil. Then build beds. Finally, plant radishes.",
            "steps",
            {"items": ["Test the soil", "Build beds", "Plant radishes"]},
            id="english steps",
        ),
        pytest.param(
            "睡眠医生林岚常对病人说：“不要和睡眠较劲，要给它创造条件。”",
            "quote",
            {"text": "不要和睡眠较劲，要给它创造条件。", "source": "睡眠医生林岚"},
            id="quote with its speaker",
        ),
        pytest.param(
            '"We listen to a battery like a heart," said Kenji Mori, an engineer.',
            "quote",
            {"text": "We listen to a battery like a heart", "source": "Kenji Mori"},
            id="english quote",
        ),
        pytest.param(
            "植物需要阳光、水和土壤。", "list", {"items": ["阳光", "水", "土壤"]}, id="enumeration"
        ),
        pytest.param(
            "Gardens need water, compost and patience.",
            "list",
            {"items": ["Water", "Compost", "Patience"]},
            id="english enumeration",
        ),
        pytest.param("城市里的雨水管理正在发生变化。", "title", {}, id="nothing to count"),
        pytest.param("第二天，先生说明天再来。", "title", {}, id="no step"),
        pytest.param("The meeting is on 5 May 2024 at 10:30.", "title", {}, id="dates"),
    ],
)
def test_the_card_follows_from_the_words(text, kind, data):
    found = made(text)

    assert found.kind == kind
    for name, expected in data.items():
        value = getattr(found, name)
        if name == "bars":
            value = [(bar.label, bar.value) for bar in value]
        assert (list(value) if isinstance(value, tuple) else value) == expected


def test_bars_never_mix_units():
    assert made("绿茶20毫克，红茶3克。").kind != "bars"


def test_a_figure_that_only_says_per_what_is_not_the_one_shown():
    found = made("每100毫升茶汤含有35毫克咖啡碱。")

    assert found.value == "35毫克"


def test_figures_are_found_with_their_units():
    values = [
        figure.value for figure in figures("用了3.5小时，2 million people，快了两倍，5 of us")
    ]

    assert values == ["3.5小时", "2 million people", "两倍"]
