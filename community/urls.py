"""Links that others wrote: which of them may be opened, and whose they really are (pure)."""

import re
import unicodedata
from functools import lru_cache
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

_LONGEST = 2000
# What no honest link holds: blanks, controls, quotes' company, and every mark that is invisible or turns text round.
# A set like this takes a millisecond to compile: re does it when it is first asked for.
_FORBIDDEN = (
    '[\x00-\x20\x7f-\xa0<>"{}|\\\\^`\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202f\u205f-\u206f\u3000\ud800-\udfff'
    "\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\ufff9-\uffff\U000e0000-\U000e0fff]"
)
_KEYS = frozenset(
    {
        "key", "token", "auth", "secret", "password", "passwd", "pass", "pwd", "sig", "signature", "hash_key",
        "api_key", "apikey", "api-key", "access_token", "access-token", "auth_token", "authtoken", "auth_key",
        "authkey", "private_token", "private_key", "feed_token", "rss_token", "feed_key", "rss_key",
        "user_token", "user_key", "user_credentials", "session", "jwt",
    }
)  # fmt: skip
"""What in the query of a feed's address lets its owner in. Nothing else in a query is a secret."""
_PAIRS = {"http": 80, "https": 443}
_SIGNS = "[!$-:=@A-Z\\[\\]_a-z~]"
_BEHIND = rf"(?:{_SIGNS}*(?:\?(?:{_SIGNS}|[;?])+)?(?:#(?:{_SIGNS}|[;?])+)?)"
_PLACE = r"https?://(?:[a-z0-9-]+\.)*[a-z0-9-]+(?::(?:[1-9]\d{3}|[1-5]\d{4}))?"
_PLAIN = re.compile(rf"{_PLACE}(?:/{_BEHIND})?")
_PLAIN_PATH = re.compile(rf"/(?!/){_BEHIND}")
_ORIGIN = re.compile(rf"({_PLACE})/")
"""What nearly every address looks like: it means what it says, and costs a twentieth of the others."""
_LATIN = "[0-9a-z._\u00df-\u00f6\u00f8-\u024f\u1e00-\u1eff-]*"
_CJK = "[0-9a-z._\u3041-\u3096\u30a1-\u30fa\u30fc\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3-]*"
_ASCII_LETTER = re.compile("[a-z]")


def safe_url(url: str, base: str = "") -> str | None:
    """The absolute http or https address that `url` means, seen from `base`; None when there is none to open.

    User-info is cut, blanks inside are percent-encoded, and longer than 2000 characters is refused.
    """
    url = url.strip(" \t\r\n\f")
    if not url or len(url) > _LONGEST:
        return None
    if url[0] != "/":
        if _PLAIN.fullmatch(url):
            return url
    elif "/." not in url and len(url) < _LONGEST // 2 > len(base) and _PLAIN_PATH.fullmatch(url):
        origin = _ORIGIN.match(base)
        if origin:
            return origin[1] + url
    return _rebuilt(url, base)


def _rebuilt(url: str, base: str) -> str | None:
    """`safe_url` for an address of any kind, taken apart and put together again."""
    url = url.replace(" ", "%20")
    if re.search(_FORBIDDEN, url):
        return None
    try:
        parts = urlsplit(urljoin(base, url) if base else url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    if scheme not in _PAIRS or not host or "%" in host or "@" in host:
        return None
    place = f"[{host}]" if ":" in host else host
    if port is not None and port != _PAIRS[scheme]:
        place = f"{place}:{port}"
    absolute = urlunsplit((scheme, place, parts.path, parts.query, parts.fragment))
    return None if len(absolute) > _LONGEST or re.search(_FORBIDDEN, absolute) else absolute


def without_keys(address: str) -> tuple[str, str]:
    """(the address without the keys in its query, those keys as "?key=…&token=…" or ""). Pure."""
    whole, mark, fragment = address.partition("#")
    place, asks, query = whole.partition("?")
    pairs = query.split("&")
    keys = [pair for pair in pairs if (value := pair.partition("="))[2] and unquote(value[0]).lower() in _KEYS]
    if not asks or not keys:
        return address, ""
    rest = "&".join(pair for pair in pairs if pair not in keys)
    return place + (f"?{rest}" if rest else "") + mark + fragment, "?" + "&".join(keys)


def with_keys(address: str, keys: str) -> str:
    """An address with the keys that `without_keys` took from it. Pure."""
    if not keys.startswith("?"):
        return address
    whole, mark, fragment = address.partition("#")
    return f"{whole}{'&' if '?' in whole else '?'}{keys[1:]}{mark}{fragment}"


@lru_cache(maxsize=100)
def honest_host(url: str) -> str:
    """The host of `url` as it may be shown: labels that mix scripts, or look like others, come in punycode.

    Empty when the address has no host. Not cleaned: `community.text.shown_host` is.
    """
    try:
        host = unicodedata.normalize("NFKC", (urlsplit(url).hostname or "")[:255]).lower()
    except ValueError:
        return ""
    if host.isascii() or re.fullmatch(_LATIN, host) or re.fullmatch(_CJK, host):
        return host
    if not _ASCII_LETTER.search(host) and _one_script(host):
        return host
    return ".".join(label if label.isascii() else "xn--" + _punycode(label) for label in host.split("."))


def _punycode(label: str) -> str:
    return label.encode("punycode", "replace").decode("ascii", "replace")


def _one_script(host: str) -> bool:
    """Whether all letters of `host` name the same script, as the names of Unicode tell it."""
    scripts = set()
    for char in host:
        category = unicodedata.category(char)
        if category[0] == "L":
            scripts.add(unicodedata.name(char, "?").split(" ", 1)[0])
        elif category[0] != "M" and not (char.isascii() and (char.isdigit() or char in ".-_")):
            return False
    return len(scripts) == 1


_TRACKERS = re.compile(
    "utm_.+|(?:fb|g|dc|y|tt|tw)clid|msclkid|gclsrc|[gw]braid|mc_[ce]id|igsh(?:id)?|_hs(?:enc|mi)|mkt_tok|vero_id"
    "|oly_(?:anon|enc)_id|rb_clickid|s_cid",
    re.IGNORECASE,
)
"""Names in a query that tell who follows a link and where they found it; no page needs them."""


def without_trackers(url: str) -> str:
    """`url` without what says who follows it; whatever else is in its query stays as it was, in its order."""
    head, mark, rest = url.partition("?")
    query, hash_, fragment = rest.partition("#")
    if not mark:
        return url
    kept = [each for each in query.split("&") if not _TRACKERS.fullmatch(each.partition("=")[0])]
    return head + (mark + "&".join(kept) if kept else "") + hash_ + fragment
