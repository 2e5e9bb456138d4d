"""`sorter network import`: a table of villages becomes a network.yaml."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from sorter.app.args import command, default_config, group
from sorter.app.config import load_hub
from sorter.app.network_import import import_network, network_yaml
from sorter.errors import ConfigError, StoreError


def add(commands: Any) -> None:
    """Register the group and its command."""
    inner = group(commands, "network", "区、镇、村、站 / district, towns, villages, stations")
    sub = command(
        inner,
        "import",
        run_import,
        "导入村居编码表 / make network.yaml of a table of villages",
        "  sorter network import villages.csv --district 370305\n"
        "  sorter network import villages.csv --district 370305 --out configs/linzi/network.yaml",
    )
    sub.add_argument("table", type=Path, metavar="TABLE",
                     help="CSV: town_code,town_name,village_code,village_name")  # fmt: skip
    sub.add_argument("--district", required=True, metavar="CODE", help="6-digit code, e.g. 370305")
    sub.add_argument("--name", default="", metavar="NAME", help="of the district (default: as configured)")
    sub.add_argument("--config", type=Path, default=default_config(), metavar="DIR",
                     help="hub whose other names and stations are kept")  # fmt: skip
    sub.add_argument("--out", type=Path, metavar="FILE", help="write there, not to the screen")


def run_import(args: argparse.Namespace) -> int:
    """Print or write the network; nothing is written when the table has a mistake."""
    try:
        known = load_hub(args.config).network
    except ConfigError:
        known = None
    before = known.find(args.district) if known else None
    name = args.name or (before.name if before else args.district)
    network = import_network(args.table, args.district, name, known)
    text = network_yaml(network)
    villages = sum(place.level == "village" for place in network.places)
    told = f"{name}: {len(network.towns)} 镇街 towns, {villages} 村居 villages"
    if args.out is None:
        print(f"# {told}\n{text}", end="")
        return 0
    try:
        args.out.write_text(f"# {told}\n{text}", encoding="utf-8")
    except OSError as error:
        raise StoreError(f"{args.out}: {error.strerror}\n  choose another file with --out") from None
    print(f"{told} -> {args.out}")
    return 0
