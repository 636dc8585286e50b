"""Word lists that the writer's rules judge by."""

from typing import Final


def listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


# English words that carry no meaning of their own.
STOP: Final = listed(
    """
    a about above after again against all almost along already also although always am among
    an and another any are around as at away back be because been before behind being below
    between both but by can cannot could did do does doing done down during each either else
    enough even ever every few first for from further get gets got had has have having he her
    here hers him his how however i if in indeed instead into is it its itself just least less
    let like made make makes many may me might more most much must my near nearly need never
    next no nor not now of off often on once one only onto or other our out over own per
    perhaps put quite rather really same say says said second see seem seems several shall she
    should since so some still such take takes than that the their them then there these they
    thing things third this those though through thus to together too toward towards two under
    until up upon us use used uses using very via want was way ways we well were what when
    where whether which while who whom whose why will with within without would yet you your
    don't doesn't didn't isn't aren't wasn't weren't can't won't it's that's there's they're
    you're we're i'm inside outside roughly beside another worth across
    """
)
CHINESE_STOP: Final = listed(
    """
    一个 一种 一些 没有 不是 就是 可以 可能 因为 所以 如果 虽然 但是 而且 以及 自己 我们 你们
    他们 它们 这个 那个 这些 那些 这种 什么 怎么 已经 正在 需要 通过 进行 非常 其中 同时 此外
    因此 首先 其次 最后 然后 目前 现在 时候 据统计 不过 然而 还有 只有 之后 之前 以后 以前
    开始 成为 作为 不会 不能 还是 或者 甚至
    """
)
# Nouns that say nothing as a heading.
EMPTY_NOUNS: Final = listed(
    """
    时候 方面 情况 部分 问题 东西 地方 办法 方式 方法 原因 结果 过程 人们 大家 思路 作用 关系
    时间 程度 内容 意义 事情 样子 是否 目的 上百 小时 分钟 一半 公里 谢谢
    """
)
# Common English verbs that no noun phrase holds.
VERBS: Final = listed(
    """
    lets let let's becomes become became brings bring brought gives give gave goes go went
    comes come came keeps keep kept means mean meant needs turns turn turned works work shows
    show showed grows grow grew helps help helped holds hold held falls fall fell runs run ran
    costs cost saves save saved cuts cut cools cool starts start began begins begin sees sends
    send sent puts put sits sit sat stays stay stands stand stood adds add added loses lose
    lost leaves leave left finds find found tells tell told asks ask asked knows know knew
    thinks think thought feels feel felt seems looks look looked tries try tried moves move
    moved lives live lived pays pay paid changes changed happens happen happened allows allow
    allowed creates create created reduces reduce reduced increases increase increased
    provides provide provided requires require required includes include included remains
    remain remained rises rise rose drops drop dropped reaches reach reached builds build
    built buys buy bought sells sell sold opens opened closes closed reads read wrote writes
    write learns learn learned carries carry carried offers offer offered depends depend
    remember remembers says said believe believes absorbs absorb soaks soak drinks filters
    replaced replaces replace listen listens contain contains recover
    recovers yield yields lease leases retire retires age ages charge charges hold treat treats
    store stores release releases draw draws drew sign signs survive survives fail fails test
    begun given taken made done found argue argues agree agrees plant enter enters travel
    travels arrive arrives collect collects protect protects improve improves explain explains
    follow follows followed die dies kill kills eat eats sleep sleeps drive drives drove fly
    weighs deserve deserves belong belongs exist exists expect expects hope hopes choose
    chooses chose win wins won cause causes caused produce produces receive receives serve
    serves appear appears spread spreads cover covers connect connects ran met meet meets
    """
)
# A word before one of these is no noun.
DETERMINERS: Final = listed(
    """
    the a an its their this these those his her our your my it them us
    """
)
# What may follow a number without being its unit.
NO_UNIT: Final = listed(
    """
    and or but to of in on at the a an is are was were by for from with as than that when
    while after before per out over under more less into it its they we he she has have had
    january february march april may june july august september october november december am
    pm bc ad st nd rd th did will can would since until ago
    """
)
# A stop behind these ends no sentence.
ABBREVIATIONS: Final = listed(
    """
    mr mrs ms dr prof st vs no nos fig figs vol e.g i.e cf al approx gen col sen rep gov jr sr
    dept est jan feb mar apr jun jul aug sep sept oct nov dec
    """
)
# A stop behind these may end one.
ENDING_ABBREVIATIONS: Final = listed(
    """
    etc inc ltd co corp u.s u.k u.n e.u a.m p.m ph.d b.c a.d
    """
)
# Speakers that are no names.
PRONOUNS: Final = listed(
    """
    他 她 它 他们 她们 有人 人们 我 我们 he she they it we i the
    """
)
# A clause that opens with one of these is no statement.
CLAUSE_STARTS: Final = listed(
    """
    because when while if although though since as after before where who which that to for from
    in on at by with and or but first then next finally
    """
)
# A word behind one of these is a verb.
SUBJECTS: Final = listed(
    """
    who that which to they he she we you i can will must should not may might could would
    """
)
