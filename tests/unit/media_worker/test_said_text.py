"""Written text as it is said: figures, dates, money, signs, acronyms. A table per language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_worker.speech.text import chinese, english

CHINESE = [
    ("2026年", "二零二六年"),
    ("1998年至2005年", "一九九八年到二零零五年"),
    ("2020-2026年", "二零二零到二零二六年"),
    ("有2000年历史", "有两千年历史"),
    ("20世纪90年代", "二十世纪九十年代"),
    ("2026年11月25日", "二零二六年十一月二十五日"),
    ("2026-11-25", "二零二六年十一月二十五日"),
    ("2026/1/5", "二零二六年一月五日"),
    ("2月2日", "二月二日"),
    ("下午3:30开会", "下午三点三十分开会"),
    ("8:05出发", "八点零五分出发"),
    ("14:30:15", "十四点三十分十五秒"),
    ("比分是3:2", "比分是三比二"),
    ("¥1,200.50", "一千二百点五元"),
    ("￥10-20", "十到二十元"),
    ("$3.5亿", "三点五亿美元"),
    ("€99", "九十九欧元"),
    ("100USD", "一百美元"),
    ("200块", "两百块"),
    ("减少40%", "减少百分之四十"),
    ("10%~20%", "百分之十到百分之二十"),
    ("增长-5%", "增长负百分之五"),
    ("3.5‰", "千分之三点五"),
    ("25℃", "二十五摄氏度"),
    ("-5°C", "零下五摄氏度"),
    ("10~15℃", "十到十五摄氏度"),
    ("25km/h", "二十五公里每小时"),
    ("3kg", "三公斤"),
    ("100m²", "一百平方米"),
    ("500ml", "五百毫升"),
    ("2.5GHz", "二点五吉赫兹"),
    ("16GB内存", "十六 G B内存"),
    ("13812345678", "幺三八幺二三四五六七八"),
    ("138-1234-5678", "幺三八，幺二三四，五六七八"),
    ("010-62781234", "零幺零，六二七八幺二三四"),
    ("400-820-8820", "四零零，八二零，八八二零"),
    ("请拨打110", "请拨打幺幺零"),
    ("120个人", "一百二十个人"),
    ("110万人", "一百一十万人"),
    ("2个人", "两个人"),
    ("12个", "十二个"),
    ("2万人", "两万人"),
    ("第2名", "第二名"),
    ("1/3的人", "三分之一的人"),
    ("10~20天", "十到二十天"),
    ("3.14", "三点一四"),
    ("1,234,567", "一百二十三万四千五百六十七"),
    ("100020003", "一亿零二万零三"),
    ("10005", "一万零五"),
    ("代号007", "代号零零七"),
    ("v2.0.1", "V 二点零点一"),
    ("使用AI和Python", "使用A I和Python"),
    ("GPT-4o发布", "G P T 四 o发布"),
    ("5G网络", "五 G网络"),
    ("iPhone 15", "i Phone十五"),
    ("COVID-19", "covid 十九"),
    ("NASA发射", "nasa发射"),
    ("OpenAI的ChatGPT", "open A I的chat G P T"),
    ("C++和C#", "C 加加和C sharp"),
    ("用Wi-Fi上网", "用why fye上网"),
    ("A&B", "A和B"),
    ("1+1=2", "一加一等于二"),
    ("见example.com/a", "见example 点 com 斜杠 a"),
    ("写信到a.b@example.com", "写信到a 点 b 艾特 example 点 com"),
    ("😀你好👋🏽世界❤️", "你好世界"),
    ("★重点★", "重点"),
    ("２０２６年ＡＩ涨５０％", "二零二六年A I涨百分之五十"),
]
ENGLISH = [
    ("In 2026, it rose", "In twenty twenty six it rose"),
    ("It was 1999", "It was nineteen ninety nine"),
    ("the year 2005", "the year two thousand five"),
    ("in 1900", "in nineteen hundred"),
    ("the 1990s and '80s", "the nineteen nineties and eighties"),
    ("2020–2026", "twenty twenty to twenty twenty six"),
    ("Nov 25, 2026", "November twenty fifth twenty twenty six"),
    ("25 November", "twenty fifth of November"),
    ("2026-11-25", "November twenty fifth twenty twenty six"),
    ("3:30 pm", "three thirty P M"),
    ("at 9:00", "at nine o'clock"),
    ("14:05", "fourteen oh five"),
    ("9 a.m.", "nine A M"),
    ("$3.50", "three dollars and fifty cents"),
    ("$1", "one dollar"),
    ("$1,200", "one thousand two hundred dollars"),
    ("$3.5 million", "three point five million dollars"),
    ("£20", "twenty pounds"),
    ("40%", "forty percent"),
    ("10-20%", "ten to twenty percent"),
    ("-5°C", "minus five degrees Celsius"),
    ("72°F", "seventy two degrees Fahrenheit"),
    ("5 km", "five kilometres"),
    ("1 km", "one kilometre"),
    ("25 km/h", "twenty five kilometres per hour"),
    ("16GB", "sixteen gigabytes"),
    ("555-1234", "five five five, one two three four"),
    ("(212) 555-1234", "two one two, five five five, one two three four"),
    ("1st and 22nd", "first and twenty second"),
    ("1/2 cup", "one half cup"),
    ("3/4 of it", "three quarters of it"),
    ("2/3", "two thirds"),
    ("10-20 days", "ten to twenty days"),
    ("3.14", "three point one four"),
    ("1,234,567", "one million two hundred thirty four thousand five hundred sixty seven"),
    ("10k users", "ten thousand users"),
    ("24/7", "twenty four seven"),
    ("#1", "number one"),
    ("007", "zero zero seven"),
    ("GPT-4o", "G P T four o"),
    ("5G", "five G"),
    ("COVID-19", "covid nineteen"),
    ("AI and NASA", "A I and nasa"),
    ("OpenAI's best", "open A I 's best"),
    ("NASA's PDFs", "nasa 's P D F 's"),
    ("A cat", "a cat"),
    ("THE CITY IS GREEN", "the city is green"),
    ("It is NOT an API", "It is not an A P I"),
    ("R&D", "R and D"),
    ("e.g. this", "for example this"),
    ("Dr. Smith vs. me", "Doctor Smith versus me"),
    ("v2.0.1", "version two point zero point one"),
    ("C++ and C#", "C plus plus and C sharp"),
    ("see example.com/a", "see example dot com slash a"),
    ("😀 Hi 👋", "Hi"),
]


@pytest.mark.parametrize(("text", "said"), [pytest.param(*case, id=case[0]) for case in CHINESE])
def test_chinese_is_read_as_a_speaker_reads_it(text: str, said: str) -> None:
    assert "".join(unit.said for unit in chinese.units(text)) == said


@pytest.mark.parametrize(("text", "said"), [pytest.param(*case, id=case[0]) for case in ENGLISH])
def test_english_is_read_as_a_speaker_reads_it(text: str, said: str) -> None:
    assert " ".join(unit.said for unit in english.units(text) if unit.said) == said


_TEXT = st.text(alphabet="雨水花园2026年月日%.,:-/~$¥AIab °C km，。！“”😀 \n", max_size=60)


@given(_TEXT)
def test_nothing_of_a_text_is_lost_from_what_is_shown(text: str) -> None:
    assert "".join(unit.shown for unit in chinese.units(text)) == text
    assert "".join(unit.shown for unit in english.units(text)) == text


@given(_TEXT)
def test_no_figure_is_left_in_what_is_said(text: str) -> None:
    said = [unit.said for unit in (*chinese.units(text), *english.units(text))]

    assert not any(letter.isdecimal() for words in said for letter in words)
