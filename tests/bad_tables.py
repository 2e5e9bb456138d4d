"""What couriers, spreadsheets and scripts send as tables: pre-advice, holds, volumes, villages, parcels.

Beside these stand the rows of `test_app_config_mistakes.py` (IN_TABLES) and `test_app_parcels_file.py`.
"""

from __future__ import annotations

import json

HEAD = "waybill,courier,place,direction,service\n"
GOOD = "SF1234567890123,sf,370305109224,,\n"
OTHER = "SF1234567890124,sf,370305104201,,\n"

# name -> the row between two good ones, the column told, a word of the reason
ROWS: dict[str, tuple[str, int, str]] = {
    "Excel: 15 digits became 7.73012E+14": ("7.73012E+14,sto,370305109,,", 1, "lost its digits"),
    "Excel in a German locale: 7,73012E+14": ('"7,73012E+14",sto,370305109,,', 1, "lost its digits"),
    "Excel: 1E+15 without a point": ("1E+15,sto,370305109,,", 1, "lost its digits"),
    "Excel: a place as 3.70305E+11": ("SF1234567890125,sf,3.70305E+11,,", 20, "lost its digits"),
    "Excel: a formula that keeps digits": ('="773012345678901",sto,370305109,,', 1, "no waybill"),
    "Excel: an apostrophe that keeps digits": ("'773012345678901,sto,370305109,,", 1, "no waybill"),
    "Excel: a place that lost its last zero": ("SF1234567890125,sf,3703051.09,,", 20, "place"),
    "Excel: #N/A": ("#N/A,sf,370305109,,", 1, "no waybill"),
    "Excel: a comma in the number": ('"773,012,345,678,901",sto,370305109,,', 1, "no waybill"),
    "pandas: a float": ("773012345678901.0,sto,370305109,,", 1, "no waybill"),
    "pandas: nan": ("nan,sf,370305109,,", 1, "no waybill"),
    "full-width digits": ("７７３０１２３４５６７８９０１,sto,370305109,,", 1, "no waybill"),
    "full-width place": ("SF1234567890125,sf,３７０３０５１０９,,", 20, "place"),
    "Arabic-Indic digits": ("٧٧٣٠١٢٣٤٥٦٧٨٩٠١,sto,370305109,,", 1, "no waybill"),
    "a zero byte": ("SF12345\x0067890125,sf,370305109,,", 1, "no waybill"),
    "a zero-width space": ("SF12345\u200b67890125,sf,370305109,,", 1, "no waybill"),
    "a space that does not break inside": ("SF12345\xa067890125,sf,370305109,,", 1, "no waybill"),
    "an unclosed quote": ('"SF1234567890125,sf,370305109,,', 1, "no waybill"),
    "a quote in the middle": ('SF123"4567890125,sf,370305109,,', 1, "no waybill"),
    "a line end of Unicode in the row": ("SF1234567890125,sf,37030\u2028109,,", 20, "place"),
    "a comma too many, which would shift a column": ("SF1234567890125,sf,370305109,,,凤凰镇", 1, "6 values"),
    "a cell of 200,000 letters": ("A" * 200_000 + ",sf,370305109,,", 1, "200015 characters"),
    "only commas": (",,,,", 1, "no waybill"),
    "one word": ("SF1234567890125", 1, "courier"),
    "SQL": ("'; DROP TABLE parcels; --,sf,370305109,,", 1, "no waybill"),
    "markup": ("<script>1</script>,sf,370305109,,", 1, "no waybill"),
    "a path": ("../../etc/passwd,sf,370305109,,", 1, "no waybill"),
    "an escape for the terminal": ("\x1b[2J123456,sf,370305109,,", 1, "no waybill"),
    "a courier's name for its key": ("SF1234567890125,顺丰,370305109,,", 17, "courier"),
    "a courier's key in capitals": ("SF1234567890125,SF,370305109,,", 17, "courier"),
    "a place of another district": ("SF1234567890125,sf,370306001,,", 20, "place"),
    "a town's name for its code": ("SF1234567890125,sf,凤凰镇,,", 20, "place"),
    "a direction nobody knows": ("SF1234567890125,sf,370305109,sideways,", 30, "no direction"),
    "a service nobody knows": ("SF1234567890125,sf,370305109,,warm", 31, "no service"),
    "the same waybill, elsewhere": ("SF1234567890123,sf,370305104201,,", 1, "announced before"),
}

