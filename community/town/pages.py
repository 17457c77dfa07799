"""The town's web pages, plain enough to read in any browser."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape

_STYLE = (
    "body{max-width:42rem;margin:2.5rem auto;padding:0 1rem;font:1.05rem/1.6 Georgia,serif;"
    "color:#222;background:#fdfcf9}"
    "h1,h2{line-height:1.25}h1 a{color:inherit;text-decoration:none}a{color:#1d5c7a}"
    ".meta{color:#777;font-size:.9rem}ol.comments{list-style:none;padding-left:1.2rem;border-left:1px solid #ddd}"
    "li:target>.body{background:#fff3cf}code,pre{font-size:.92rem}blockquote{color:#555;border-left:3px solid #ddd;"
    "margin-left:0;padding-left:1rem}"
)


@dataclass(frozen=True, slots=True)
class HeadLink:
    """One `<link>` in a page's head."""

    rel: str
    href: str
    kind: str = ""
    title: str = ""


def page(title: str, body: str, *, links: Sequence[HeadLink] = (), generator: str = "") -> str:
    """A whole page."""
    head = "".join(
        f'<link rel="{link.rel}"'
        + (f' type="{link.kind}"' if link.kind else "")
        + (f' title="{escape(link.title)}"' if link.title else "")
        + f' href="{escape(link.href)}" />\n'
        for link in links
    )
    if generator:
        head += f'<meta name="generator" content="{escape(generator)}" />\n'
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8" />\n'
        '<meta name="viewport" content="width=device-width" />\n'
        f"<title>{escape(title)}</title>\n{head}<style>{_STYLE}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )


def not_found() -> str:
    """The page for an address where nothing stands."""
    return page(
        "Nothing here", '<h1>Nothing here</h1>\n<p>Nobody built anything at this address. <a href="/">Town</a></p>\n'
    )


def day(at: int) -> str:
    """A moment as a reader wants it."""
    moment = datetime.fromtimestamp(at, UTC)
    return f"{moment.day} {moment:%B %Y, %H:%M}"


def link(text: str, href: str, *, rel: str = "") -> str:
    """A link in running text."""
    mark = f' rel="{rel}"' if rel else ""
    return f'<a href="{escape(href)}"{mark}>{escape(text)}</a>'
