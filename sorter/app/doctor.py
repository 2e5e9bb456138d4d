"""`sorter doctor`: can this machine sort, and what to do where it cannot. Looks; repairs nothing."""

from __future__ import annotations

import os
import re
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib import metadata
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path

from sorter.app.findings import Finding, Grade, Text, graded, plain
from sorter.app.plc_doctor import examine_plc
from sorter.errors import ConfigError
from sorter.hub import Hub
from vision.zbar import zbar_missing

DISTRIBUTION = "parcel-sorting-line"
ZBAR_LINE = "sudo apt-get install -y libzbar0"
MIB = 1 << 20
SHARED_BYTES = 64 * MIB
"""Room for ten pictures of 2448 x 2448 on their way from the camera to the decoders."""
DISK_BYTES = 1024 * MIB
"""Below this somebody should make room before the next wave, not during it."""
OPEN_FILES = 256
COMMIT_S = 0.020
"""The bound of the journal's group commit. Source: house.md, "Durability"."""
SYNCS = 5
CLOCK_S = 1e-6


def examine(journal: Path = Path("runs"), load: Callable[[], Hub] | None = None) -> list[Finding]:
    """Everything worth knowing about this machine, in the order it is shown.

    journal  where journals are to be written; need not exist yet
    load     builds the hub of the configuration asked about; None: none was named
    """
    software = [python(), *packages(requirements()), zbar(zbar_missing())]
    machine = [shared_memory(), disk(journal), commits(journal), open_files(), real_time(), clock()]
    return [*software, *machine, terminal(), *(configuration(load) if load else [])]


def python() -> Finding:
    """This interpreter."""
    version = ".".join(map(str, sys.version_info[:3]))
    remedy = Text("请安装 Python 3.11 或更新版本", "install Python 3.11 or newer")
    return graded("python", sys.version_info >= (3, 11), plain(version), remedy, Grade.FAILURE)


def requirements() -> list[str]:
    """Requirement lines of the installed product without its extras; empty where it is not installed."""
    try:
        return [line for line in metadata.requires(DISTRIBUTION) or [] if ";" not in line]
    except metadata.PackageNotFoundError:
        return []


def packages(wanted: Sequence[str]) -> list[Finding]:
    """The version of each package against its bounds, written like `name>=1.2,<3`."""
    detail = Text("本产品未安装，无从核对依赖版本", "the product is not installed, so no bounds are known")
    unknown = Finding("packages", Grade.WARNING, detail, plain("./run --help"))
    return [_package(requirement) for requirement in wanted] or [unknown]


def _package(requirement: str) -> Finding:
    name = re.split(r"[<>=]", requirement)[0]
    remedy = plain(f"pip install '{requirement}'")
    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        return Finding(name, Grade.FAILURE, Text("未安装", "not installed"), remedy)
    detail = Text(f"{version}（要求 {requirement}）", f"{version} (wanted {requirement})")
    return graded(name, within(version, requirement), detail, remedy, Grade.FAILURE)


def within(version: str, requirement: str) -> bool:
    """Release numbers against the bounds >= and <; what follows the numbers (rc, dev) is not looked at."""
    bounds = re.findall(r"(>=|<)([\d.]+)", requirement)
    return all((_release(version) >= _release(bound)) == (sign == ">=") for sign, bound in bounds)


def _release(version: str) -> tuple[int, ...]:
    """Numbers up to the first that is none, without trailing zeros: 4 and 4.0 are one release."""
    numbers = [int(number) for number in re.split(r"[^\d.]", version)[0].split(".") if number]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def zbar(missing: str) -> Finding:
    """The system library of the second decoder; missing = what keeps it from loading, empty: it loads."""
    absent = Text("无法加载 libzbar，仅由 zxing-cpp 读码", f"zxing-cpp reads alone, {missing}")
    return graded("libzbar", not missing, absent if missing else Text("已加载", "loads"), plain(ZBAR_LINE))


def shared_memory() -> Finding:
    """Pictures cross from the camera to the decoders through it."""
    try:
        block = SharedMemory(create=True, size=1)
        block.close()
        block.unlink()
        free = shutil.disk_usage("/dev/shm").free
    except OSError as error:
        detail = Text(f"不可写：{error}", f"cannot be written: {error}")
        remedy = Text("请挂载可写的 /dev/shm（tmpfs）", "mount a writable /dev/shm (tmpfs)")
        return Finding("shared-memory", Grade.FAILURE, detail, remedy)
    need = SHARED_BYTES // MIB
    remedy = Text(f"需要 {need} MiB", f"{need} MiB are needed (a container takes --shm-size=256m)")
    return graded("shared-memory", free >= SHARED_BYTES, _free(free), remedy, Grade.FAILURE)