# name -> suffix, content, word of the reason; the file as a whole is refused
FILES: dict[str, tuple[str, bytes, str]] = {
    "empty": ("csv", b"", "lacks waybill"),
    "a header only, of something else": ("csv", b"id,name\n1,a\n", "lacks waybill"),
    "no header": ("csv", GOOD.encode(), "lacks waybill"),
    "UTF-16": ("csv", (HEAD + GOOD).encode("utf-16"), "UTF-16"),
    "neither UTF-8 nor GBK": ("csv", HEAD.encode() + b"\xff\xff", "neither"),
    "a workbook by another name": ("csv", b"PK\x03\x04\x14\x00\x06\x00\x08" + bytes(range(256)), "."),
    "a picture": ("csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "."),
    "JSON: an object": ("json", b"{}", "not a JSON list"),
    "JSON: half of it": ("json", b'[{"waybill": "SF1', "not a JSON list"),
    "JSON: as deep as it is long": ("json", b"[" * 100_000, "not a JSON list"),
    "JSON: deep in a cell": ("json", b'[{"waybill":' + b"[" * 100_000, "not a JSON list"),
    "JSON: lines": ("json", b'{"waybill": "SF1"}\n{"waybill": "SF2"}\n', "not a JSON list"),
    "JSON: empty": ("json", b"", "not a JSON list"),
}

JSON_ROWS: dict[str, object] = {
    "a float": {"waybill": 7.73012e14, "courier": "sto", "place": "370305109"},
    "infinity": {"waybill": float("inf"), "courier": "sto", "place": "370305109"},
    "null": {"waybill": None, "courier": "sto", "place": "370305109"},
    "a list": {"waybill": ["SF1234567890125"], "courier": "sf", "place": "370305109"},
    "half a character": {"waybill": "SF123456\ud800", "courier": "sf", "place": "370305109"},
    "a number of 5,000 digits": {"waybill": 10**4000, "courier": "sto", "place": "370305109"},
    "nothing at all": {},
}


def as_json(row: object) -> str:
    """A list of the row between two good ones."""
    first, last = ({"waybill": f"SF123456789012{n}", "courier": "sf", "place": "370305109"} for n in (3, 4))
    return json.dumps([first, row, last])


_VOLUMES = "place,per_hour\n370305109,"
_PARCELS = "arr_us,length_mm,courier,place\n"
_VILLAGES = "town_code,town_name,village_code,village_name\n370305109,凤凰镇,"

# name -> kind of table, its text, word of a reason
OTHERS: dict[str, tuple[str, str, str]] = {
    "volumes: 5,000 digits": ("volumes", _VOLUMES + "9" * 5000, "not a number of parcels"),
    "volumes: a minus": ("volumes", _VOLUMES + "-5", "not a number of parcels"),
    "volumes: a float": ("volumes", _VOLUMES + "5.0", "not a number of parcels"),
    "volumes: superscript": ("volumes", _VOLUMES + "5²", "not a number of parcels"),
    "parcels: 5,000 digits": (
        "parcels", _PARCELS + "9" * 5000 + ",300,sf,370305109\n", "arr_us is"),
    "parcels: NaN": ("parcels", _PARCELS + "NaN,300,sf,370305109\n", "not a whole number"),
    "parcels: a time of day": (
        "parcels", _PARCELS + "06:00:00,300,sf,370305109\n", "not a whole number"),
    "parcels: a quote": (
        "parcels", _PARCELS + '1,"300",sf,370305109\n', "not a whole number"),
    "parcels: a header in Chinese": ("parcels", "时间,长度\n1,300\n", "unknown column"),
    "villages: a code that lost its zeros": (
        "villages", _VILLAGES + "3.70305E+11,东召村",
        "lost its digits"),
    "villages: a name of 10,000 characters": (
        "villages", _VILLAGES + "370305109224," + "村" * 10_000,
        "is no name"),
    "villages: a name with a bell": (
        "villages", _VILLAGES + "370305109224,东\x07召村", "is no name"),
}  # fmt: skip
