"""What `sorter plan why` and `resolve` say about destinations, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from sorter.app.findings import Text
from sorter.words import AddressLevel, AddressWhy, Authority, Word

LEVELS: Mapping[AddressLevel, Text] = {
    AddressLevel.VILLAGE: Text("到村", "village"),
    AddressLevel.TOWN: Text("到镇街", "town"),
    AddressLevel.DISTRICT: Text("只到区", "district only"),
    AddressLevel.AMBIGUOUS: Text("多个可能", "ambiguous"),
    AddressLevel.OUT_OF_AREA: Text("不在本区", "out of area"),
    AddressLevel.CONFLICT: Text("前后矛盾", "contradicts itself"),
    AddressLevel.NONE: Text("没有地址", "no address"),
}

ADDRESS_WHYS: Mapping[AddressWhy, Text] = {
    AddressWhy.OFFICIAL: Text("村名及后缀相符", "the village is named with its kind"),
    AddressWhy.OTHER_SUFFIX: Text("村名相符，后缀不同", "the village is named with another suffix"),
    AddressWhy.NO_SUFFIX: Text("村名相符，没有后缀", "the village is named without its kind"),
    AddressWhy.AFTER_STREET: Text("街道门牌之后写有村名", "the village is named after a street"),
    AddressWhy.CORRECTED: Text("一字之差，镇内唯一", "one character off, the only one in its town"),
    AddressWhy.NO_VILLAGE: Text("只写到镇街", "no village is named"),
    AddressWhy.VILLAGE_UNKNOWN: Text("本镇没有这个村", "this town has no such village"),
    AddressWhy.VILLAGE_UNCLEAR: Text("本镇有几个村可能", "several villages of this town fit"),
    AddressWhy.NO_TOWN: Text("只写到区", "only the district is named"),
    AddressWhy.HOMONYM: Text("几个镇有同名村，须写明镇街", "several towns have this name: name the town"),
    AddressWhy.NO_AREA: Text("没有写区和镇街，邻县也有同名村", "neither district nor town is named"),
    AddressWhy.ELSEWHERE: Text("写的是别的省市区县", "another province, city or county is named"),
    AddressWhy.UNKNOWN_TOWN: Text("写的镇街不在本区", "the town named is none of this district"),
    AddressWhy.OTHER_TOWN: Text("村属于另一个镇街", "the village lies in another town than named"),
    AddressWhy.TWO_TOWNS: Text("写了两个镇街", "two towns are named"),
    AddressWhy.NOTHING: Text("没有地名", "no place is named"),
}

AUTHORITIES: Mapping[Authority, Text] = {
    Authority.INTERCEPT: Text("拦截", "intercept"),
    Authority.OVERRIDE: Text("人工指定", "override"),
    Authority.MANIFEST: Text("预报", "manifest"),
    Authority.SITE_CODE: Text("网点码、三段码", "site code"),
    Authority.ADDRESS: Text("地址", "address"),
    Authority.COURIER_DEFAULT: Text("快递默认", "courier default"),
    Authority.EXCEPTION: Text("异常", "exception"),
}

WORDS: Mapping[Word, Text] = {
    Word.HELD: Text("在拦截名单上，优先于一切", "on the intercept list, wins over everything"),
    Word.PLACE_NAMED: Text("指明了去向", "names the place"),
    Word.UNKNOWN_PLACE: Text("编码不在网络中", "the code is not in network.yaml"),
    Word.UNKNOWN_SITE: Text("该快递没有这个网点码", "the courier has no such site code"),
    Word.NOBODY_KNOWS: Text("没有任何依据", "nobody knows where to"),
}


_SAID: Mapping[str, Text] = {
    **{word.value: text for word, text in WORDS.items()},
    **{why.value: text for why, text in ADDRESS_WHYS.items()},
}


def said(detail: str) -> Text:
    """A step's detail in words; a site code's prefix stands for itself."""
    return _SAID.get(detail, Text(f"按 {detail}", f"by {detail}"))
