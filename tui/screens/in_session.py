"""A session on screen: one conversation or person with everything that is needed, a decision, and the next appears."""

from collections.abc import Sequence

from community.actions import Scope, Selection
from community.errors import NotFound, WrongUsage
from community.model import OutboxRow
from community.privacy import SESSION
from community.session import PERSON, Session
from tui.kit import Kit
from tui.screens import planning
from tui.screens.beside import Beside
from tui.screens.person_verbs import gathered
from tui.widgets.canvas import cut
from tui.widgets.ink import Look
from tui.widgets.portrait import portrait
from tui.widgets.prose import Line, Prose

_WITH_A_PERSON = (Scope.EVERYWHERE, Scope.PERSON, Scope.LIST, Scope.GO)
_LATEST = 30
_DAY_S = 86_400


class InSession(Beside):
    """A list with a pane beside it, in which a session can run. It is kept at every step, and can be taken up again."""

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit)
        self.session: Session | None = None
        self.who = Prose(id="who")
        self._who: int | None = None

    # The person in the pane.

    def show_person(self, person_id: int | None, why: str = "") -> bool:
        """Let the pane tell of a person, None for the conversation; False when there is no such person any more."""
        self._who = person_id
        try:
            known = gathered(self.workspace, person_id, self.kit.now) if person_id is not None else None
        except NotFound:
            self._who = None
            return False
        if known is not None:
            whole = portrait(known, self.kit.stages(), latest=_LATEST)

            def build(width: int, look: Look) -> Sequence[Line]:
                reason = [[], [("  " + cut(why, width - 3, dots=look.marks.dots), look.wait)]] if why else []
                return [*reason, *whole(width, look)]

            self.who.tell(build)
        self.fold_panes()
        return True

    def fold_panes(self) -> None:
        """In a session what is at hand has all the room."""
        super().fold_panes()
        pane = self.query_one("#pane")
        self.set_class(self.session is not None, "-session")
        if self.session is not None:
            self.listing.display = self.split.display = False
            pane.display = True
        self.who.display = self._who is not None and pane.display
        pane.display = pane.display and not self.who.display

    def _at_person(self) -> int | None:
        """The person that the session is at."""
        step = self.session.current if self.session is not None else None
        return step.id if step is not None and self._who == step.id and step.kind == PERSON else None

    def selection(self) -> Selection:
        """In a session the person it is at."""
        person_id = self._at_person()
        return super().selection() if person_id is None else Selection(people=(person_id,))

    def scopes_now(self) -> Sequence[Scope]:
        """With a person only what can be done with a person."""
        return super().scopes_now() if self._at_person() is None or self.composer.is_open else _WITH_A_PERSON

    # From one to the next.

    def do_session(self, argument: str) -> None:
        """Begin, or go on where it was left; while it runs, on to the next. "five" and "new" begin another."""
        if self.session is not None and not argument:
            self._go_on(skipped=True)
            return
        old = planning.stored(self.kit) if not argument else None
        begun = old or (planning.plan_five(self.kit) if argument == "five" else planning.plan(self.kit))
        if begun.current is None:
            self.say("There is nobody for the five today." if argument == "five" else "Nobody is waiting for you.")
            return
        self.session = begun
        self._show_current()
        if old is not None:
            self.say(f"Taken up where you left it: {old.place}. :session new begins another.")

    def do_session_five(self, _argument: str) -> None:
        """Five people, by loop, cadence and silence."""
        self.do_session("five")

    def _show_current(self) -> None:
        session = self.session
        if session is None:
            return
        self.is_reading = True
        while (step := session.current) is not None and step.kind == PERSON:
            self.follow(None, now=True)
            if self.show_person(step.id, step.why):
                self.set_focus(self.who)
                break
            session.drop([step])
        else:
            self._show_conversation(step.id if step is not None else None)
        self._keep_session()
        self.frame()

    def _show_conversation(self, conversation_id: int | None) -> None:
        """A conversation of the session; None for its end."""
        self.show_person(None)
        if conversation_id is None and self.session is not None:
            self.thread.empty = self.session.summary(self.workspace.conversations.counts().waiting)
        self.follow(conversation_id, now=True)
        self.open_conversation()
        self.thread.refresh()
        self.thread.focus()

    def _go_on(self, *, skipped: bool = False) -> None:
        if self.session is not None:
            if self.session.current is None:
                self.step_back()
                return
            self.session.go_on(skipped=skipped)
            self._show_current()

    def put_away(self) -> None:
        """After done, snooze and rest the next one comes."""
        if self.session is not None:
            self.session.put_away += 1
            self._go_on()
        else:
            super().put_away()

    def sent(self, row: OutboxRow) -> None:
        """After a reply the next one comes."""
        super().sent(row)
        if self.session is not None:
            self.session.answered += 1
            self._go_on()

    def acted(self, action: str, chosen: Selection) -> None:
        """With a person, a contact that was logged or a rest is a decision."""
        person_id = self._at_person()
        super().acted(action, chosen)
        if self.session is None or person_id is None:
            return
        if action in {"person.log", "person.rest"}:
            self.session.logged += action == "person.log"
            self.session.put_away += action == "person.rest"
            self._go_on()
        elif self.session.current is not None:
            self.show_person(person_id, self.session.current.why)

    async def do_person_keep(self, _argument: str) -> None:
        """With a person: what was promised for today is kept, or they are looked after, and the next one comes."""
        person_id = self._at_person()
        if self.session is None or person_id is None:
            raise WrongUsage("Put the cursor on a promise first.")
        promises = self.workspace.people.card(person_id).promises
        due = [each for each in promises if each.due_at is not None and each.due_at <= self.kit.now + _DAY_S]
        if due:
            self.say(await self.workspace.people.keep(person_id, due[0].id))
        self.session.looked_after += 1
        self._go_on()

    def do_person_write(self, argument: str) -> None:
        """In a session the answer is written here."""
        if self._at_person() is None:
            super().do_person_write(argument)
            return
        row = self._to_answer()
        self._show_conversation(row.id)
        self.call_after_refresh(self.perform, "reply")

    def step_back(self) -> bool:
        """Out of the session, with a word on how it went; else as in every list."""
        session = self.session
        if session is None:
            return super().step_back()
        step = session.current
        if step is not None and step.kind == PERSON and self._who is None:
            self._show_current()
            return True
        self.session = None
        self.left_conversation()
        self.show_person(None)
        self.thread.empty = ()
        self.is_reading = False
        self.fold_panes()
        self.load()
        self.listing.focus()
        self.say(" ".join(session.summary(self.workspace.conversations.counts().waiting)))
        return True

    def do_next_waiting(self, argument: str) -> None:
        """The next of the session, or of the list."""
        if self.session is not None:
            self._go_on(skipped=True)
        else:
            super().do_next_waiting(argument)

    def do_previous_waiting(self, argument: str) -> None:
        """The one before, in the session or in the list."""
        if self.session is not None:
            self.session.go_back()
            self._show_current()
        else:
            super().do_previous_waiting(argument)

    # Kept.

    def _keep_session(self) -> None:
        if self.session is not None:
            written = self.session.written()
            keep = self._latest(lambda: self.workspace.remember(SESSION, written))
            self.app.run_worker(keep, group="session", exclusive=True)

    async def settle(self) -> None:
        """Kith is closing: the session can be taken up again."""
        await super().settle()
        if self.session is not None:
            await self.workspace.remember(SESSION, self.session.written())
