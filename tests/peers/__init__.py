"""Programs that are not ours, found and started for the interoperability tests."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.shared import ROOT

HERE = Path(__file__).resolve().parent
NODE_MODULES = ROOT / ".peers" / "node_modules"
"""Where `.ci/run` puts npm's modbus-serial."""


def tool(name: str, package: str) -> str:
    """Path of a program; skips the calling test, saying how to get it, when it is absent."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed (sudo apt-get install -y {package})")
    return path


def libmodbus_slave(folder: Path) -> Path:
    """The C slave, compiled; skips where there is no compiler or no libmodbus."""
    compiler = tool("cc", "gcc")
    probe = subprocess.run(
        [compiler, "-E", "-include", "modbus/modbus.h", "-x", "c", "-"], input=b"", capture_output=True
    )
    if probe.returncode:
        pytest.skip("libmodbus is not installed (sudo apt-get install -y libmodbus-dev)")
    slave = folder / "slave"
    flags = ["-O1", "-Wall", "-Wextra", "-Werror"]
    subprocess.run([compiler, *flags, "-o", str(slave), str(HERE / "slave.c"), "-lmodbus"], check=True)
    return slave


def modbus_serial() -> str:
    """Path of node, with npm's modbus-serial at hand in NODE_MODULES; skips when either is absent."""
    node = tool("node", "nodejs")
    if not (NODE_MODULES / "modbus-serial").is_dir():
        pytest.skip("npm's modbus-serial is not installed (npm install --prefix .peers modbus-serial)")
    return node
