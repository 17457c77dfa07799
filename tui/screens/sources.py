"""Sources: where Kith listens, how each is doing, and what it can and cannot do there."""

from collections.abc import Sequence
from typing import ClassVar

from community.actions import Scope, Selection
from community.errors import WrongUsage
from community.listening import can
from community.model import Source
from community.text import safe_url
from community.workspace import Workspace
from tui.ages import ago, due
from tui.kit import Kit
from tui.screens.split import Split
from tui.widgets.canvas import cut
from tui.widgets.ink import Look
from tui.widgets.lined import Heading, Lined
from tui.widgets.prose import Line, between, paragraphs
from tui.widgets.run import Window
from tui.widgets.source_list import SourceList, mending, standing


class ByName(Window[Source | Heading]):
    """A window on all sources."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def page(self, beside: Source | Heading | None, *, forward: bool, limit: int) -> list[Source | Heading]:
        """A page by keyset."""
        place = (beside.name, beside.id) if isinstance(beside, Source) else None
        return [*self._workspace.source_page(beside=place, forward=forward, limit=limit)]

    def again(self, rows: Sequence[Source | Heading]) -> list[Source | Heading]:
        """These sources as they are now."""
        return [*self._workspace.source_rows(row.id for row in rows if isinstance(row, Source))]


class Sources(Split[Source]):
    """The list of sources."""

    tab = "Sources"
    scopes: ClassVar[tuple[Scope, ...]] = (Scope.SOURCE, Scope.LIST, Scope.CONVERSATION, Scope.EVERYWHERE, Scope.GO)
    share: ClassVar[float] = 0.5

    def __init__(self, kit: Kit, argument: str = "") -> None:
        super().__init__(kit)
        self._argument = argument

    def make_list(self) -> Lined[Source]:
        """Two lines a source."""
        return SourceList(now=lambda: self.kit.now, key_of=self.kit.keymap.key_of)

    def window(self) -> Window[Source | Heading]:
        """All of them, by name."""
        return ByName(self.workspace)

    def load(self) -> None:
        """The list; with "add" the way to a new one as well."""
        super().load()
        argument, self._argument = self._argument, ""
        if argument:
            self.call_after_refresh(self.enter, argument)

    def enter(self, argument: str) -> None:
        """One came to add a source."""
        if argument.partition(" ")[0] == "add":
            self.go("adding", argument.partition(" ")[2])

    def teach(self) -> Sequence[str]:
        """What a source is, and how to add the first."""
        return (
            "Kith listens to nothing yet.",
            f"{self.kit.keymap.key_of('source.add')} adds a source: paste any address, of your blog, of a feed, "
            "@me@server, or me.bsky.social. Kith finds out what it is and says what it will be able to do there.",
        )

    def crumbs(self) -> Sequence[str]:
        """The place."""
        return ("Kith", "Sources")

    # Reading.

    def tell(self, row: Source | None, *, stay: bool) -> None:
        """Everything about a source, and what it can and cannot do."""
        if row is None:
            self.pane.tell(None)
            return
        now, can_do = self.kit.now, self.workspace.listening.capabilities(row)
        kept = self.workspace.listening.has_credential(row.id)
        mend, key_of = mending(row), self.kit.keymap.key_of

        def build(width: int, look: Look) -> Sequence[Line]:
            words, kind = standing(row, now)
            ink = {"bad": look.bad, "wait": look.wait}.get(kind, look.text)
            lines: list[Line] = [
                [],
                [("  " + cut(row.name, width - 3, dots=look.marks.dots), look.strong)],
                [("  " + cut(f"{row.kind} · {row.address}", width - 3, dots=look.marks.dots), look.dim)],
                [],
                *paragraphs(words[:1].upper() + words[1:], width - 1, ink, indent=2),
            ]
            if mend is not None:
                lines.append([("  " + key_of(mend[0]), look.strong), (f" {mend[1]}", look.text)])
            lines.append([])
            facts = [
                ("you are", row.account or "a reader"),
                ("credential", "kept" if kept else "none"),
                ("read last", ago(row.succeeded_at, now) or "never"),
                ("reads again", due(row.next_check_at, now) if row.next_check_at > now else "soon"),
            ]
            if row.state != "active":
                facts.pop()
            lines += [between(name, value, min(width - 1, 46), (look.dim, look.text), look.text, indent=2)
                      for name, value in facts]  # fmt: skip
            lines += [
                [],
                [("  It can", look.strong)],
                *paragraphs(", ".join(can(can_do)), width - 1, look.text, indent=4),
            ]
            cannot = {act: why for act, why in can_do.why_not.items() if act not in can_do.acts}
            if cannot:
                lines += [[], [("  It cannot", look.strong)]]
            grouped: dict[str, list[str]] = {}
            for act, why in cannot.items():
                grouped.setdefault(str(why), []).append(act.value)
            for why, acts in grouped.items():
                lines += paragraphs(", ".join(acts), width - 1, look.text, indent=4)
                lines += paragraphs(why, width - 1, look.dim, indent=6)
            return lines

        self.pane.tell(build, stay=stay)

    # What an action is about.

    def selection(self) -> Selection:
        """The source under the cursor."""
        row = self.list.current
        return Selection(source=row.id if row is not None else None)

    def hints(self) -> Sequence[str]:
        """What is done most."""
        row = self.list.current
        if row is None:
            return ("source.add", "back", "help")
        if row.state == "sunset":
            return ("source.add:add", "source.sunset:who is from here", "source.revive", "back", "help")
        swap = "source.resume" if row.state != "active" else "source.pause"
        return (
            "source.add:add",
            "sync.source:read now",
            "source.login",
            swap,
            "source.sunset",
            "source.remove",
            "back",
            "help",
        )

    def do_open(self, _argument: str) -> None:
        """Mend what is wrong, else read about it."""
        row = self.list.current
        if row is not None and row.health == "refused":
            self.do_source_login("")
        else:
            self.read()

    def do_source_add(self, argument: str) -> None:
        """To the page where an address is pasted."""
        self.go("adding", argument)

    def do_source_login(self, _argument: str) -> None:
        """To the page where its credential is given."""
        row = self.list.current
        if row is None:
            raise WrongUsage("Choose a source first.")
        self.go("adding", f"login {row.id}")

    def do_source_sunset(self, _argument: str) -> None:
        """What its end would mean."""
        row = self.list.current
        if row is None:
            raise WrongUsage("Choose a source first.")
        self.go("sunset", str(row.id))

    def do_item_browser(self, _argument: str) -> None:
        """The source itself."""
        row = self.list.current
        url = safe_url(row.address if row is not None else "")
        if not url:
            raise WrongUsage("This source has no page to open.")
        self.kit.open_url(url)
        self.say("Opened in the browser.")
