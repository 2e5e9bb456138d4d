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


def _lines() -> dict[str, tuple[bytes, tuple[int, ...]]]:
    """Request lines and headers."""
    ok = (200, 303, 404, 405)
    return {
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
        "another site as address": (request("GET", "http://elsewhere.example/"), ok),
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


def _paths() -> dict[str, tuple[bytes, tuple[int, ...]]]:
    """Addresses that leave their folder, decode to nothing, or ask for what is not there."""
    gone = (303, 404, 405)
    get = {
        "up from the static folder": ("/static/../../people.py", gone),
        "up, percent-encoded": ("/static/%2e%2e/%2e%2e/people.py", gone),
        "up, slash encoded": ("/static/..%2f..%2f..%2fpeople.py", gone),
        "up, encoded twice": ("/static/%252e%252e%252fpeople.py", gone),
        "up with backslashes": ("/static/..\\..\\people.py", gone),
        "an absolute path behind the static folder": ("/static//etc/passwd", gone),
        "a zero byte in a file's name": ("/static/console.js%00.css", gone),
        "a file's name of 5,000 bytes": ("/static/" + "a" * 5000, gone),
        "the static folder itself": ("/static/", gone),
        "a picture outside its folder": ("/api/pictures/..%2f..%2fpeople.db", (303, 404, 422)),
        "a picture whose name has no form": ("/api/pictures/%E2%80%AE.jpg", (403, 422)),
        "a percent sign alone": ("/%", gone),
        "a percent sign and no digits": ("/%zz", gone),
        "bad UTF-8, percent-encoded": ("/%ff%fe", gone),
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
    return {name: (request("GET", path), statuses) for name, (path, statuses) in get.items()}


def _bodies() -> dict[str, tuple[bytes, tuple[int, ...]]]:
    """Orders whose bodies are not what they should be; none may be obeyed."""
    hold, lock, plan = "/api/intercepts", "/api/chutes/1/lock", "/api/config/check"
    wrong = (400, 413, 422)
    chunked = request("POST", hold, "Content-Type: application/json", "Transfer-Encoding: chunked")
    return {
        "no body": (order(hold, b""), wrong),
        "half a JSON": (order(hold, b'{"waybill": "SF12'), wrong),
        "JSON and something behind it": (order(hold, b'{"waybill": "SF1234567", "held": true} x'), wrong),
        "a list instead of an object": (order(hold, b"[1, 2]"), wrong),
        "JSON as deep as it is long": (order(hold, b"[" * DEEP + b"]" * DEEP), wrong),
        "objects as deep as they are long": (order(hold, b'{"a":' * DEEP + b"1" + b"}" * DEEP), wrong),
        "a key twice": (order(lock, b'{"locked": 7, "locked": "x"}'), wrong),
        "a waybill that is a number": (said(hold, waybill=7.73012e14, held=True), wrong),
        "a waybill in full-width digits": (said(hold, waybill="７７３０１２", held=True), wrong),
        "a waybill with half a character": (order(hold, b'{"waybill": "\\ud800", "held": true}'), wrong),
        "a waybill with a line end": (said(hold, waybill="SF1\n", held=True), wrong),
        "a waybill of a million letters": (said(hold, waybill="A" * HUGE, held=True), wrong),
        "yes instead of true": (said(lock, locked="perhaps"), wrong),
        "NaN": (order("/api/alarms/x/shelve", b'{"minutes": NaN}'), wrong),
        "infinity": (order("/api/alarms/x/shelve", b'{"minutes": 1e999}'), wrong),
        "a number of 5,000 digits": (order(hold, b'{"waybill": ' + b"9" * 5000 + b"}"), wrong),
        "minus a minute": (said("/api/alarms/x/shelve", minutes=-1), wrong),
        "a command that PackML does not know": (said("/api/commands", command="explode"), wrong),
        "a bag's code with a space": (said("/api/chutes/1/bag", bag="B 1"), wrong),
        "a chute that is no number": (said("/api/chutes/one/lock", locked=True), wrong),
        "a chute in full-width digits": (said("/api/chutes/%EF%BC%91/lock", locked=True), wrong),
        "a chute that the line has not": (said("/api/chutes/9999/lock", locked=True), (404,)),
        "a chute of 30 digits": (said(f"/api/chutes/{'9' * 30}/lock", locked=True), wrong),
        "a word on a parcel beyond 32 bits": (said("/api/coding", pid=1 << 40, place="370305104"), wrong),
        "an order to take back outside its folder": (
            said("/api/coding/undo", order="../../people.db"), wrong),
        "UTF-16 instead of UTF-8": (order(hold, '{"waybill": "SF1234567", "held": true}'.encode("utf-16")[2:]
                                          + b"\xd8\x00"), wrong),
        "bytes that are no UTF-8": (order(hold, b'{"waybill": "' + BAD_UTF8 + b'", "held": true}'), wrong),
        "a form instead of JSON": (
            order(hold, b"waybill=SF1234567&held=true", "Content-Type: application/x-www-form-urlencoded"),
            wrong),
        "XML instead of JSON": (order(hold, b"<order/>", "Content-Type: application/xml"), wrong),
        "no type of content": (order(hold, b"SF1234567", "X: 1"), wrong),
        "a charset nobody has": (order(hold, b"\xff", "Content-Type: application/json; charset=x"), wrong),
        "compressed, which nobody asked for": (
            order(hold, b"\x1f\x8b\x08\0", "Content-Type: application/json", "Content-Encoding: gzip"),
            wrong),
        "a plan longer than any": (said(plan, plan="#" * 400_001), wrong),
        "a plan of a hundred million bytes announced": (
            order(plan, b"x").replace(b"Content-Length: 1", b"Content-Length: 100000000"), (413,)),
        "a body of five million bytes": (order(plan, b"[" + b" " * 5_000_000 + b"]"), (413, 0)),
        "five million bytes in chunks": (
            chunked + b"".join(b"10000\r\n" + b" " * 65536 + b"\r\n" for _ in range(80)) + b"0\r\n\r\n",
            (413, 0)),
        "a negative length": (
            order(hold, b"x").replace(b"Content-Length: 1", b"Content-Length: -1"), (400,)),
        "two lengths": (order(hold, b"xx", "Content-Length: 3"), (400,)),
        "a length and chunks": (
            order(hold, b"0\r\n\r\n", "Transfer-Encoding: chunked"), (400, 422)),
        "a chunk that has no size": (chunked + b"zz\r\nabc\r\n", (400, 0)),
        "a chunk of 2^64 bytes": (chunked + b"10000000000000000\r\nabc\r\n", (400, 0)),
        "from another site's page": (
            order(lock, b'{"locked": true}', "Content-Type: application/json",
                  "Origin: http://elsewhere.example"), (403,)),
        "from a page without an address": (
            order(lock, b'{"locked": true}', "Content-Type: application/json", "Origin: null"), (403,)),
        "a user's name that is a path": (said("/api/users/..%2f..%2fetc/remove"), (303, 403, 404, 405)),
        "a login that is a list": (said("/api/login", name=["a"], password={"$ne": ""}), wrong),
        "a login with half a character": (
            order("/api/login", b'{"name": "\\udfff", "password": "\\ud800"}'), wrong),
        "a login that asks the database": (
            said("/api/login", name="' OR 1=1 --", password="' OR 1=1 --"), (401,)),
        "a password of a million letters": (said("/api/login", name="a", password="p" * HUGE), wrong),
        "a second order hidden in the first": (
            order(hold, b"{}") [:-2] + b"{}POST /api/chutes/1/lock HTTP/1.1\r\nHost: hub\r\n\r\n", wrong),
    }  # fmt: skip


CASES = [
    Case(name, sent, statuses)
    for part in (_lines(), _paths(), _bodies())
    for name, (sent, statuses) in part.items()
]
