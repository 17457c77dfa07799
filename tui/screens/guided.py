"""What leads through Kith: the tour, which goes on when the user does what it teaches, and the hits of a search."""

from typing import Protocol, runtime_checkable

from textual import on

from community.actions import Selection
from community.errors import WrongUsage
from tui.kit import Kit
from tui.screens.acting import Acting
from tui.tour import STEPS
from tui.widgets.tour_strip import TourStrip


@runtime_checkable
class Found(Protocol):
    """A page of hits."""

    def step_hit(self, step: int) -> None:
        """Open the next hit, or the one before."""
        ...


class Guided(Acting):
    """A screen with room for a step of the tour."""

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit)
        self.tour_strip = TourStrip()

    # The tour.

    def perform(self, action_id: str, argument: str = "", *, chosen: Selection | None = None) -> None:
        """Carry out an action; the tour goes on when that is what it taught."""
        super().perform(action_id, argument, chosen=chosen)
        if self.kit.tour.did(action_id):
            self._tour_went_on()

    def _tour_went_on(self) -> None:
        if self.kit.tour.is_over:
            self.app.run_worker(self.workspace.remember("tour", "done"), group="tour")
        self.show_tour()

    @on(TourStrip.Closed)
    def close_tour(self) -> None:
        """Its end was clicked."""
        self.perform("tour")

    def do_tour(self, _argument: str) -> None:
        """Begin the tour, or end it."""
        if self.kit.tour.is_running:
            self.kit.tour.stop()
        else:
            self.kit.tour.start()
        self._tour_went_on()

    def do_search_next(self, _argument: str) -> None:
        """The next hit of the search this page was opened from."""
        self._step_hit(1)

    def do_search_previous(self, _argument: str) -> None:
        """The hit before."""
        self._step_hit(-1)

    def _step_hit(self, step: int) -> None:
        search = next((each for each in reversed(self.app.screen_stack[:-1]) if isinstance(each, Found)), None)
        if search is None:
            raise WrongUsage(f"Search for something first: {self.kit.keymap.key_of('search')}")
        self.dismiss()
        self.app.call_after_refresh(search.step_hit, step)

    def show_tour(self) -> None:
        """Bring the strip up to date."""
        tour, keymap = self.kit.tour, self.kit.keymap
        title = f"Tour, {(tour.at or 0) + 1} of {len(STEPS)}"
        self.tour_strip.tell(title, tour.words(keymap), f"{keymap.key_of('tour')} closes")
        if self.tour_strip.display:
            self.notice.join(())
