"""What a server answered, and what that means: status codes become the errors of `community.errors`."""

import json
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from community.errors import AuthExpired, Garbled, Gone, RateLimited, Rejected, Unreachable
from community.text import Clean, clean_line, from_html, shown_host

SHORTEST_PAUSE_S = 30.0
LONGEST_PAUSE_S = 86_400.0
_DEFAULT_PAUSE_S = 60.0
_LONG_JSON = 200_000
_MOST_PARTS = 1_000_000
"""So many commas and brackets an honest answer does not have: a whole thread of four thousand has half of it."""
_QUERY = re.compile(r"(https?://[^\s?#]*)[?#]\S*")
_PARAMETER = re.compile(r"\s*([\w!#$&+.^`|~*-]+)\s*(?:=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^\s;,\"]*)))?\s*")


class Headers(Mapping[str, str]):
    """Header fields by name, in any case. Repeated ones come joined by ", "; `all` has them apart."""

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self._fields: dict[str, list[str]] = {}
        for name, value in pairs:
            self._fields.setdefault(name.lower(), []).append(value)

    def all(self, name: str) -> list[str]:
        """Every value of `name` in the order they came; empty when there is none."""
        return list(self._fields.get(name.lower(), ()))

    def __getitem__(self, name: str) -> str:
        return ", ".join(self._fields[name.lower()])

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._fields

    def __repr__(self) -> str:
        return f"Headers({', '.join(self._fields)})"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, read whole. `url` is where it came from after redirects.

    `moved_permanently_to` is set when every redirect on the way said so for good.
    """

    status: int
    url: str = field(repr=False)
    headers: Headers
    body: bytes = field(repr=False)
    moved_permanently_to: str | None = field(default=None, repr=False)
    understood: "Understood | None" = field(default=None, repr=False)

    @property
    def host(self) -> Clean:
        """Who answered, as it may be shown."""
        return shown_host(self.url)

    @property
    def content_type(self) -> str:
        """The media type without parameters, in lower case; "" when none was sent."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def text(self) -> str:
        """The body as text in the charset that the server named, else UTF-8. Not cleaned."""
        named = re.search(r"charset=[\"']?([\w.:-]{1,40})", self.headers.get("content-type", ""), re.IGNORECASE)
        charset = named[1].lower() if named else "utf-8"
        if charset.replace("_", "-") not in _CHARSETS:
            charset = "utf-8"
        return self.body.decode("utf-8-sig" if charset in ("utf-8", "utf8") else charset, "replace")

    def json(self) -> Any:  # noqa: ANN401
        """The body as JSON; integers past 64 bits and infinite numbers come as text, so that only they are refused.

        Raises `Garbled` when it is something else.
        """
        start = _start_of(self.body)
        if not start:
            raise Garbled(f"{self.host} sent an empty answer where data was expected; try again later.")
        if start.startswith(b"<"):
            raise Garbled(f"{self.host} sent a web page where data was expected; check the address of this source.")
        found = self.understood or understand(self.body)
        if found.trouble:
            raise Garbled(f"{self.host} {found.trouble}; try again later.")
        return found.value

    @property
    def is_long_json(self) -> bool:
        """Whether the body is data, and so much of it that it should be read beside the loop."""
        return len(self.body) > _LONG_JSON and _start_of(self.body)[:1] in (b"{", b"[")


@dataclass(frozen=True, slots=True)
class Understood:
    """JSON that was read, or what was wrong with it."""

    value: Any = None
    trouble: str = ""


def understand(body: bytes) -> Understood:
    """A body read as JSON. Fit for a thread: others get their turn while a long one is read."""
    if sum(body.count(mark) for mark in (b",", b"[", b"{")) > _MOST_PARTS:
        return Understood(trouble="sent far more than was asked for")
    try:
        text = body.decode("utf-8-sig")
        # The hook is called in between, and with each call the interpreter may let another thread go on.
        value = json.loads(
            text, object_hook=_as_it_is, parse_constant=_no_number, parse_int=_integer, parse_float=_number
        )
    except (ValueError, RecursionError):
        return Understood(trouble="sent data that cannot be read")
    return Understood(value)


def _as_it_is(found: dict[str, Any]) -> dict[str, Any]:
    return found


def _start_of(body: bytes) -> bytes:
    return body[:200].lstrip(b"\xef\xbb\xbf \t\r\n")


_CHARSETS = frozenset(
    {"utf-8", "utf8", "us-ascii", "ascii", "utf-16", "utf-16le", "utf-16be", "gb2312", "gbk", "gb18030", "big5"}
    | {"shift-jis", "euc-jp", "iso-2022-jp", "euc-kr", "koi8-r", "koi8-u", "windows-874"}
    | {f"iso-8859-{part}" for part in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16)}
    | {f"windows-{page}" for page in range(1250, 1259)}
)


