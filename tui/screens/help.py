"""Help: every verb and its keys, made from the registry; what is typed finds one by label, key or another word."""

from collections.abc import Sequence
from typing import ClassVar

from community.actions import Scope
from tui.kit import Kit
from tui.screens.finding import Finding
from tui.screens.place import Place
from tui.widgets.help_list import HelpList, Verb, verbs
from tui.widgets.lined import Heading, Lined
from tui.widgets.run import Listed, Window


class Help(Finding[Verb]):
    """The list of verbs; Enter carries one out where one came from."""

    tab = "Help"
    question: ClassVar[str] = "Help with"
    scopes: ClassVar[tuple[Scope, ...]] = (Scope.LIST, Scope.EVERYWHERE, Scope.GO)
    side_by_side: ClassVar[int] = 1 << 20

    def __init__(self, kit: Kit, argument: str = "") -> None:
        super().__init__(kit)
        self._argument = argument
        self._here: Sequence[Scope] | None = None

    def make_list(self) -> Lined[Verb]:
        """One line a verb."""
        return HelpList(id="list")

    def on_mount(self) -> None:
        """Type at once."""
        super().on_mount()
        self.run_worker(self._reported(self.open_line(self._argument)), group="line")

    def below(self) -> Place | None:
        """The place help was opened from."""
        stack = self.app.screen_stack
        place = stack[-2] if len(stack) > 1 else None
        return place if isinstance(place, Place) else None

    def window(self) -> Window[Verb | Heading]:
        """What answers to the words, those that hold below first."""
        below = self.below()
        if self._here is None:
            self._here = tuple(below.scopes_now()) if below is not None else (Scope.EVERYWHERE, Scope.GO, Scope.LIST)
        can = below.can if below is not None else lambda _action: True
        return Listed[Verb | Heading](verbs(self.words, self._here, self.kit.keymap, can))

    def changed(self) -> None:
        """Nothing that is stored changes help."""

    def teach(self) -> Sequence[str]:
        """Nothing answers to the words."""
        return (f"Nothing is called “{self.words}”.", "Try another word for what you want to do, or a single key.")

    def crumbs(self) -> Sequence[str]:
        """The way here."""
        below = self.below()
        return ("Help", below.tab) if below is not None and below.tab else ("Kith", "Help")

    def hints(self) -> Sequence[str]:
        """What can be done here."""
        return ("=Enter:do it", "=Down:next", "=Esc:back")

    def read(self) -> None:
        """There is nothing beside the list."""
        self.set_focus(self.list)

    def do_open(self, _argument: str) -> None:
        """Do it, where one came from."""
        row, below = self.list.current, self.below()
        if row is None:
            return
        self.dismiss()
        if below is not None and row.action not in {"help", "back"}:
            below.call_after_refresh(below.perform, row.action)