def _free(count: int) -> Text:
    return Text(f"剩余 {count // MIB} MiB", f"{count // MIB} MiB free")


def disk(journal: Path) -> Finding:
    """Room for the journal and the store."""
    free = shutil.disk_usage(_standing(journal)).free
    need = DISK_BYTES // MIB
    remedy = Text(f"请在 {journal} 腾出 {need} MiB", f"make room at {journal}: {need} MiB")
    return graded("disk", free >= DISK_BYTES, _free(free), remedy)


def _standing(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    whole = folder.absolute()
    return next(path for path in (whole, *whole.parents) if path.is_dir())


def commits(journal: Path) -> Finding:
    """Whether the journal's place can be written, and how long the disk takes to make a record durable."""
    try:
        taken = _median_sync_s(_standing(journal))
    except OSError as error:
        detail = Text(f"不可写：{error}", f"cannot be written: {error}")
        remedy = Text(f"请更改 {journal} 的权限或另选目录", f"change its rights or choose another: {journal}")
        return Finding("journal", Grade.FAILURE, detail, remedy)
    detail = Text(f"落盘 {taken * 1000:.1f} 毫秒", f"durable after {taken * 1000:.1f} ms")
    remedy = Text("磁盘过慢会使判定超时，请换固态硬盘", "decisions will be late: use a solid-state disk")
    return graded("journal", taken < COMMIT_S, detail, remedy)


def _median_sync_s(folder: Path) -> float:
    taken = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(SYNCS):
            began = time.perf_counter()
            file.write(bytes(4096))
            file.flush()
            os.fdatasync(file.fileno())
            taken.append(time.perf_counter() - began)
    return sorted(taken)[SYNCS // 2]


def open_files() -> Finding:
    """Descriptors that this process may open: sockets, pipes to the decoders, segments."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = soft == resource.RLIM_INFINITY
    detail = Text("不限", "unlimited") if unlimited else plain(str(soft))
    return graded("open-files", unlimited or soft >= OPEN_FILES, detail, plain("ulimit -n 1024"))


def real_time() -> Finding:
    """Whether the control loop may run before everything else; tried on this thread and taken back."""
    before, parameters = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
        os.sched_setscheduler(0, before, parameters)
        allowed = True
    except PermissionError:
        allowed = False
    refused = Text("不允许，忙时可能迟滞", "not permitted: late under load")
    remedy = Text("请授予 CAP_SYS_NICE", "grant CAP_SYS_NICE (a container takes --cap-add=SYS_NICE)")
    return graded("real-time", allowed, Text("允许", "permitted") if allowed else refused, remedy)


def clock() -> Finding:
    """Resolution of the clock by which the loop keeps time."""
    resolution = time.get_clock_info("monotonic").resolution
    remedy = Text("请启用高精度定时器（内核参数 highres=on）", "switch on kernel parameter highres=on")
    return graded("clock", resolution <= CLOCK_S, plain(f"{resolution * 1e9:.0f} ns"), remedy)


def terminal() -> Finding:
    """Whether Chinese can be shown, and colour."""
    encoding = (getattr(sys.stdout, "encoding", None) or "none").lower()
    colour = sys.stdout.isatty() and os.environ.get("TERM") != "dumb" and "NO_COLOR" not in os.environ
    shown = Text("彩色", "colour") if colour else Text("无彩色", "no colour")
    detail = Text(f"{encoding}，{shown.zh}", f"{encoding}, {shown.en}")
    return graded("terminal", encoding in ("utf-8", "utf8"), detail, plain("export PYTHONUTF8=1"))


def configuration(load: Callable[[], Hub]) -> list[Finding]:
    """The configuration's own check, and when it holds, everything about its PLC."""
    try:
        hub = load()
    except ConfigError as error:
        detail = Text(f"{len(error.problems)} 处错误", f"{len(error.problems)} problems")
        return [Finding("config", Grade.FAILURE, detail, plain(str(error)))]
    return [Finding("config", Grade.OK, plain(hub.name), plain("")), *examine_plc(hub, hub.link)]
