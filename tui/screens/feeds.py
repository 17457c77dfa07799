"""Feeds: listen first. What my people published, the newest first, with the words beside the list."""

from collections.abc import Sequence
from typing import ClassVar

from community.actions import Scope, Selection
from community.errors import WrongUsage
from community.model import ArticleRow, Item
from community.reachability import mark
from community.text import clean_line, shown_host
from tui.ages import ago
from tui.kit import Kit
from tui.screens.split import Split
from tui.widgets.article_list import ArticleList
from tui.widgets.canvas import cut, wrapped
from tui.widgets.chunks import Chunks
from tui.widgets.ink import Look
from tui.widgets.lined import Heading, Lined
from tui.widgets.prose import Line, paragraphs
from tui.widgets.run import Listed, Window

_SORTED = 1000
_LONGEST = 100_000
_ROUND = 2
"""The view of the visiting round: one article a person, the longest neglected first."""


class Feeds(Split[ArticleRow]):
    """Articles of other people."""

    tab = "Feeds"
    scopes: ClassVar[tuple[Scope, ...]] = (Scope.LIST, Scope.CONVERSATION, Scope.PERSON, Scope.EVERYWHERE, Scope.GO)
    views: ClassVar[tuple[str, ...]] = ("everything", "new", "round")
    target: ClassVar[str] = "articles"
    fields: ClassVar[str] = "words, from:ines source:name newer:7d is:new"

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit)
        self.by_silence = False
        self._looking: ArticleRow | None = None

    def make_list(self) -> Lined[ArticleRow]:
        """One line an article."""
        return ArticleList(now=lambda: self.kit.now)

    def window(self) -> Window[ArticleRow | Heading]:
        """The newest first; or those of whom one has had no word with for the longest."""
        query = self.query_of("is:new" if self.view == 1 else "")
        if self.view == _ROUND:
            return Listed[ArticleRow | Heading](self.workspace.visits.round(query))
        if self.by_silence:
            found = self.workspace.articles(query, limit=_SORTED)
            found.sort(key=lambda row: (row.last_contact_at or 0, row.person_id, -row.created_at))
            return Listed[ArticleRow | Heading](found)

        def more(last: ArticleRow | Heading | None, limit: int) -> list[ArticleRow | Heading]:
            before = (last.created_at, last.id) if isinstance(last, ArticleRow) else None
            return [*self.workspace.articles(query, before=before, limit=limit)]

        return Chunks(more, self.list.key, again=self._again)

    def _again(self, rows: Sequence[ArticleRow | Heading]) -> list[ArticleRow | Heading]:
        """What was read stays where it is, whatever the view."""
        articles = [row for row in rows if isinstance(row, ArticleRow)]
        found = {row.id: row for row in self.workspace.conversations.rows([row.conversation_id for row in articles])}
        return [
            row._replace(attention=now.attention, is_new=int(row.id > now.seen_item_id))
            for row in articles
            if (now := found.get(row.conversation_id)) is not None
        ]

    def load(self) -> None:
        """The view anew."""
        if isinstance(self.list, ArticleList):
            self.list.by_silence = self.by_silence or self.view == _ROUND
        super().load()

    def teach(self) -> Sequence[str]:
        """What this place is for."""
        if self.view == 1:
            return ("You have seen everything your people published.", "1 shows all of it again.")
        if self.view == _ROUND:
            key = self.kit.keymap.key_of("person.feeds")
            return (
                "The round is done: you have been wherever your people published something.",
                "Here stands the newest thing each of them published since your last contact, whom you neglected "
                f"longest first. {key} on a person finds the feeds of their own site.",
            )
        add = self.kit.keymap.key_of("go.sources")
        return (
            "Nothing is published here yet.",
            "This is the place to listen first: the blogs and feeds of the people who write to you. Read, then leave a "
            "comment where they are at home.",
            f"{add} shows your sources; there you can add a feed, or the address of any site.",
        )

    def noted(self) -> str:
        """The order, when it is not the usual one."""
        order = "longest silence first" if self.by_silence else ""
        return " · ".join(each for each in (order, super().noted()) if each)

    def crumbs(self) -> Sequence[str]:
        """The place."""
        return ("Feeds",)

    # Reading.

    def tell(self, row: ArticleRow | None, *, stay: bool) -> None:
        """The article, whole."""
        if row is None or (self._looking is not None and self._looking.id != row.id):
            self._looked()
        if row is None:
            self.pane.tell(None)
            return
        item = self._item(row)
        text = item.text if item is not None else row.text
        host = shown_host(row.permalink or "")
        now, stage = self.kit.now, self.kit.stages().get(row.stage, row.stage)
        reach = mark(self.workspace.reach([row.person_id])[row.person_id])

        def build(width: int, look: Look) -> Sequence[Line]:
            room, dot = width - 3, f" {look.marks.dot} "
            about = dot.join(
                each for each in (row.name, stage, reach, row.source_name, ago(row.created_at, now)) if each
            )
            lines: list[Line] = [[], *([("  " + line, look.strong)] for line in wrapped(row.title, room)[:4])]
            lines.append([("  " + cut(about, room, dots=look.marks.dots), look.dim)])
            if host:
                lines.append([("  " + cut(host, room), look.dim)])
            return [*lines, [], *paragraphs(text[:_LONGEST], min(width - 1, 92), look.text, indent=2), []]

        self.pane.tell(build, stay=stay)

    def _item(self, row: ArticleRow) -> Item | None:
        opened = self.workspace.conversations.open(row.conversation_id)
        return opened.item(row.id)

    def read(self) -> None:
        """Into the article: from now on it counts as looked at, once one leaves it."""
        super().read()
        self._looking = self.list.current

    def unread(self) -> bool:
        """Back to the list."""
        self._looked()
        return super().unread()

    def _looked(self) -> None:
        row, self._looking = self._looking, None
        if row is not None and row.is_new:
            self.app.run_worker(self._reported(self._keep_looked(row)), group="looked")

    async def _keep_looked(self, row: ArticleRow) -> None:
        await self.workspace.conversations.looked_at(row.conversation_id, row.id)
        if self.is_attached:
            self.renew()

    # What an action is about.

    def selection(self) -> Selection:
        """The articles chosen, or the one under the cursor."""
        rows = self.list.chosen_rows()
        return Selection(
            conversations=tuple(dict.fromkeys(row.conversation_id for row in rows)),
            items=tuple(row.id for row in rows),
            people=tuple(dict.fromkeys(row.person_id for row in rows)),
        )

    def hints(self) -> Sequence[str]:
        """What is done most."""
        return (
            "open:read",
            "reply:comment",
            "item.browser:browser",
            "person.visit:visited",
            "item.done:done",
            "item.person",
            "filter",
            "search",
            "help",
        )

    def acted(self, action: str, chosen: Selection) -> None:
        """Done, and on to the next."""
        super().acted(action, chosen)
        if action in {"item.done", "person.visit"} and len(chosen.conversations) == 1:
            self.unread()
            self.list.move(1)

    def _row(self) -> ArticleRow:
        row = self.list.current
        if row is None:
            raise WrongUsage("There is no article here.")
        return row

    def do_item_browser(self, _argument: str) -> None:
        """The article on its own site."""
        row = self._row()
        if not row.permalink:
            raise WrongUsage("This article has no address that Kith knows of.")
        self.kit.open_url(row.permalink)
        self.say(f"Opened {shown_host(row.permalink)} in the browser.")

    def do_item_subject(self, _argument: str) -> None:
        """The same: an article hangs on nothing else."""
        self.do_item_browser("")

    def do_item_copy_link(self, _argument: str) -> None:
        """The address of the article to the clipboard."""
        row = self._row()
        if not row.permalink:
            raise WrongUsage("This article has no address that Kith knows of.")
        self.kit.copy(row.permalink)
        self.say(f"Copied {clean_line(row.permalink)}")

    def do_item_copy_text(self, _argument: str) -> None:
        """The words of the article to the clipboard."""
        item = self._item(self._row())
        self.kit.copy(item.text if item is not None else self._row().text)
        self.say("Copied what was written.")

    def do_reply(self, _argument: str) -> None:
        """Write a comment to leave there."""
        row = self._row()
        self.go("conversation", f"{row.conversation_id} {row.id} reply")

    def do_order(self, _argument: str) -> None:
        """The newest first, or those I have neglected for the longest."""
        self.by_silence = not self.by_silence
        self.load()
        self.say("Longest silence first." if self.by_silence else "The newest first.")

    def do_next_waiting(self, _argument: str) -> None:
        """To the next new one."""
        self._seek(1)

    def do_previous_waiting(self, _argument: str) -> None:
        """To the new one before."""
        self._seek(-1)

    def _seek(self, step: int) -> None:
        rows = self.list.all_rows()
        here = self.list.current
        at = rows.index(here) + step if here in rows else 0
        while 0 <= at < len(rows) and not rows[at].is_new:
            at += step
        if 0 <= at < len(rows):
            self.list.go_to(rows[at].id)
        else:
            self.say("Nothing else is new here.")
