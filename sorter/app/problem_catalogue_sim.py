"""The same sentences for who simulates: scenarios, fault files, tables of parcels. English | Chinese."""

from __future__ import annotations

SENTENCES_SIM = r"""
there is no such file | 没有这个文件
look at its name and folder | 检查文件名和所在文件夹
nothing comes | 没有来件
add waves:, trucks:, buses: or first_pass: | 补上 waves:、trucks:、buses: 或 first_pass:
neither parcels nor per_hour | parcels 和 per_hour 都没有写
both parcels and per_hour | parcels 和 per_hour 都写了
add one of them to this wave | 在这个波次里补上其中一个
delete one of them | 删去其中一个
every weight is 0 | 所有权重都是 0
give a courier a weight, or delete the mix | 给一家快递公司写上权重，或者删去 mix
first_pass says what comes: {} changes nothing | 来件由 first_pass 决定：{} 不起作用
it ends before it begins | 结束早于开始
write a later time | 写一个更晚的时刻
write a later time; after midnight hours go on: '24:30' | 写一个更晚的时刻；过了午夜继续数：'24:30'
write a later time, or one longer stop | 写一个更晚的时刻，或者合成一次更长的停车
the shares are more than 100% in all | 份额之和超过 100%
the flaws are more than 100% in all | 瑕疵之和超过 100%
the flaws of {} are more than 100% in all | {} 的瑕疵之和超过 100%
lessen one of them; those that are not given are as on an ordinary day | 减小其中一个；没有写的按平日取值
before the line clock starts, with the first wave, truck or bus | 早于线钟起点（第一个波次或车次）
the least lateness is above the greatest | 最小晚点大于最大晚点
write [least, greatest], in minutes | 写成 [最小, 最大]，单位分钟
the least time is above the greatest | 最短时间大于最长时间
write [least, greatest] | 写成 [最小, 最大]
write [least, most frequent, greatest] | 写成 [最小, 最常见, 最大]
these lengths do not ascend | 这些长度不是从小到大
fewer at most than at least | 最多比最少还少
write a greater number, or delete it | 写一个更大的数，或者删去它
nothing says when to stop | 没有说明何时停止
add precision: 1% and of: [a figure] | 补上 precision: 1% 和 of: [指标]
a precision with a fixed number of replications | 重复次数固定，却写了精度
add most:, or delete precision and of | 补上 most:，或者删去 precision 和 of
no limit | 没有界限
write {least: ...}, {most: ...} or both | 写 {least: ...}、{most: ...} 或两者
nothing is above least and below most | 没有数能既不小于 least 又不大于 most
swap the two | 把两者对调
sweep fewer values | 少扫描几个值
both a sweep and a comparison | 扫描和比较都写了
sensitivities beside a sweep or a comparison | 敏感度不能与扫描或比较并用
leave only one of them | 只留其中一个
there is nothing to merge | 没有可以合流的上件口
add infeeds:, or delete it | 补上 infeeds:，或者删去它
there is an infeed {} before | 前面已经有上件口 {}
give it a name of its own | 给它另取一个名字
without holds: it is never full | 没有写 holds:，永远不会满
add holds:, or delete it | 补上 holds:，或者删去它
name each courier once | 每家快递公司只写一次
no infeed takes {} | 没有上件口接收 {}
name every courier of the hub in one of them | 本中心每家快递公司都要写进其中一个
every place has the weight 0 | 所有地方的权重都是 0
give one of them a weight | 给其中一个写上权重
the infeed does not take these lengths | 上件口放不下这些长度
write lengths from {} to {}, or change line.yaml | 长度写 {} 到 {}，或者修改 line.yaml
no way back for more than one round | 没有回流，不能走多圈
write return_mm: {} at least, the longest parcel and its gap | return_mm 至少写 {}：最长件加间隔
the belt needs {} s to stand | 皮带停下来需要 {} 秒
the belt is only starting | 皮带刚在启动
the belt is not yet at speed after the stop before | 上一次停车之后皮带还没有达速
there is no folder '{}' | 没有文件夹“{}”
name the hub's folder, as seen from this file's own | 写出枢纽的文件夹，相对于本文件所在位置
a pass before itself | 前一遍就是它自己
name the pass before this one | 写出在它之前的那一遍
something is wrong with this file | 这个文件有错
mend it first | 先改好它
there is no file '{}' | 没有文件“{}”
it has the name '{}' too | 它也叫“{}”
give each scenario its own name | 每个情景取不同的名字
--parcels says in which order they come: infeeds change nothing | 来件次序由 --parcels 决定：infeeds 不起作用
--parcels says what comes: {} changes nothing | 来件由 --parcels 决定：{} 不起作用
delete it from the sweep | 从扫描里删去它
leave it out | 不要写它
it is {} here, and a step below leads nowhere | 这里是 {}，再减一步没有意义
it has several values here | 这里有多个取值
leave one of these out | 去掉其中一项
no engine can say this exactly. {} | 没有引擎能精确计算。{}
engine {} cannot say this exactly: {} | 引擎 {} 不能精确计算：{}
write a number from 0 on, for example 3 or 0.25 | 写 0 以上的数，例如 3 或 0.25
write a factor above 0 and below 100, for example 1.5 | 写 0 到 100 之间的倍数，例如 1.5
write percent without the sign, for example 2 or 0.05 | 写百分数，不带符号，例如 2 或 0.05
write hours:minutes in quotes, for example '05:30', or '24:30' for half an hour after midnight | 写成 '时:分'
write 90s, 400ms, 15min, 1h or a range such as 40s..3min | 写 90s、400ms、15min、1h，或范围如 40s..3min
write hours:minutes:seconds, for example 06:10:00 | 写成 时:分:秒，例如 06:10:00
write 2%, 0.05% or 150ppm, up to 100% | 写 2%、0.05% 或 150ppm，最多 100%
write how often, for example 2 or 0.5: 0.001 to 999.999 | 写每小时几次，例如 2 或 0.5：0.001 到 999.999
delete it; such a fault may have: {} | 删去它；这种故障可以写：{}
add {}: ... to this fault | 在这个故障里补上 {}: ...
both at and per_hour | at 和 per_hour 都写了
both a share and a moment | 份额和时刻都写了
it is not said how often or when | 没有说明多久一次或何时发生
before the line clock begins, at {} | 早于线钟起点 {}
write a time of day from {} on, or look at begins: above | 写 {} 以后的时刻，或检查上面的 begins:
the range ends before it begins | 范围的终点小于起点
write the lesser time first | 小的写在前面
not a slip of more than 0% and at most 50% | 打滑应大于 0%、不超过 50%
write for example 3% | 例如写 3%
a range for a fault at a given time | 定时的故障不能写范围
write one time, or per_hour for at | 写一个时长，或者把 at 换成 per_hour
it begins again before it is over | 还没结束又开始
write later times or a shorter for | 时刻写晚些，或者 for 写短些
{}: there is no wire in sorter sim | {}：sorter sim 里没有网线
take them out, or run sorter demo or sorter emulate with this file | 删去它们，或者用 sorter demo
no parcel in this table | 表里没有包裹
add a row for each | 每件写一行
unknown column '{}' | 不认识的列“{}”
first line: {}; the first four must be there | 第一行：{}；前四列必须有
arr_us is {}, before the parcel above it ({}) | arr_us 是 {}，早于上一件（{}）
order the table by arrival | 按到达时间排序
{} is not a whole number: '{}' | {} 不是整数：“{}”
no number can be made up for {} | 无法为 {} 编造单号
add a column waybill | 加一列 waybill
{} more mistakes in this table | 这张表还有 {} 处错误
mend those above first | 先改上面的
the following arguments are required: {} | 缺少参数：{}
unrecognized arguments: {} | 不认识的参数：{}
argument {}: expected one argument | 参数 {}：要有一个值
argument {}: expected at least one argument | 参数 {}：至少要有一个值
argument {}: not allowed with argument {} | 参数 {}：不能与 {} 并用
argument {}: ignored explicit argument {} | 参数 {}：不接受值 {}
argument {}: invalid choice: {} (choose from {}) | 参数 {}：不能用 {}（可用：{}）
argument {}: invalid {} value: {} | 参数 {}：不是 {} 的写法：{}
one of the arguments {} is required | 下列参数要写一个：{}
argument {}: there is no '{}' | 参数 {}：没有“{}”
argument {}: '{}' is not a whole number from 1 on | 参数 {}：“{}”不是 1 以上的整数
argument {}: '{}' is not a port from 0 to 65535 | 参数 {}：“{}”不是 0 到 65535 的端口
argument {}: '{}' is not a number from 0 on | 参数 {}：“{}”不是 0 以上的数
argument {}: '{}' is not a date such as 2026-11-23 | 参数 {}：“{}”不是日期，写成 2026-11-23
argument {}: '{}' is not a time such as 05:30 or 0:02:30 | 参数 {}：“{}”不是时刻，写成 05:30 或 0:02:30
argument {}: '{}' is not a share between 0 and 100 % | 参数 {}：“{}”不是 0 到 100 % 的份额
argument {}: '{}' is no range A..B: {} | 参数 {}：“{}”不是范围 A..B：{}
argument {}: '{}' is empty | 参数 {}：“{}”是空的
argument {}: '{}' is no parcel: write its number, or LINE/NUMBER | 参数 {}：“{}”不是包裹，写序号或 线/序号
argument {}: '{}': write {}; @06:00-07:30 behind it limits the time | 参数 {}：“{}”：写 {}；可加 @06:00-07:30
argument {}: '{}': it ends before it begins | 参数 {}：“{}”：结束早于开始
argument {}: '{}' is no time of day: write hours:minutes, for example 06:30 | 参数 {}：“{}”不是时刻
argument {}: '{}': write percent, for example 2% or 0.5% | 参数 {}：“{}”：写百分数，例如 2% 或 0.5%
argument {}: '{}': write a factor above 0, for example 1.5 | 参数 {}：“{}”：写大于 0 的倍数，例如 1.5
"""
"""They are looked for before those of `problem_catalogue`."""

SENTENCES_LAST = r"""
{} points, at most {} | 有 {} 个点，最多 {} 个
{} comes to {} already | {} 已经分给 {}
leave {} out, or sweep it | 去掉 {}，或者改用扫描
write {}, or delete this line | 写 {}，或者删去这一行
{} has no '{}' | {} 没有“{}”这一项
{} needs '{}' | {} 必须写“{}”
add {} to this fault | 在这个故障里补上 {}
{} without {} | 有 {} 而没有 {}
no column {} | 缺少列 {}
{} values for {} columns | 有 {} 个值，却有 {} 列
give {} | 按 {} 给出
write {} to {} | 写 {} 到 {}
{} is {} | {} 是 {}
"""
"""So general that they are looked for behind all others."""
