"""Characters with several readings, where the dictionary alone is wrong. Data.

``PHRASES`` are whole words; ``CONTEXTS`` are looked for after them, in the running text, and give
the reading of the character at the start of the match.
"""

import re
from typing import Final

PHRASES: Final = {
    "东西": "dong1 xi5",
    "很长": "hen3 chang2",
    "一行": "yi1 hang2",
    "内行": "nei4 hang2",
    "外行": "wai4 hang2",
    "行家": "hang2 jia1",
    "行距": "hang2 ju4",
    "行列": "hang2 lie4",
    "同行": "tong2 hang2",
    "差不多": "cha4 bu5 duo1",
    "还款": "huan2 kuan3",
    "还钱": "huan2 qian2",
    "还给": "huan2 gei3",
    "还清": "huan2 qing1",
    "还债": "huan2 zhai4",
    "着火": "zhao2 huo3",
    "为着": "wei4 zhe5",
    "只身": "zhi1 shen1",
    "种种": "zhong3 zhong3",
    "调性": "diao4 xing4",
    "空地": "kong4 di4",
    "地上": "di4 shang5",
    "一边": "yi1 bian1",
    "尽管": "jin3 guan3",
    "尽量": "jin3 liang4",
    "尽快": "jin3 kuai4",
    "似的": "shi4 de5",
    "重回": "chong2 hui2",
    "重做": "chong2 zuo4",
    "重写": "chong2 xie3",
    "重来": "chong2 lai2",
    "重置": "chong2 zhi4",
    "重现": "chong2 xian4",
    "重建": "chong2 jian4",
    "重启": "chong2 qi3",
    "量产": "liang4 chan3",
    "处处": "chu4 chu4",
    "便宜": "pian2 yi5",
    "载入": "zai4 ru4",
    "加载": "jia1 zai4",
    "下载": "xia4 zai4",
    "应用": "ying4 yong4",
    "发型": "fa4 xing2",
    "模样": "mu2 yang4",
    "的话": "de5 hua4",
    "朝着": "chao2 zhe5",
    "血压": "xue4 ya1",
    "血液": "xue4 ye4",
    "角色": "jue2 se4",
    "分量": "fen4 liang4",
    "成分": "cheng2 fen4",
    "供给": "gong1 ji3",
    "给予": "ji3 yu3",
    "喝彩": "he4 cai3",
    "数据": "shu4 ju4",
    "率先": "shuai4 xian1",
    "效率": "xiao4 lv4",
    "冠军": "guan4 jun1",
    "兴起": "xing1 qi3",
    "兴趣": "xing4 qu4",
    "曲折": "qu1 zhe2",
    "歌曲": "ge1 qu3",
    "传记": "zhuan4 ji4",
    "弹性": "tan2 xing4",
    "子弹": "zi3 dan4",
    "系鞋带": "ji4 xie2 dai4",
    "关系": "guan1 xi5",
    "教书": "jiao1 shu1",
    "担子": "dan4 zi5",
    "地方": "di4 fang5",
}
_COUNT: Final = "一二两三四五六七八九十几数百千万每各这那某首末头"

CONTEXTS: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern), reading)
    for pattern, reading in (
        # 长: length after a degree or a measure, growth before a result
        (r"(?<=[很太更最较多越挺够不真])长(?![大高成出老辈官得])", "chang2"),
        (r"(?<=[米里年度天月时])长(?!大|高|成|出|辈)", "chang2"),
        (r"长(?=得[高大快好像慢壮胖漂又很更])", "zhang3"),
        (r"长(?=[出满成着了到][^短]|[高大胖]|势|辈|老|官|子[、，。]?$)", "zhang3"),
        (
            r"(?<=[校院部市省县处科局厂店班组队会船机董董社团行州村镇家酋])长(?![期短度远久江城达处])",
            "zhang3",
        ),
        # 行: a line or a trade after a count
        (rf"(?<=[{_COUNT}])行(?![走动驶进人程为政李车星使不得])", "hang2"),
        (r"(?<=银|央|商|投|本|支|分|总)行(?=[长业]?(?:[的、，。]|$|在|里|卡))", "hang2"),
        # 重 where it means again
        (
            r"重(?=[新复建启申构组写置返叠逢温演现庆塑拾整装排印译播制]|来一|做一|开一|放一|装系)",
            "chong2",
        ),
        (r"(?<=[一二两三四五六七八九双多几])重(?![量要点大心力视])", "chong2"),
        # 还: to give back
        (r"还(?=[钱款债给清贷本书了她他我你](?:$|[^是要有会能可想不没]))", "huan2"),
        (r"(?<=[归偿退送])还(?![是有要会])", "huan2"),
        # 得, 地, 着, 了 behind a verb or an adverb
        (
            r"(?<=[做说看走跑写来去学干长活过变显觉值记懂算使吃玩唱住听想快慢高好])得(?![到出了失分体意知])",
            "de5",
        ),
        (r"(?<=[说看走跑写学吃玩唱听想])得(?=[出到])", "de5"),
        (
            r"(?<=[渐慢悄静轻快深默认仔好努稳顺真细不断续力心速利确常样])地(?![方区球下上理图铁址板点位面毯震带势产标])",
            "de5",
        ),
        # 只: counting animals and things
        (r"(?<=[一二两三四五六七八九十几百千每这那])只(?![有要是能会好需])", "zhi1"),
        # 为: to be, to become
        (r"(?<=[成作认称分视变列定化转设最极尤更颇以改评译])为(?![了什何])", "wei2"),
        (
            r"为(?=[主期止例首重难数您]|基础|核心|中心|目标|代表|[零一二两三四五六七八九十百千万])",
            "wei2",
        ),
        # the others, each by its own neighbours
        (r"(?<=[首成古旧帝])都(?![是有在会能要可])", "du1"),
        (r"种(?=[了下上树花田地菜粮植草瓜豆满]|出来)", "zhong4"),
        (r"(?<=[一二两三四五六七八九十几各这那每某多])种(?![了下])", "zhong3"),
        (r"(?<=[到各此别随用好坏益长短远近深高低])处(?![理于在罚分置境])", "chu4"),
        (r"数(?=[一数了]?[一数]?[数到](?![字据量目学码])|不清|一数)", "shu3"),
        (r"(?<=[每])当(?![天时])", "dang1"),
        (r"(?<=[猜命打选看击])中(?![国间心央文])", "zhong4"),
        (r"(?<!参)差(?=[了多点不]|一点|几)(?!不齐)", "cha4"),
        (r"教(?=[你我他她它]|孩子|大家|会|人)", "jiao1"),
        (r"(?<=会|哪|这|那|点|事|玩|花|劲|活|块)儿(?![子童女])", "er5"),
        (r"(?<=[我你他她它咱人])们", "men5"),
    )
)
