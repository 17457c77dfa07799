"""Search: everything ever stored, as one types."""

from collections.abc import Sequence
from typing import ClassVar

from community.actions import Scope, Selection
from community.errors import StorageError
from community.model import SearchHit
from tui.ages import ago
from tui.kit import Kit
from tui.screens.finding import Finding
from tui.screens.person_verbs import gathered
from tui.widgets.canvas import cut
from tui.widgets.hit_list import HitList
from tui.widgets.ink import Look
from tui.widgets.lined import Heading, Lined
from tui.widgets.portrait import portrait
from tui.widgets.prose import Line, paragraphs
from tui.widgets.run import Listed, Window

_WAIT_S = 0.02
_MOST = 100


class Search(Finding[SearchHit]):
    """Items, people, notes, promises and drafts that hold what is typed."""

    tab = "Search"
    question: ClassVar[str] = "Search"
    scopes: ClassVar[tuple[Scope, ...]] = (Scope.LIST, Scope.PERSON, Scope.EVERYWHERE, Scope.GO)
    share: ClassVar[float] = 0.5

    def __init__(self, kit: Kit, argument: str = "") -> None:
        super().__init__(kit)
        self._argument = argument
        self._hits: list[SearchHit] = []
        self._searched: str | None = None

    def make_list(self) -> Lined[SearchHit]:
        """Two lines a hit."""
        return HitList(now=lambda: self.kit.now)

    def window(self) -> Window[SearchHit | Heading]:
        """People and what I wrote first, then what was said."""
        return Listed[SearchHit | Heading](self._hits)

    def teach(self) -> Sequence[str]:
        """What can be found, or that nothing was."""
        if not self.words:
            return (
                "Type what you remember.",
                "Everything is looked through: what people said and what you answered, names and handles, your notes, "
                'promises and drafts. "exact words" stay together, word* is a beginning.',
            )
        if self._searched != self.words:
            return ("Looking …",)
        return (f"Nothing holds “{self.words}”.", "Fewer words find more; word* finds every word that begins so.")

    def on_mount(self) -> None:
        """Type at once."""
        super().on_mount()
        self.run_worker(self._reported(self.open_line(self._argument)), group="line")

    def changed(self) -> None:
        """What was found stays until one types again."""
        self._tell(stay=True)

    def typed(self) -> None:
        """Search when the keys have paused."""
        if self.words == self._searched:
            return
        self.set_timer(_WAIT_S, lambda words=self.words: self._begin(words))
        if not self._hits:
            self.load()

    def _begin(self, words: str) -> None:
        if words == self.words and words != self._searched:
            self.run_worker(self._latest(lambda: self._search(words)), group="search", exclusive=True)

    async def _search(self, words: str) -> None:
        found = await self.workspace.search(words, limit=_MOST)
        if words == self.words:
            self._searched, self._hits = words, found
            self.load()
            self.frame()

    def crumbs(self) -> Sequence[str]:
        """The place, and how much was found."""
        if not self._hits:
            return ("Kith", "Search")
        more = "+" if len(self._hits) >= _MOST else ""
        return ("Search", f"{len(self._hits)}{more} found")

    def hints(self) -> Sequence[str]:
        """What is done most; while one types, letters are text."""
        if self.is_typing:
            return ("=Enter:open", "=Down:next", "=Esc:to the list" if self.words else "=Esc:back")
        return ("open", "search.next", "search.previous", "search:change", "back", "help")

    # Reading.

    def tell(self, row: SearchHit | None, *, stay: bool) -> None:
        """The whole of what was found."""
        try:
            if row is None:
                self.pane.tell(None)
            elif row.what == "outbox" or (row.conversation_id is not None and row.what == "item"):
                self._tell_words(row, stay=stay)
            elif row.person_id is not None:
                known = gathered(self.workspace, row.person_id, self.kit.now)
                self.pane.tell(portrait(known, self.kit.stages(), latest=8), stay=stay)
            else:
                self.pane.tell(None)
        except StorageError:
            self.pane.tell(None)

    def _tell_words(self, row: SearchHit, *, stay: bool) -> None:
        now = self.kit.now
        if row.what == "outbox":
            text, where = self.workspace.outbox.get(row.id).text, self.workspace.outbox.get(row.id).source_name
        else:
            item = self.workspace.conversations.item(row.id)
            text, where = item.text, self.workspace.listening.get(item.source_id).name

        def build(width: int, look: Look) -> Sequence[Line]:
            room, dots = width - 3, look.marks.dots
            return [
                [],
                [("  " + cut(row.title or row.who, room, dots=dots), look.strong)],
                [("  " + cut(f"{row.who or 'you'} · {where} · {ago(row.at, now)}", room, dots=dots), look.dim)],
                [],
                *paragraphs(text, min(width - 1, 92), look.text, indent=2),
            ]

        self.pane.tell(build, stay=stay)

    # Going.

    def selection(self) -> Selection:
        """What the hit is about."""
        row = self.list.current
        if row is None:
            return Selection()
        return Selection(
            conversations=(row.conversation_id,) if row.conversation_id is not None else (),
            items=(row.id,) if row.what == "item" else (),
            people=(row.person_id,) if row.person_id is not None else (),
        )

    def do_open(self, _argument: str) -> None:
        """The conversation it was said in, or the person it is about."""
        row = self.list.current
        if row is None:
            return
        self.set_focus(self.list)
        if row.conversation_id is not None and row.what in {"item", "outbox"}:
            item = row.id if row.what == "item" else 0
            self.go("conversation", f"{row.conversation_id} {item}")
        elif row.person_id is not None:
            self.go("person", str(row.person_id))

    def do_search_next(self, _argument: str) -> None:
        """Open the next hit."""
        self.step_hit(1)

    def do_search_previous(self, _argument: str) -> None:
        """Open the hit before."""
        self.step_hit(-1)

    def step_hit(self, step: int) -> None:
        """Open the hit after the one the cursor is on, or the one before."""
        before = self.list.current
        self.set_focus(self.list)
        self.list.move(step)
        if self.list.current == before:
            self.warn("That was the last hit." if step > 0 else "That was the first hit.")
        else:
            self.do_open("")
