"""What a browser, a script or an attacker may send to the console's port: bytes, by name."""

from __future__ import annotations

import json
from dataclasses import dataclass

BAD_UTF8 = b"\xff\xfe\xc3\x28"
DEEP = 100_000
HUGE = 1 << 20


@dataclass(frozen=True)
class Case:
    """One connection's bytes. statuses: what may be answered; 0 = the connection ends without a word."""

    name: str
    sent: bytes
    statuses: tuple[int, ...]


def request(method: str, path: str, *headers: str, body: bytes = b"", version: str = "HTTP/1.1") -> bytes:
    """A request as it should be, but for what its parts hold; `USER` stands for an engineer's session."""
    lines = [f"{method} {path} {version}", "Host: hub", "USER: 1", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1") + body


def order(path: str, body: bytes, *headers: str) -> bytes:
    """A JSON body to a door that writes."""
    return request("POST", path, *(headers or ("Content-Type: application/json",)), body=body)


def said(path: str, **values: object) -> bytes:
    return order(path, json.dumps(values).encode())


_ANY = (200, 303, 404, 405)
_LINES: dict[str, tuple[bytes, tuple[int, ...]]] = {
        "no HTTP at all": (b"\x16\x03\x01\x02\x00\x01\x00" + bytes(200), (400, 0)),
        "Modbus on the web port": (bytes((0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 121)), (400,)),
        "two empty lines": (b"\r\n\r\n", (400, 0)),
        "a line without a version": (b"GET /\r\n\r\n", (400,)),
        "a version of the future": (request("GET", "/", version="HTTP/9.9"), (200, 400, 505)),
        "the preface of HTTP 2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (400, 404)),
        "a method nobody knows": (request("BREW", "/"), (405,)),
        "a method in small letters": (request("get", "/"), (400, 405)),
        "TRACE": (request("TRACE", "/"), (405,)),
        "CONNECT": (request("CONNECT", "plc:502"), (400, 404, 405)),
        "DELETE of a user": (request("DELETE", "/api/users/admin"), (404, 405)),
        "an order by GET": (request("GET", "/api/commands"), (303, 404, 405)),
        "no Host": (b"GET /api/frame HTTP/1.1\r\nConnection: close\r\n\r\n", (400,)),
        "two Hosts": (request("GET", "/api/frame", "Host: other"), (400,)),
        "another site as address": (request("GET", "http://elsewhere.example/"), _ANY),
        "a space in the path": (request("GET", "/a b"), (400,)),
        "a control character in the path": (request("GET", "/\x07"), (400,)),
        "bytes beyond ASCII in the path": (b"GET /\xff\xfe HTTP/1.1\r\nHost: hub\r\n\r\n", (400,)),
        "a path of 16,000 bytes": (request("GET", "/" + "a" * 16_000), (303, 404)),
        "a path of a million bytes": (request("GET", "/" + "a" * HUGE), (400, 0)),
        "a header of a million bytes": (request("GET", "/", "X: " + "a" * HUGE), (400, 0)),
        "ten thousand headers": (request("GET", "/", *(f"X{n}: {n}" for n in range(10_000))), (200, 400, 0)),
        "a huge cookie": (request("GET", "/", "Cookie: sorter_session=" + "a" * 30_000), (200, 400)),
        "a cookie with control characters": (request("GET", "/", "Cookie: sorter_session=\x01"), (200, 400)),
        "a cookie that is no session": (request("GET", "/", "Cookie: sorter_session=%00; =; ;;"), (200,)),
        "a header without a colon": (request("GET", "/", "rubbish"), (400,)),
        "a header folded on two lines": (request("GET", "/api/frame", "X: a\r\n b"), (200, 400)),
        "a bare line feed in a header": (request("GET", "/", "X: a\nSet-Cookie: b"), (200, 400)),
        "a zero byte in a header": (request("GET", "/", "X: a\0b"), (400,)),
        "a language that is markup": (request("GET", "/", "Cookie: sorter_lang=<script>"), (200,)),
        "an upgrade to a web socket": (
            request("GET", "/api/live", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==").replace(b"close", b"Upgrade"),
            (200, 400, 426),
        ),
        "an upgrade to HTTP 2": (request("GET", "/api/frame", "Upgrade: h2c"), (200,)),
}  # fmt: skip


_GONE = (303, 404, 405)
_PATHS: dict[str, tuple[str, tuple[int, ...]]] = {
    "up from the static folder": ("/static/../../people.py", _GONE),
    "up, percent-encoded": ("/static/%2e%2e/%2e%2e/people.py", _GONE),
    "up, slash encoded": ("/static/..%2f..%2f..%2fpeople.py", _GONE),
    "up, encoded twice": ("/static/%252e%252e%252fpeople.py", _GONE),
    "up with backslashes": ("/static/..\\..\\people.py", _GONE),
    "an absolute path behind the static folder": ("/static//etc/passwd", _GONE),
    "a zero byte in a file's name": ("/static/console.js%00.css", _GONE),
    "a file's name of 5,000 bytes": ("/static/" + "a" * 5000, _GONE),
    "the static folder itself": ("/static/", _GONE),
    "a picture outside its folder": ("/api/pictures/..%2f..%2fpeople.db", (303, 404, 422)),
    "a picture whose name has no form": ("/api/pictures/%E2%80%AE.jpg", (403, 422)),
    "a percent sign alone": ("/%", _GONE),
    "a percent sign and no digits": ("/%zz", _GONE),
    "bad UTF-8, percent-encoded": ("/%ff%fe", _GONE),
    "half a character in a waybill": ("/api/parcels?waybill=%ed%a0%80", (200,)),
    "a zero byte in a waybill": ("/api/parcels?waybill=%00", (200,)),
    "a waybill longer than any": ("/api/parcels?waybill=" + "7" * 81, (422,)),
    "a parcel number in full-width digits": ("/api/parcels?pid=%EF%BC%97", (422,)),
    "a parcel number beyond 32 bits": ("/api/parcels?pid=99999999999999999999", (422,)),
    "a parcel number of 5,000 digits": ("/api/parcels?pid=" + "9" * 5000, (422,)),
    "a parcel number that is no number": ("/api/parcels?pid=NaN", (422,)),
    "a language nobody speaks here": ("/api/words?lang=xx", (422,)),
    "a thousand times the same question": ("/api/words?" + "lang=zh&" * 1000, (200,)),
    "a redirect to another site": ("/lang/en?back=https://elsewhere.example/", (303,)),
    "a redirect with a header in it": ("/lang/en?back=/%0d%0aSet-Cookie:%20a=b", (303,)),
    "a redirect without a scheme": ("/login?back=//elsewhere.example", (200,)),
    "a page back that is markup": ("/login?back=/%22%3E%3Cscript%3Ealert(1)%3C/script%3E", (200,)),
}
"""Addresses that leave their folder, decode to nothing, or ask for what is not there."""


_HOLD, _LOCK, _PLAN = "/api/intercepts", "/api/chutes/1/lock", "/api/config/check"
_WRONG = (400, 413, 422)
_CHUNKED = request("POST", _HOLD, "Content-Type: application/json", "Transfer-Encoding: chunked")
_BODIES: dict[str, tuple[bytes, tuple[int, ...]]] = {
        "no body": (order(_HOLD, b""), _WRONG),
        "half a JSON": (order(_HOLD, b'{"waybill": "SF12'), _WRONG),
        "JSON and something behind it": (order(_HOLD, b'{"waybill": "SF1234567", "held": true} x'), _WRONG),
        "a list instead of an object": (order(_HOLD, b"[1, 2]"), _WRONG),
        "JSON as deep as it is long": (order(_HOLD, b"[" * DEEP + b"]" * DEEP), _WRONG),
        "objects as deep as they are long": (order(_HOLD, b'{"a":' * DEEP + b"1" + b"}" * DEEP), _WRONG),
        "a key twice": (order(_LOCK, b'{"locked": 7, "locked": "x"}'), _WRONG),
        "a waybill that is a number": (said(_HOLD, waybill=7.73012e14, held=True), _WRONG),
        "a waybill in full-width digits": (said(_HOLD, waybill="７７３０１２", held=True), _WRONG),
        "a waybill with half a character": (order(_HOLD, b'{"waybill": "\\ud800", "held": true}'), _WRONG),
        "a waybill with a line end": (said(_HOLD, waybill="SF1\n", held=True), _WRONG),
        "a waybill of a million letters": (said(_HOLD, waybill="A" * HUGE, held=True), _WRONG),
        "yes instead of true": (said(_LOCK, locked="perhaps"), _WRONG),
        "NaN": (order("/api/alarms/x/shelve", b'{"minutes": NaN}'), _WRONG),
        "infinity": (order("/api/alarms/x/shelve", b'{"minutes": 1e999}'), _WRONG),
        "a number of 5,000 digits": (order(_HOLD, b'{"waybill": ' + b"9" * 5000 + b"}"), _WRONG),
        "minus a minute": (said("/api/alarms/x/shelve", minutes=-1), _WRONG),
        "a command that PackML does not know": (said("/api/commands", command="explode"), _WRONG),
        "a bag's code with a space": (said("/api/chutes/1/bag", bag="B 1"), _WRONG),
        "a chute that is no number": (said("/api/chutes/one/lock", locked=True), _WRONG),
        "a chute in full-width digits": (said("/api/chutes/%EF%BC%91/lock", locked=True), _WRONG),
        "a chute that the line has not": (said("/api/chutes/9999/lock", locked=True), (404,)),
        "a chute of 30 digits": (said(f"/api/chutes/{'9' * 30}/lock", locked=True), _WRONG),
        "a word on a parcel beyond 32 bits": (said("/api/coding", pid=1 << 40, place="370305104"), _WRONG),
        "an order to take back outside its folder": (
            said("/api/coding/undo", order="../../people.db"), _WRONG),
        "UTF-16 instead of UTF-8": (order(_HOLD, '{"waybill": "SF1234567", "held": true}'.encode("utf-16")[2:]
                                          + b"\xd8\x00"), _WRONG),
        "bytes that are no UTF-8": (order(_HOLD, b'{"waybill": "' + BAD_UTF8 + b'", "held": true}'), _WRONG),
        "a form instead of JSON": (
            order(_HOLD, b"waybill=SF1234567&held=true", "Content-Type: application/x-www-form-urlencoded"),
            _WRONG),
        "XML instead of JSON": (order(_HOLD, b"<order/>", "Content-Type: application/xml"), _WRONG),
        "no type of content": (order(_HOLD, b"SF1234567", "X: 1"), _WRONG),
        "a charset nobody has": (order(_HOLD, b"\xff", "Content-Type: application/json; charset=x"), _WRONG),
        "compressed, which nobody asked for": (
            order(_HOLD, b"\x1f\x8b\x08\0", "Content-Type: application/json", "Content-Encoding: gzip"),
            _WRONG),
        "a plan longer than any": (said(_PLAN, plan="#" * 400_001), _WRONG),
        "a plan of a hundred million bytes announced": (
            order(_PLAN, b"x").replace(b"Content-Length: 1", b"Content-Length: 100000000"), (413,)),
        "a body of five million bytes": (order(_PLAN, b"[" + b" " * 5_000_000 + b"]"), (413, 0)),
        "five million bytes in chunks": (
            _CHUNKED + b"".join(b"10000\r\n" + b" " * 65536 + b"\r\n" for _ in range(80)) + b"0\r\n\r\n",
            (413, 0)),
        "a negative length": (
            order(_HOLD, b"x").replace(b"Content-Length: 1", b"Content-Length: -1"), (400,)),
        "two lengths": (order(_HOLD, b"xx", "Content-Length: 3"), (400,)),
        "a length and chunks": (
            order(_HOLD, b"0\r\n\r\n", "Transfer-Encoding: chunked"), (400, 422)),
        "a chunk that has no size": (_CHUNKED + b"zz\r\nabc\r\n", (400, 0)),
        "a chunk of 2^64 bytes": (_CHUNKED + b"10000000000000000\r\nabc\r\n", (400, 0)),
        "from another site's page": (
            order(_LOCK, b'{"locked": true}', "Content-Type: application/json",
                  "Origin: http://elsewhere.example"), (403,)),
        "from a page without an address": (
            order(_LOCK, b'{"locked": true}', "Content-Type: application/json", "Origin: null"), (403,)),
        "a user's name that is a path": (said("/api/users/..%2f..%2fetc/remove"), (303, 403, 404, 405)),
        "a login that is a list": (said("/api/login", name=["a"], password={"$ne": ""}), _WRONG),
        "a login with half a character": (
            order("/api/login", b'{"name": "\\udfff", "password": "\\ud800"}'), _WRONG),
        "a login that asks the database": (
            said("/api/login", name="' OR 1=1 --", password="' OR 1=1 --"), (401,)),
        "a password of a million letters": (said("/api/login", name="a", password="p" * HUGE), _WRONG),
        "a second order hidden in the first": (
            order(_HOLD, b"{}") [:-2] + b"{}POST /api/chutes/1/lock HTTP/1.1\r\nHost: hub\r\n\r\n", _WRONG),
}  # fmt: skip


_GETS = {name: (request("GET", path), statuses) for name, (path, statuses) in _PATHS.items()}
CASES = [
    Case(name, sent, statuses) for part in (_LINES, _GETS, _BODIES) for name, (sent, statuses) in part.items()
]
