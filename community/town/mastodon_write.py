"""What the user can do on the fediverse server: post, edit, delete, like, boost, follow, note, mark as read."""

from dataclasses import replace
from typing import Any

from community.town import mastodon_json as shape
from community.town.exchange import Fields, Request
from community.town.life import Life
from community.town.markup import length
from community.town.mastodon_about import MAX_CHARS
from community.town.mastodon_read import Refused
from community.town.records import Person, Status
from community.town.state import State

_REPLAY_S = 3600
_NOTE_CHARS = 2000
_VISIBILITIES = {"public", "unlisted", "private", "direct"}
ACTIONS = {
    "favourite": "write:favourites",
    "unfavourite": "write:favourites",
    "reblog": "write:statuses",
    "unreblog": "write:statuses",
    "bookmark": "write:bookmarks",
    "unbookmark": "write:bookmarks",
}


class Writer:
    """The user's hand."""

    def __init__(self, state: State, life: Life) -> None:
        self._state = state
        self._life = life
        self._replays: dict[str, tuple[int, str]] = {}
        self._markers: dict[str, tuple[str, int, int]] = {}

    def post(self, request: Request) -> dict[str, Any]:
        """Post a status; the same Idempotency-Key within the hour gives back the first one."""
        state, form = self._state, request.form
        key = request.headers.get("idempotency-key", "")
        made_at, made_id = self._replays.get(key, (0, ""))
        known = state.statuses.get(made_id)
        if key and known is not None and state.clock.now() - made_at < _REPLAY_S:
            return shape.status(state, known)
        text, spoiler = _checked(form)
        reply_to = form.get("in_reply_to_id") or None
        if reply_to and state.statuses.get(reply_to) is None:
            raise Refused(404, "Record not found")
        visibility = form.get("visibility") or "public"
        if visibility not in _VISIBILITIES:
            raise Refused(422, "Validation failed: Visibility is not included in the list")
        made = state.statuses.keep(
            replace(
                state.statuses.add(state.people.me, text, reply_to=reply_to),
                visibility=visibility,
                spoiler=spoiler,
                sensitive=form.flag("sensitive") or bool(spoiler),
                language=form.get("language") or "en",
            )
        )
        if key:
            self._replays[key] = (state.clock.now(), made.id)
        self._life.heard_status(made)
        return shape.status(state, made)

    def edit(self, status: Status, form: Fields) -> dict[str, Any]:
        """Give one of the user's statuses another text."""
        self._own(status)
        text, spoiler = _checked(form)
        changed = self._state.statuses.reword(status, text)
        changed = replace(changed, spoiler=spoiler, sensitive=form.flag("sensitive") or bool(spoiler))
        return shape.status(self._state, self._state.statuses.keep(changed))

    def delete(self, status: Status) -> dict[str, Any]:
        """Delete one of the user's statuses; the answer holds its text for another try."""
        self._own(status)
        last = shape.status(self._state, status) | {"text": status.text}
        self._state.statuses.remove(status)
        return last

    def act(self, name: str, status: Status) -> dict[str, Any]:
        """Favourite, boost or bookmark a status, or take that back; doing it twice changes nothing."""
        statuses, me = self._state.statuses, self._state.people.me
        match name:
            case "favourite":
                status = statuses.favourite(status, me)
            case "unfavourite":
                status = statuses.keep(replace(status, favourited_by=status.favourited_by - {me.key}))
            case "bookmark" | "unbookmark":
                status = statuses.keep(replace(status, bookmarked=name == "bookmark"))
            case "reblog":
                return shape.status(self._state, self._boost(status))
            case "unreblog":
                boost = self._boost_of(status)
                if boost is not None:
                    statuses.remove(boost)
                status = statuses.keep(replace(status, reblogged_by=status.reblogged_by - {me.key}))
        return shape.status(self._state, status)

    def note(self, person: Person, form: Fields) -> dict[str, Any]:
        """Write a private note about somebody; an empty one clears it."""
        comment = form.get("comment")
        if len(comment) > _NOTE_CHARS:
            raise Refused(422, f"Validation failed: Comment is too long (maximum is {_NOTE_CHARS} characters)")
        self._state.marks[f"note {person.key}"] = comment
        return shape.relationship(self._state, person)

    def follow(self, person: Person, *, yes: bool) -> dict[str, Any]:
        """Follow somebody, or stop."""
        if yes:
            self._state.following.add(person.key)
        else:
            self._state.following.discard(person.key)
        return shape.relationship(self._state, person)

    def dismiss(self, notice_id: str | None) -> dict[str, Any]:
        """Drop one notification, or all."""
        if not self._state.statuses.dismiss(notice_id) and notice_id is not None:
            raise Refused(404, "Record not found")
        return {}

    def last_read(self, timeline: str) -> str:
        """How far a timeline was read; empty when never."""
        return self._markers.get(timeline, ("", 0, 0))[0]

    def markers(self, timelines: list[str]) -> dict[str, Any]:
        """The read marks asked for by name."""
        return {
            name: {"last_read_id": last, "version": version, "updated_at": shape.stamp(at)}
            for name, (last, version, at) in self._markers.items()
            if name in timelines
        }

    def set_markers(self, form: Fields) -> dict[str, Any]:
        """Move the read marks that the form names."""
        changed = [name for name in ("home", "notifications") if f"{name}[last_read_id]" in form]
        for name in changed:
            version = self._markers.get(name, ("", 0, 0))[1] + 1
            self._markers[name] = (form.get(f"{name}[last_read_id]"), version, self._state.clock.now())
        return self.markers(changed)

    def _own(self, status: Status) -> None:
        if status.author.key != self._state.people.me.key or status.reblog_of:
            raise Refused(404, "Record not found")

    def _boost(self, status: Status) -> Status:
        if status.visibility in {"private", "direct"}:
            raise Refused(422, "Validation failed: This action is not allowed")
        known = self._boost_of(status)
        if known is not None:
            return known
        me = self._state.people.me
        self._state.statuses.reblog(status, me)
        return self._state.statuses.keep(replace(self._state.statuses.add(me, ""), reblog_of=status.id))

    def _boost_of(self, status: Status) -> Status | None:
        return next((row for row in self._state.statuses.all() if row.reblog_of == status.id), None)


def _checked(form: Fields) -> tuple[str, str]:
    text, spoiler = form.get("status").strip(), form.get("spoiler_text").strip()
    if not text:
        raise Refused(422, "Validation failed: Text can't be blank")
    if length(spoiler) + length(text) > MAX_CHARS:
        raise Refused(422, f"Validation failed: Text character limit of {MAX_CHARS} exceeded")
    return text, spoiler
