"""The sentences of `sorter.app.problem_words`: English | Chinese, the more particular ones first."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "chute": "格口",
    "town": "镇街",
    "village": "村居",
    "station": "站点",
    "courier": "快递公司",
    "size class": "尺寸等级",
    "wave": "波次",
    "operator": "运营方",
    "code": "编码",
    "town name": "镇街名称",
    "id": "号",
    "key": "键",
    "place": "位置",
    "up": "上行",
    "return": "退件",
    "direction": "方向",
    "service": "服务",
    "inspected": "安检",
    "none": "无",
    "eye": "光电",
    "diverter": "摆轮",
    "cause": "原因",
    "figure": "指标",
}
"""Words that fill a hole."""

TERMS: Mapping[str, str] = {
    "fire lead": "动作提前量",
    "eye to pivot": "光电到摆轮",
    "hold": "保持",
    "longest": "最长件",
    "view": "视野",
    "window": "窗口",
    "request timeout": "请求超时",
    "polls of": "次轮询，每次",
    "scans": "次扫描",
}
"""Words of the sums that dimensions follow from."""

DIMENSIONS = (
    ("communication timeout", "通讯超时"),
    ("minimum pitch", "最小中心距"),
    ("minimum pitch to windows", "中心距与窗口"),
    ("eye to pivot", "光电到摆轮"),
    ("diverter pitch", "摆轮间距"),
    ("last pivot to end eye", "末端光电"),
    (r"induct eye to camera (\d+)", r"入口到相机 \1"),
    (r"camera (\d+) to first decision", r"相机 \1 到首个决策"),
)
"""Names of the line's dimensions, as `sorter.app.dimensions` gives them."""

