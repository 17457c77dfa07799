"""The fediverse server's web pages: the front page, profiles, statuses with what was answered, portraits."""

import zlib
from html import escape

from community.town import pages
from community.town.exchange import Request, Response, html_answer
from community.town.mastodon_json import html
from community.town.records import Person, Status
from community.town.state import State

_OPEN = {"public", "unlisted"}
_SHOWN = 40


def page(state: State, request: Request) -> Response | None:
    """What a browser finds at an address; None when there is nothing."""
    path = request.path
    if path == "/":
        return html_answer(_front(state))
    if path.startswith("/portraits/"):
        return _portrait(state, path.removeprefix("/portraits/").removesuffix(".svg"))
    if path.startswith("/tags/"):
        return html_answer(_tag(state, path.removeprefix("/tags/")))
    return _of_somebody(state, path.removeprefix("/@")) if path.startswith("/@") else None


def _of_somebody(state: State, path: str) -> Response | None:
    handle, _, status_id = path.partition("/")
    if status_id:
        status = state.statuses.get(status_id)
        shown = status is not None and status.visibility in _OPEN
        return html_answer(_conversation(state, status)) if status and shown else None
    user, _, home = handle.partition("@")
    person = state.people.by_handle(user, home)
    return html_answer(_profile(state, person)) if person else None


def _profile(state: State, person: Person) -> str:
    theirs = [row for row in state.statuses.all()[::-1] if row.author.key == person.key and row.visibility in _OPEN]
    site = state.addresses.blog if person.key == state.people.me.key else person.site
    links = f"<p>{pages.link(site, site, rel='me')}</p>\n" if site else ""
    head = f"<h1>{escape(person.name)}</h1>\n<p>@{person.handle}</p>\n<p>{escape(person.about)}</p>\n{links}"
    return pages.page(person.name, head + "".join(_status(state, row) for row in theirs[:_SHOWN]))


def _front(state: State) -> str:
    journals = "".join(
        f"<li>{pages.link(journal.title, state.addresses.journal(journal))} by {escape(journal.author.name)}</li>\n"
        for journal in state.journals.values()
    )
    recent = [row for row in state.statuses.all()[::-1] if row.visibility == "public" and not row.reblog_of]
    body = (
        "<h1>The town</h1>\n<p>Everybody here is invented.</p>\n"
        f"<h2>Your blog</h2>\n<p>{pages.link(state.blog_name, state.addresses.blog)}</p>\n"
        f"<h2>Other blogs</h2>\n<ul>\n{journals}</ul>\n"
        f"<h2>On the square</h2>\n{''.join(_status(state, row) for row in recent[:_SHOWN])}"
    )
    return pages.page("The town", body)


def _tag(state: State, name: str) -> str:
    rows = [row for row in state.statuses.all()[::-1] if row.visibility == "public" and f"#{name}" in row.text.lower()]
    return pages.page(f"#{name}", f"<h1>#{escape(name)}</h1>\n" + "".join(_status(state, row) for row in rows))


def _conversation(state: State, status: Status) -> str:
    whole = [*state.statuses.ancestors(status), status, *state.statuses.descendants(status)]
    body = "".join(_status(state, row) for row in whole if row.visibility in _OPEN)
    return pages.page(f"{status.author.name} on the square", body)


def _status(state: State, row: Status) -> str:
    author = pages.link(row.author.name, state.addresses.profile(row.author))
    when = pages.link(pages.day(row.at), state.addresses.status(row))
    edited = ", edited" if row.edited_at else ""
    return (
        f'<div id="status-{row.id}"><p class="meta"><b>{author}</b> @{row.author.handle}, {when}{edited}</p>\n'
        f"{html(state, row.author, row.text)}</div>\n"
    )


def _portrait(state: State, key: str) -> Response:
    names = {person.key: person.name for person in state.people.accounts()}
    initials = "".join(word[0] for word in names.get(key, key).split()[:2]).upper()
    hue = zlib.crc32(key.encode()) % 360
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96">'
        f'<rect width="96" height="96" fill="hsl({hue} 35% 45%)"/>'
        f'<text x="48" y="60" font-family="sans-serif" font-size="36" fill="#fff" text-anchor="middle">'
        f"{escape(initials)}</text></svg>"
    )
    return Response(200, "image/svg+xml", svg.encode(), {"Cache-Control": "public, max-age=86400"})
