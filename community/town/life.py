"""The town's own life: when the news come, and what people answer when they are spoken to."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from community.town.markup import mentioned
from community.town.news import happen
from community.town.records import Comment, Person, Status
from community.town.state import State, read, seconds

_ANSWERS_PER_THREAD = 2
_FIRST_DELAY_S = 3.0
_LAST_DELAY_S = 8.0
_FAVOURITE_DELAY_S = 2.0


class Life:
    """Lets the scripted news happen and lets people answer the user, never for ever in one thread."""

    def __init__(self, state: State, seed: int) -> None:
        self._state = state
        self._rng = random.Random(seed)
        self._said: Counter[str] = Counter()
        self._answered: Counter[tuple[str, str]] = Counter()
        self._hopes: dict[tuple[str, str], list[str]] = {}

    def schedule(self) -> None:
        """Plan everything that is going to happen by itself."""
        for event in read("life", self._state.addresses.base)["events"]:
            delay_s = seconds(event["after"]) * self._rng.uniform(0.9, 1.1)
            self._later(delay_s, partial(happen, self._state, event))

    def heard_comment(self, comment: Comment) -> None:
        """The user wrote a comment: whoever it answers will answer."""
        parent = self._state.comments.get(comment.parent_id)
        if parent is None or parent.kind != "comment" or parent.status != "approved":
            return
        thread = f"comment {self._state.comments.root(comment).id}"
        line = self._line(parent.author, thread, parent.hopes, likes=False)
        if line:
            self._later(self._pause(), partial(self._answer_comment, comment.id, parent.author, line))

    def approved(self, comment: Comment) -> None:
        """The user let a comment through: its author, glad to be heard, goes on."""
        thread = f"comment {self._state.comments.root(comment).id}"
        if comment.hopes and not self._answered[comment.author.key, thread]:
            line = self._line(comment.author, thread, comment.hopes, likes=False)
            if line:
                self._later(self._pause(), partial(self._answer_comment, comment.id, comment.author, line))

    def heard_status(self, status: Status) -> None:
        """The user wrote a status: whoever it answers or names will answer."""
        state = self._state
        parent = state.statuses.get(status.reply_to)
        spoken_to = parent is not None and parent.author.key != state.people.me.key
        people = [parent.author] if parent and spoken_to else mentioned(status.text, state.resolver(status.author))
        root = (state.statuses.ancestors(status) or [status])[0]
        for person in people:
            hopes = parent.hopes if parent and spoken_to else ()
            line = self._line(person, f"status {root.id}", hopes, likes=True)
            if line is None:
                continue
            pause_s = self._pause()
            if line == "" or self._rng.random() < 0.5:
                self._later(_FAVOURITE_DELAY_S, partial(self._favourite, status.id, person))
            if line:
                self._later(pause_s, partial(self._answer_status, status.id, person, line))

    def _line(self, person: Person, thread: str, hopes: tuple[str, ...], *, likes: bool) -> str | None:
        """What somebody says next in a thread: a line, "" for a silent like, None when they have said enough."""
        if person.key == self._state.people.me.key or not (person.answers or hopes):
            return None
        turn = self._answered[person.key, thread]
        self._answered[person.key, thread] += 1
        if turn < _ANSWERS_PER_THREAD:
            fitting = self._hopes.setdefault((person.key, thread), list(hopes))
            return fitting.pop(0) if fitting else self._next_of(person, "answers", person.answers)
        if turn > _ANSWERS_PER_THREAD:
            return None
        return "" if likes else self._next_of(person, "thanks", person.thanks) or None

    def _next_of(self, person: Person, kind: str, lines: tuple[str, ...]) -> str:
        if not lines:
            return ""
        said = self._said[f"{kind} {person.key}"]
        self._said[f"{kind} {person.key}"] += 1
        return lines[said % len(lines)]

    def _answer_comment(self, to: int, author: Person, line: str) -> None:
        comments = self._state.comments
        parent = comments.get(to)
        if parent is not None and parent.status == "approved":
            status = "approved" if comments.knows(author) else "hold"
            comments.add(parent.post_id, parent.id, author, line, status=status)

    def _answer_status(self, to: str, author: Person, line: str) -> None:
        parent = self._state.statuses.get(to)
        if parent is None:
            return
        visibility = "public" if parent.visibility == "unlisted" else parent.visibility
        me = self._state.people.me
        made = self._state.statuses.add(author, f"@{me.handle} {line}", reply_to=to)
        made = self._state.statuses.keep(replace(made, visibility=visibility, spoiler=parent.spoiler))
        self._state.announce(made)

    def _favourite(self, status_id: str, person: Person) -> None:
        status = self._state.statuses.get(status_id)
        if status is not None:
            self._state.statuses.favourite(status, person)

    def _pause(self) -> float:
        return self._rng.uniform(_FIRST_DELAY_S, _LAST_DELAY_S)

    def _later(self, delay_s: float, act: Callable[[], None]) -> None:
        def locked() -> None:
            with self._state.lock:
                act()

        self._state.clock.after(delay_s, locked)