SENTENCES = r"""
unknown key '{}' | 不认识的键“{}”
key '{}' is missing | 缺少键“{}”
key '{}' is already given at line {} | 键“{}”在第 {} 行已经写过
key '{}' is already used at line {} | 键“{}”在第 {} 行已经用过
unknown {} '{}' | 没有这个{}：“{}”
{} '{}' is named twice | {}“{}”写了两次
'{}' is not a whole number | “{}”不是整数
{} is out of range | {} 超出范围
write a whole number from {} to {} in plain digits | 用普通数字写 {} 到 {} 的整数
'{}' does not have the form wanted here | “{}”的写法不对
use small letters, digits and hyphens, a letter first | 用小写字母、数字和连字符，字母开头
use at most 20 digits or letters | 最多 20 个数字或字母
'{}' is not known here | 这里不能写“{}”
'{}' is neither true nor false | “{}”既不是 true 也不是 false
write true or false | 写 true 或 false
'{}' is not a day | “{}”不是日期
write year-month-day, for example 2022-10-01 | 写成 年-月-日，例如 2022-10-01
'{}' is not a time of day | “{}”不是时刻
write hours and minutes, for example 04:30 | 写成 时:分，例如 04:30
'{}' is not a waybill pattern | “{}”不是单号格式
use capitals, digits, [0-9], {}, {} up to 64 and (a|b) only, and do not repeat a group
| 只用大写字母、数字、[0-9]、{}、{}（至多 64）和 (a|b)，不要重复整组
'{}' has no chute of its own: such a parcel rides to the exception end
| “{}”不能有自己的格口：这种件走到异常口
delete this line; a chute can be named for {} | 删去这一行；可以指定格口的原因：{}
'{}' is not an exception | “{}”不是异常原因
a text is wanted here | 这里要写文字
write one value, no list and no mapping | 只写一个值，不要列表或键值
not a text that can be shown | 不是可以显示的文字
write 1 to {} visible characters on one line | 在一行里写 1 到 {} 个可见字符
write 1 to {} visible characters | 写 1 到 {} 个可见字符
nothing is named here | 这里什么也没写
name at least one, or delete the key where it may be absent | 至少写一个，或者删去这个键
more than {} entries | 多于 {} 项
the PLC's map has no room for more | PLC 的寄存器表放不下更多
a mapping is wanted here | 这里要写键值
write key: value | 写成 键: 值
a list is wanted here | 这里要写列表
write [a, b], or one '- ' line for each | 写成 [a, b]，或者每项一行以“- ”开头
did you mean '{}'? | 是不是“{}”？
known: {} | 可以写：{}
add it here | 在这里补上
add it or restore it | 补上或恢复这个文件
the file is missing | 缺少这个文件
the file is empty | 文件是空的
fill it or restore it | 填写或恢复它
this file is not read | 这个文件不会被读取
there is no such folder | 没有这个文件夹
name the folder that holds line.yaml | 写出 line.yaml 所在的文件夹
cannot be read: {} | 读不出来：{}
correct its permissions | 改正它的权限
begins with a byte order mark | 开头有字节顺序标记（BOM）
looks like UTF-16, not UTF-8 | 像是 UTF-16，不是 UTF-8
not UTF-8 (byte {}); it could be GBK | 不是 UTF-8（字节 {}），可能是 GBK
not UTF-8 (byte {}) | 不是 UTF-8（字节 {}）
save it as UTF-8 without a byte order mark | 存成不带 BOM 的 UTF-8
not a file of at most {} bytes | 不是 {} 字节以内的文件
put the hub's own YAML file here | 放上本中心自己的 YAML 文件
the file is too large: {} characters, at most {} | 文件太大：{} 个字符，最多 {}
split it or take out what does not belong here | 拆开，或者拿掉不属于这里的内容
a tab where YAML wants spaces | YAML 要空格的地方写了制表符
indent with spaces only | 只用空格缩进
not YAML: an impossible character escape | 不是 YAML：不可能的转义字符
look for a backslash in double quotes | 找双引号里的反斜杠
not YAML: {} | 不是正确的 YAML（{}）
look at this line and the one before it: indentation, brackets, quotes, the space after a colon
| 看这一行和上一行：缩进、括号、引号、冒号后的空格
character {} is not allowed | 不允许字符 {}
a second document begins here | 这里开始了第二份文档
keep one document in a file, delete the --- | 一个文件只留一份文档，删去 ---
nested deeper than {} levels | 嵌套超过 {} 层
write it flatter | 写得平一些
a key must be a text | 键必须是文字
keep one of the two | 两个留一个
alias *{} is not allowed | 不允许引用 *{}
write the value out here | 在这里把值写出来
anchor &{} is not allowed | 不允许锚点 &{}
delete it: the schema knows the type | 删去它：类型由格式规定
tag {} is not allowed | 不允许标签 {}
delete it | 删去它
chute diverter {} {} is already used at line {} ({}) | 摆轮 {} 的 {} 侧在第 {} 行已被“{}”占用
chute {} {} is already used at line {} ({}) | 格口的{} {} 在第 {} 行已被“{}”占用
give each place its own | 每个地方用自己的
give {} its own; free ids: {} | 给“{}”另一个；空着的号：{}
chute id {} leaves a gap: {} chutes have the ids 0-{} | 格口号 {} 跳号了：{} 个格口的号应为 0-{}
free ids: {} | 空着的号：{}
there is no diverter {} | 没有摆轮 {}
write 0-{}, or raise diverters: count | 写 0-{}，或者增加 diverters: count
the shortest parcel ({} mm) is longer than the longest | 最短包裹（{} mm）比最长的还长
write at most {} | 最多写 {}
camera id {} is out of order | 相机号 {} 次序不对
number the cameras in order: {} here | 相机依次编号：这里是 {}
{} is {} {}, needed {}: {} | {}是 {} {}，至少要 {}（{}）
make it at least {}, or lessen what the sum names | 至少改成 {}，或者减小算式里的量
place {} is not in this file | 地方 {} 不在这个文件里
village {} is not in this file | 村居 {} 不在这个文件里
ends on {}, before it begins on {} | 结束日 {} 早于开始日 {}
correct one of the two days, or delete the pattern | 改正其中一个日期，或者删去这个格式
correct one of the two days | 改正其中一个日期
a day is given, but no operator | 写了日期，却没有写运营方
name the operator, or delete this line | 写出运营方，或者删去这一行
place {} is not in network.yaml | 地方 {} 不在 network.yaml 里
use a town's or a village's code | 写镇街或村居的编码
'{}' is not a site code | “{}”不是网点码
at most {} characters, a {} only at the end | 最多 {} 个字符，{} 只能在末尾
site code '{}' is the same as '{}' | 网点码“{}”与“{}”相同
wave {} ends when it begins | 波次 {} 一开始就结束
correct one of the two times | 改正其中一个时刻
wave {} runs while {} does | 波次 {} 与 {} 重叠
let a wave begin when the one before it has ended | 前一个波次结束后再开始下一个
rule id {} is already used at line {} | 规则号 {} 在第 {} 行已经用过
give this rule its own id | 给这条规则另一个号
size class {} ends at {} mm, not beyond the one before it | 尺寸等级 {} 到 {} mm 为止，没有超过前一个等级
order the classes from small to large | 等级从小到大写
group '{}' has the name of a chute | 格口组“{}”与格口同名
give it its own name | 另起一个名字
group '{}' holds itself: {} | 格口组“{}”包含它自己：{}
take it out of one of them | 从其中一个里去掉
the fallbacks go in a circle: {} | 后备格口绕成了圈：{}
let one of them fall back to nothing | 让其中一个没有后备
delete one of the two | 删去其中一个
no rule takes parcels down to {} ({} villages): {} | 没有规则接收发往 {}（{} 个村居）的下行件：{}
no rule takes parcels down to {}: {} | 没有规则接收发往 {} 的下行件：{}
add {} to a rule in plan.yaml | 在 plan.yaml 的一条规则里加上 {}
rule {} never applies: everything it matches is taken by {} | 规则 {} 永远用不上：它能接的都先被 {} 接走
move it before them, or delete it | 移到它们前面，或者删去
rule {} never applies: its villages are not in its towns | 规则 {} 永远用不上：它的村居不在它的镇街里
correct towns or villages | 改正镇街或村居
no rule takes '{}' parcels from anywhere: {} | 没有规则接收“{}”件：{}
add a rule for them | 为它们加一条规则
balance with a single chute does nothing | 只有一个格口，balance 不起作用
name a second chute | 再写一个格口
chute {} does not lie downstream of {}: it cannot be its alternate | 格口 {} 不在 {} 的下游：不能作它的备用
name the chutes in the order of the belt, at different diverters | 按皮带方向写格口，而且不在同一个摆轮
spare chute {} is used by the plan | 备用格口 {} 被方案用了
delete spare: true | 删去 spare: true
the plan sends nothing to chute {} | 方案没有往格口 {} 送任何件
use it, or write spare: true | 用上它，或者写 spare: true
rule {} uses this chute too: two destinations in one bag | 规则 {} 也用这个格口：一个袋里有两个目的地
give each its own chute, or join the two rules if one bag is meant
| 各用各的格口；如果本来就是一个袋，就把两条规则并成一条
rule {} puts {} towns into one bag: {} | 规则 {} 把 {} 个镇街装进一个袋：{}
give each town its own chute, or write for_towns if a second pass sorts them
| 每个镇街各用一个格口；如果还有第二遍分拣，就写 for_towns
the chute's name says {}, but {} goes there | 格口名称写的是 {}，送去的却是 {}
correct the name in line.yaml, or the chute here | 改正 line.yaml 里的名称，或者这里的格口
{} and {} may have the same number, for example {} | {} 与 {} 可能有相同的单号，例如 {}
write shared_with: [{}] if the manifest decides, or narrow one of the two
| 如果由预报来定，就写 shared_with: [{}]，否则收窄其中一个格式
no number of {} has both formats | 与 {} 没有相同的单号
delete shared_with here | 删去这里的 shared_with
{} is served by {} from {}, and no rule names that operator | {} 由 {} 运营（自 {} 起），没有规则提到它
write a rule with operators: [{}] before the town's | 在镇街的规则之前写一条 operators: [{}]
rule {} mixes cold parcels with others: they have no chute of their own
| 规则 {} 把冷链件与其他件混在一起：冷链没有自己的格口
put a rule with services: [cold] and a chute of its own before it
| 在它前面写一条 services: [cold] 的规则，用单独的格口
{} parcels an hour fill {} bags: more than {} changes | 每小时 {} 件装满 {} 袋：超过 {} 次换袋
share them with a second chute (balance: true), or allow more bag changes
| 用第二个格口分担（balance: true），或者允许更多次换袋
the header lacks {} | 表头缺少 {}
first line: {} | 第一行应为：{}
not a JSON list of objects | 不是由对象组成的 JSON 列表
write [{"waybill": "..."}, ...] | 写成 [{"waybill": "..."}, ...]
larger than {} bytes | 大于 {} 字节
split the file | 拆分文件
name a readable file | 写一个能读的文件
a line of {} characters, at most {} | 一行有 {} 个字符，至多 {}
send the file again | 重新发送这个文件
{} values for {} columns | 有 {} 个值，却只有 {} 列
put quotes around a cell that holds a comma | 含逗号的单元格要加引号
this is no file | 这不是文件
the file is UTF-16 | 文件是 UTF-16
save it as CSV UTF-8 | 存成 CSV UTF-8
byte {} is neither UTF-8 nor GBK | 第 {} 个字节既不是 UTF-8 也不是 GBK
save the file as UTF-8 (CSV UTF-8) | 存成 UTF-8（CSV UTF-8）
{} was announced before, differently | {} 先前预报过，内容不同
keep one of the two rows; the first counts | 两行留一行；以第一行为准
keep one of the two rows | 两行留一行
courier '{}' is not in couriers.yaml | 快递公司“{}”不在 couriers.yaml 里
use a courier's key | 写快递公司的键
place '{}' is not in network.yaml | 地方“{}”不在 network.yaml 里
'{}' is neither yes nor no | “{}”既不是“是”也不是“否”
write yes or no, 是 or 否; empty = no | 写 yes/no 或 是/否；空 = 否
'{}' is no waybill number | “{}”不是运单号
6 to 64 letters and digits | 6 到 64 个字母和数字
'{}' has lost its digits in a spreadsheet | “{}”在电子表格里丢了位数
export the column as text and send the file again | 把这一列按文本导出，再发一次
'{}' is no {} | “{}”不是{}
one of: {} | 只能是：{}
place '{}' is no town or village of network.yaml | 地方“{}”不是 network.yaml 里的镇街或村居
use a code of network.yaml | 写 network.yaml 里的编码
place {} comes twice | 地方 {} 出现两次
'{}' is not a number of parcels | “{}”不是件数
write a whole number | 写整数
no village of district {}; the table has: {} | 表里没有 {} 区的村居；有：{}
name another --district | 换一个 --district
village {} does not begin with its town's code {} | 村居编码 {} 不以镇街编码 {} 开头
correct one of the two codes | 改正其中一个编码
village {} is already at line {} | 村居 {} 在第 {} 行已经有了
town {} is called {} at line {} | 镇街 {} 又叫 {}（见第 {} 行）
write one name, put the other into aliases or former | 只写一个名称，另一个放进 aliases 或 former
'{}' is no code of {} digits | “{}”不是 {} 位编码
copy it from the public table | 从公开的统计表里抄
the hub has no wave '{}' | 本中心没有波次“{}”
'{}' is not a time to come | “{}”不是将来的时刻
write HH:MM, or 2026-11-28T04:30 | 写成 HH:MM，或者 2026-11-28T04:30
town name {} is already used at line {} | 镇街名称 {} 在第 {} 行已经用过
{} {} is already used at line {} | {} {} 在第 {} 行已经用过
give {} its own | 给“{}”另写一个
"""
"""A line each, the Chinese on the next one where it is long; holes stand in the same order in both."""
