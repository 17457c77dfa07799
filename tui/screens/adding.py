"""Adding a source: paste any address, see what it is, give the credential it needs; and giving a new credential."""

import re
from collections.abc import Awaitable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.worker import Worker

from community.actions import Scope
from community.errors import KithError, StorageError, WrongUsage
from community.listening import can
from community.model import Source
from community.secrets import SecretError
from community.sources.base import Found, LoginStep
from community.text import clean_line
from tui.kit import Kit
from tui.screens.adding_words import examples, told
from tui.screens.arrival import arrival
from tui.screens.place import Place
from tui.widgets.panel import Choice
from tui.widgets.prose import Prose

_PLACE = re.compile(r"^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}$")


class Adding(Place):
    """One question after the other. `argument` is an address, or "login 3" for a new credential of source 3."""

    tab = "Sources"
    scopes: ClassVar[tuple[Scope, ...]] = (Scope.SOURCE, Scope.LIST, Scope.EVERYWHERE, Scope.GO)

    def __init__(self, kit: Kit, argument: str = "") -> None:
        super().__init__(kit)
        self.pane = Prose(id="pane")
        self._argument = argument
        self._said: list[tuple[str, str]] = []
        self._last = ""
        self._allowed: tuple[str, ...] = ()
        self._flow: Worker[None] | None = None

    def body(self) -> ComposeResult:
        """What was found out so far; the questions are asked below it."""
        yield self.pane

    def load(self) -> None:
        """Begin."""
        self.set_focus(self.pane)
        self._begin()

    def changed(self) -> None:
        """What is stored meanwhile changes nothing here."""

    def mover(self) -> Prose:
        """What is too long for the screen can be scrolled."""
        return self.pane

    def crumbs(self) -> Sequence[str]:
        """The way here."""
        return ("Sources", "credential" if self._argument.startswith("login ") else "add")

    def hints(self) -> Sequence[str]:
        """Once it is done: another, or back."""
        return ("source.add:add another", "go.inbox", "go.sources", "back", "help")

    def do_source_add(self, argument: str) -> None:
        """From the beginning."""
        self._argument = argument
        self._begin()

    def step_back(self) -> bool:
        """While an address is looked at, back to the question; else leave."""
        if self._flow is not None and self._flow.is_running:
            self._flow.cancel()
            self._argument = ""
            self._begin()
            return True
        return False

    def _begin(self) -> None:
        self._said = []
        flow = self._renewed if self._argument.startswith("login ") else self._added
        self._flow = self.run_worker(self._guarded(flow()), group="adding", exclusive=True)

    async def _guarded(self, flow: Awaitable[None]) -> None:
        try:
            await flow
        except (KithError, StorageError, SecretError) as error:
            self._tell(str(error), "bad")
            self.frame()

    # What is on screen.

    def _tell(self, words: str, ink: str = "", *, anew: bool = False) -> None:
        """One more paragraph; `anew` takes the others away."""
        self._said = [*([] if anew else self._said), (clean_line(words, limit=2000), ink)]
        self._show()

    def _show(self) -> None:
        self.pane.tell(told(self._said))
        self.pane.last()

    # A new source.

    async def _added(self) -> None:
        typed, trouble = self._argument, ""
        while True:
            self.pane.tell(examples(trouble))
            answer = typed or await self.ask("Address", text=self._last)
            typed = ""
            if answer is None:
                self._leave()
                return
            self._last = answer
            try:
                address, self._allowed = addressed(answer)
                found = await self._found(address)
                chosen = await self._choose(found)
                if chosen is None:
                    trouble = ""
                    continue
                source = await self._taken_in(chosen)
            except (KithError, SecretError) as error:
                trouble = str(error)
                continue
            if source is not None:
                self._last = ""
                await self._arriving(source)
                return
            trouble = "Nothing was added."

    async def _found(self, address: str) -> list[Found]:
        shown = clean_line(address, limit=120)

        def trying(kind: str) -> None:
            self._tell(f"Looking at {shown}", "strong", anew=True)
            self._tell(f"Asking it as {kind} …", "dim")

        return await self.workspace.listening.probe(address, allow_hosts=self._allowed, trying=trying)

    async def _choose(self, found: Sequence[Found]) -> Found | None:
        """What the user wants of all that an address can be, None to try another one."""
        self._said = []
        for number, each in enumerate(found, 1):
            before = f"{number}  " if len(found) > 1 else ""
            self._tell(f"{before}{each.name or each.address} · {each.kind}", "strong")
            self._tell(each.address, "dim")
            for sentence in each.does:
                self._tell(f"+ {sentence}", "dim")
            for sentence in each.does_not:
                self._tell(f"– {sentence}", "dim")
            self._tell("")
        if len(found) == 1:
            return found[0] if await self.confirm(f"Add {found[0].name or found[0].address}?") else None
        choices = [
            Choice(str(at), each.name or each.address, each.kind, str(at)) for at, each in enumerate(found[:9], 1)
        ]
        picked = await self.ask("Which one", choices=choices)
        return found[int(picked) - 1] if picked and picked.isdecimal() and 0 < int(picked) <= len(found) else None

    async def _taken_in(self, found: Found) -> Source | None:
        """The source, added and logged in; None when the user left. Nothing is left behind then."""
        listening = self.workspace.listening
        source = await listening.add(found, allow_hosts=self._allowed, paused=True)
        done = False
        logged_in: Source | None = None
        try:
            if found.needs_credential or found.takes_credential:
                logged_in = await self._logged_in(source, needed=found.needs_credential)
                if logged_in is None and found.needs_credential:
                    return None
            if logged_in is not None:
                source = logged_in
            elif found.may_be_mine and await self.confirm(
                "Is it your own, so that what others write there is for you?"
            ):
                source = await listening.claim(source.id)
            source = await listening.resume(source.id)
            done = True
        finally:
            if not done:
                await listening.remove(source.id)
        return source

    async def _logged_in(self, source: Source, *, needed: bool) -> Source | None:
        """Ask for the credential and try it; None when the user left, or went on without."""
        logins = self.workspace.logins
        self._tell(f"Asking {source.name} how to log in …", "dim", anew=True)
        step = await logins.begin(source.id)
        if step is None:
            return None
        self._login_page(source, step, needed=needed)
        typed = await self._opened(step.url) if step.url else ""
        if typed is None:
            return None
        if step.asks_account and not source.account:
            account = await self.ask("Account")
            if account is None:
                return None
            if account.strip():
                source = await logins.sign_as(source.id, account)
        optional = step.optional or not needed
        while True:
            words = "Credential (nothing to go on without)" if optional else "Credential"
            typed = typed or await self.ask(words, hidden=True)
            if typed is None or (not typed.strip() and optional):
                return source if typed is not None and step.optional else None
            self._tell("Trying it …", "dim")
            try:
                return await logins.finish(source.id, step, typed)
            except (KithError, SecretError) as error:
                typed = ""
                self._login_page(source, step, needed=needed)
                self._tell(str(error), "bad")

    def _login_page(self, source: Source, step: LoginStep, *, needed: bool) -> None:
        self._tell(source.name, "strong", anew=True)
        self._tell(step.sentence)
        if step.url:
            self._tell(step.url, "here")
        if not needed:
            self._tell("Without a credential Kith can read here, and nothing more.", "dim")
            self._tell("")

    async def _opened(self, url: str) -> str | None:
        """Offer to open or copy the page of a login until the user goes on; what was pasted already, None to leave."""
        choices = [
            Choice("o", "open the page in the browser", value="open"),
            Choice("y", "copy its address", value="copy"),
            Choice("Enter", "go on: type what it shows", value="on"),
        ]
        while True:
            picked = await self.ask("Log in", choices=choices, hidden=True)
            if picked is None or picked not in {"open", "copy"}:
                return "" if picked == "on" else picked
            try:
                (self.kit.open_url if picked == "open" else self.kit.copy)(url)
            except WrongUsage as error:
                self.panel_says(str(error))
            else:
                self._tell("Opened in the browser." if picked == "open" else "Copied the address.", "dim")

    async def _arriving(self, source: Source) -> None:
        """What is there is being read, and what came of it."""
        mark = self.workspace.listening.mark()
        capabilities = self.workspace.listening.capabilities(source)
        whom = f" as {source.account}" if source.account else ""
        self._tell(f"Listening to {source.name}{whom}.", "strong", anew=True)
        self._tell(f"It can {', '.join(can(capabilities))}.")
        self._tell("Reading what is there …", "dim")
        self.frame()
        words, failed = await arrival(self.workspace, source.id, mark)
        self._said.pop()
        self._tell(words, "bad" if failed else "")
        self.frame()

    # A new credential.

    async def _renewed(self) -> None:
        number = self._argument.partition(" ")[2]
        source = self.workspace.listening.get(int(number) if number.isdecimal() else 0)
        logged_in = await self._logged_in(source, needed=True)
        if logged_in is None:
            step = await self.workspace.logins.begin(source.id)
            if step is None:
                self._tell(f"{source.name} takes no credential.", anew=True)
            else:
                self._leave()
            return
        self._tell(f"{logged_in.name} works{' as ' + logged_in.account if logged_in.account else ''}.", anew=True)
        await self.workspace.listening.ask_now(source.id)
        self.frame()

    def _leave(self) -> None:
        if len(self.app.screen_stack) > 1:
            self.dismiss()
        else:
            self.go("sources")


def addressed(typed: str) -> tuple[str, tuple[str, ...]]:
    """The address that was typed, and the places of a private network that were allowed with it. Pure.

    Raises `WrongUsage` for what is no HOST:PORT.
    """
    address, *allowed = typed.split("--allow-host")
    places = tuple(each.strip(" =") for each in allowed)
    wrong = next((each for each in places if not _PLACE.match(each)), None)
    if wrong is not None:
        raise WrongUsage(f"“{wrong}” is no HOST:PORT, like 127.0.0.1:8080.")
    return address.strip(), places
