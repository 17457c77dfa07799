"""The regulars' own blogs: front page, articles and one feed each, in the form its author likes."""

from community.town import feeds, pages
from community.town.exchange import Request, Response, html_answer, moved
from community.town.markup import paragraphs
from community.town.records import Entry, Journal
from community.town.state import State


def answer(state: State, request: Request) -> Response | None:
    """What stands at an address under a regular's blog; None when nobody lives there."""
    key, _, rest = request.path.lstrip("/").partition("/")
    journal = state.journals.get(key)
    if journal is None:
        return None
    if request.path == f"/{key}":
        return moved(state.addresses.journal(journal))
    if rest == "":
        return html_answer(_front(state, journal))
    if f"{state.addresses.base}/{key}/{rest}" == state.addresses.journal_feed(journal):
        return feeds.answer(feed(state, journal), journal.form, request)
    entry = next((entry for entry in journal.entries if entry.slug == rest.rstrip("/")), None)
    if entry is None:
        return html_answer(pages.not_found(), 404)
    return html_answer(_article(state, journal, entry))


def feed(state: State, journal: Journal) -> feeds.Feed:
    """A regular's feed: everything they published, newest first."""
    items = [
        feeds.FeedItem(
            id=state.addresses.entry(journal, entry),
            url=state.addresses.entry(journal, entry),
            title=entry.title,
            html=paragraphs(entry.text),
            at=entry.at,
            author=journal.author.name,
            author_url=state.addresses.journal(journal),
        )
        for entry in journal.entries
    ]
    home, url = state.addresses.journal(journal), state.addresses.journal_feed(journal)
    return feeds.Feed(journal.title, journal.tagline, home, url, items)


def _links(state: State, journal: Journal) -> list[pages.HeadLink]:
    address = state.addresses.journal_feed(journal)
    links = [pages.HeadLink("alternate", address, feeds.KINDS[journal.form], journal.title)]
    if journal.author.handle:
        links.append(pages.HeadLink("me", state.addresses.profile(journal.author)))
    return links


def _front(state: State, journal: Journal) -> str:
    author, home = journal.author, state.addresses.journal(journal)
    entries = "".join(
        f"<h2>{pages.link(entry.title, state.addresses.entry(journal, entry))}</h2>\n"
        f'<p class="meta">{pages.day(entry.at)}</p>\n'
        for entry in journal.entries
    )
    card = f"{pages.link(author.name, home, rel='author')}: {author.about}"
    if author.handle:
        card += f" Also {pages.link(f'@{author.handle}', state.addresses.profile(author), rel='me')}."
    head = f"<h1>{pages.link(journal.title, home)}</h1>\n<p>{journal.tagline}</p>\n"
    body = f'{head}{entries}<hr />\n<p class="h-card">{card}</p>\n'
    return pages.page(journal.title, body, links=_links(state, journal))


def _article(state: State, journal: Journal, entry: Entry) -> str:
    home = state.addresses.journal(journal)
    byline = f"{pages.link(journal.author.name, home, rel='author')}, {pages.day(entry.at)}"
    body = (
        f'<p class="meta">{pages.link(journal.title, home)}</p>\n<article>\n<h1>{entry.title}</h1>\n'
        f'<p class="meta">{byline}</p>\n{paragraphs(entry.text)}</article>\n'
    )
    return pages.page(f"{entry.title} – {journal.title}", body, links=_links(state, journal))
