"""What can be done with a person, wherever one is chosen: write, log, merge, open their site."""

import asyncio
from collections.abc import Sequence

from community.actions import Selection
from community.errors import NotFound, WrongUsage
from community.model import Act, Alike, ConversationRow
from community.outcomes import KINDS
from community.people import DIRECTIONS, TOUCHPOINTS
from community.text import safe_url
from community.when import past
from community.workspace import Workspace
from tui.screens.place import Place
from tui.widgets.canvas import cut, wrapped
from tui.widgets.panel import Choice
from tui.widgets.portrait import Known, site_of

_KIND_KEYS = dict(zip(TOUCHPOINTS, "mclfigtv", strict=True))
_OUTCOME_KEYS = dict(zip(KINDS, "cfirso", strict=True))
_DIRECTION_WORDS = {"given": "I did it for them", "received": "they did it for me", "mutual": "both of us"}
_GOES_ON = 200


def gathered(workspace: Workspace, person_id: int, now: int) -> Known:
    """What a portrait of this person needs. Raises `NotFound`."""
    timeline = tuple(workspace.people.timeline(person_id, limit=_GOES_ON))
    return Known(workspace.people.card(person_id), timeline, now, tuple(workspace.people.feeds(person_id)))


class PersonVerbs(Place):
    """A place where a person is chosen. What asks more than one question asks it here, one after the other."""

    def perform(self, action_id: str, argument: str = "", *, chosen: Selection | None = None) -> None:
        """Carry out an action; logging and merging ask in their own way."""
        asking = {"person.log": self._log, "person.outcome": self._outcome, "person.merge": self._merge}.get(action_id)
        about = None
        if asking is not None and not argument:  # else nobody needs to know, and asking may read a conversation
            about = chosen if chosen is not None else self.selection()
        if asking is not None and about is not None and about.people:
            self.hold()
            self.run_worker(self._reported(asking(about)), group="moves")
        else:
            super().perform(action_id, argument, chosen=chosen)

    async def _log(self, about: Selection) -> None:
        kind = await self.ask("Log what", choices=[Choice(_KIND_KEYS[each], each, value=each) for each in TOUCHPOINTS])
        if not kind:
            return
        direction = await self.ask(
            f"Log: {kind}", choices=[Choice(each[0], _DIRECTION_WORDS[each], value=each) for each in DIRECTIONS]
        )
        if not direction:
            return
        text = await self.ask(f"Log: {kind} ({direction}), what about")
        if text is None:
            return
        is_left, at = await self._day()
        if not is_left:
            self.say(await self.workspace.people.log(about.people[0], kind, direction, text, at=at))
            self.acted("person.log", about)

    async def _outcome(self, about: Selection) -> None:
        kind = await self.ask(
            "What came of it", choices=[Choice(_OUTCOME_KEYS[each], each, value=each) for each in KINDS]
        )
        if not kind:
            return
        text = await self.ask(f"Outcome: {kind}, what exactly")
        if text is None:
            return
        is_left, at = await self._day()
        if not is_left:
            of = next(iter(about.conversations), None)
            outcomes = self.workspace.outcomes
            self.say(await outcomes.log(about.people[0], kind, text, at=at, conversation_id=of))
            self.acted("person.outcome", about)

    async def _day(self) -> tuple[bool, int | None]:
        """Whether the user left, and the past day that was named, None for today."""
        day = ""
        while (typed := await self.ask("When (Enter for today, or like “last tuesday”)", text=day)) is not None:
            day = typed.strip()
            try:
                return False, await asyncio.to_thread(past, day, now=self.kit.now) if day else None
            except WrongUsage as error:
                self.panel_says(str(error))
        return True, None

    async def _merge(self, about: Selection) -> None:
        kept = about.people[0]
        name = self.workspace.people.card(kept).person.name

        def found(words: str) -> Sequence[Choice]:
            if not words.strip():
                return [self._suggested(kept, pair) for pair in self.workspace.identities.suggested_for(kept)]
            return [
                Choice("", each.name, self._handles(each.id), str(each.id))
                for each in self.workspace.people.find(words)
                if each.id != kept
            ]

        typed = await self.ask(f"Who else is {name}", complete=found)
        other = self._picked.value if typed is not None and self._picked is not None else ""
        if typed is None or not other.isdecimal():
            if typed:
                raise WrongUsage("Nobody else is called that: type a name or handle as it stands in People.")
            return
        named = self.workspace.people.card(int(other)).person.name
        warning = self.workspace.identities.warning(kept, int(other))
        lines = [*wrapped(warning, max(20, self.size.width - 4))] if warning else []
        lines += [f"{called}: {self._handles(each)}" for called, each in ((named, int(other)), (name, kept))]
        self.panel.show("", [Choice("", line) for line in lines])
        question = f"Is {cut(named, 20)} also {cut(name, 20)}? You can part them again."
        is_same = await self.confirm(question)
        self.panel.close()
        if is_same:
            self.say(await self.workspace.identities.merge(kept, int(other)))
            self.acted("person.merge", about)

    def _suggested(self, kept: int, pair: Alike) -> Choice:
        other, name = (pair.other_id, pair.other_name) if pair.one_id == kept else (pair.one_id, pair.one_name)
        why = ", ".join(each.words for each in self.workspace.identities.reasons(pair.one_id, pair.other_id))
        return Choice("", name, why, str(other))

    def _handles(self, person_id: int) -> str:
        card = self.workspace.people.card(person_id)
        return ", ".join(dict.fromkeys(f"{each.handle} {each.network.partition(':')[0]}" for each in card.identities))

    def do_person_write(self, _argument: str) -> None:
        """Answer what they said last, where that can be answered; the conversation in which they wait first."""
        row = self._to_answer()
        self.go("conversation", f"{row.id} 0 reply")

    def _to_answer(self) -> ConversationRow:
        people = self.selection().people
        if not people:
            raise WrongUsage("Choose a person first.")
        known = gathered(self.workspace, people[0], self.kit.now)
        said = list(dict.fromkeys(
            row.conversation_id for row in known.late if row.what == "incoming" and row.conversation_id is not None
        ))  # fmt: skip
        waiting = {loop.id for loop in known.card.waits}
        rows = sorted(self.workspace.conversations.rows(said), key=lambda row: row.id not in waiting)
        reasons: list[str] = []
        for row in rows:
            try:
                can = self.workspace.listening.capabilities(self.workspace.listening.get(row.source_id))
            except NotFound:
                continue
            if Act.REPLY in can.acts:
                return row
            reasons.append(can.why_not.get(Act.REPLY, ""))
        if not rows:
            raise WrongUsage(f"{known.card.person.name} has said nothing that could be answered yet.")
        why = next((each for each in reasons if each), "Nothing they said can be answered from here.")
        raise WrongUsage(f"{why} {self.kit.keymap.key_of('person.site')} opens their site.")

    async def do_person_site(self, _argument: str) -> None:
        """Open their own site; several are offered."""
        people = self.selection().people
        if not people:
            raise WrongUsage("Choose a person first.")
        card = self.workspace.people.card(people[0])
        sites = {site_of(each): safe_url(each.url or "") for each in card.identities}
        found = [(site, url) for site, url in sites.items() if site and url]
        if not found:
            raise WrongUsage(f"No site of {card.person.name} is known.")
        url: str | None = found[0][1]
        if len(found) > 1:
            choices = [Choice(str(at), site, value=address) for at, (site, address) in enumerate(found[:9], 1)]
            url = await self.ask("Open", choices=choices)
        if url and url in dict(found).values():
            self.kit.open_url(url)
            self.say("Opened in the browser.")