def raise_for(answer: Answer, *, wrote: bool = False, forbidden: type[AuthExpired | Rejected] = AuthExpired) -> None:
    """Nothing for a success or 304; else the error that says what to do next.

    `wrote` says that the request was a write, which a failing server may have carried out all the same.
    `forbidden` is what a 403 means: a credential that is refused, or a single thing that is.
    """
    status, host = answer.status, answer.host
    if 200 <= status < 300 or status == 304:
        return
    said = server_message(answer)
    why = f": {said}" if said else ""
    if status == 401 or (status == 403 and forbidden is AuthExpired):
        raise AuthExpired(f"{host} refused the credential{why}. Connect this source again.")
    if status == 410:
        raise Gone(f"{host} says that this is gone for good.")
    if status == 429 or (status == 503 and not wrote and "retry-after" in answer.headers):
        pause = pause_s(answer.headers)
        raise RateLimited(f"{host} asks for patience; Kith goes on in {_duration(pause)}.", pause)
    if status == 404:
        raise Rejected(f"{host} has nothing at this address (404){why}. Check the address.", status=status)
    if status in (408, 425) or status >= 500:
        sentence = f"{host} has a fault of its own ({status})"
        next_step = "look there whether it arrived" if wrote else "Kith tries again later"
        raise Unreachable(f"{sentence}; {next_step}.", maybe_done=wrote)
    if 400 <= status < 500:
        raise Rejected(f"{host} refused this ({status}){why or '; check it, then try again.'}", status=status)
    raise Unreachable(f"{host} gave an answer that Kith does not understand ({status}).", maybe_done=wrote)


def server_message(answer: Answer) -> Clean:
    """What the server says about its refusal, on one clean line without addresses' queries; "" when nothing."""
    if len(answer.body) > 100_000:
        return clean_line("")
    try:
        told = json.loads(answer.body)
    except (ValueError, RecursionError):
        return clean_line("")
    if not isinstance(told, dict):
        return clean_line("")
    for key in ("error_description", "message", "error"):
        value = told.get(key)
        if isinstance(value, str) and value.strip():
            return clean_line(_QUERY.sub(r"\1", from_html(value[:2000])), limit=200)
    return clean_line("")


def pause_s(headers: Headers, *, now: float | None = None) -> float:
    """How long the server asks to be left alone, between 30 s and 24 h; 60 s when it does not say.

    Dates count from the answer's own `Date`, so that a wrong clock on either side does no harm.
    """
    clock = _date(headers.get("date", ""))
    if clock is None:
        clock = time.time() if now is None else now
    for name in ("retry-after", "x-ratelimit-reset", "ratelimit-reset"):
        value = headers.get(name, "").strip()
        if re.fullmatch(r"[0-9]{1,12}(?:\.[0-9]{1,9})?", value):
            seconds = float(value)
            pause = seconds - clock if name != "retry-after" and seconds > 1e9 else seconds
        elif (moment := _date(value)) is not None:
            pause = moment - clock
        else:
            continue
        return min(max(pause, SHORTEST_PAUSE_S), LONGEST_PAUSE_S)
    return _DEFAULT_PAUSE_S


def link_header(value: str) -> dict[str, str]:
    """The targets of a `Link` header by relation, as they were sent; the first of a relation counts.

    Source: RFC 8288, section 3.
    """
    found: dict[str, str] = {}
    at = 0
    while (start := value.find("<", at)) >= 0 and (end := value.find(">", start)) >= 0:
        target, at, relations = value[start + 1 : end].strip(), end + 1, ""
        while (semicolon := re.compile(r"\s*;").match(value, at)) and (
            parameter := _PARAMETER.match(value, semicolon.end())
        ):
            at = parameter.end()
            name, quoted, bare = parameter.groups()
            if name.lower() == "rel" and not relations:
                relations = (quoted or bare or "").lower()
        for relation in relations.split():
            found.setdefault(relation, target)
    return found


def _date(text: str) -> float | None:
    """Epoch seconds of an HTTP date or an ISO 8601 time; None when it is neither."""
    text = text.strip()[:64]
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text) if text[:1].isdigit() else parsedate_to_datetime(text)
        return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 7200 else f"{seconds / 3600:.0f} hours"


def _no_number(name: str) -> None:
    raise ValueError(name)


def _integer(digits: str) -> int | str:
    if len(digits) > 20:
        return digits[:100]
    value = int(digits)
    return value if -(2**63) <= value < 2**63 else digits


def _number(digits: str) -> float | str:
    value = float(digits)
    return value if abs(value) != float("inf") else digits[:100]
