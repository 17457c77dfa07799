"""The scripted news: comments, statuses, articles, touches, second thoughts. What they refer to may be gone by then."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from community.town.records import Comment, Entry, Status
from community.town.state import State

Event = dict[str, Any]


def happen(state: State, event: Event) -> None:
    """Let one event of the script happen."""
    _NEWS[event["do"]](state, event)


def _comment(state: State, event: Event) -> None:
    posts = {post.slug: post for post in state.comments.posts.values()}
    parent = state.comments.get(int(state.marks.get(event["to"], 0))) if "to" in event else None
    if "to" in event and (parent is None or parent.status != "approved"):
        return
    made = state.comments.add(
        posts[event["post"]].id,
        parent.id if parent else 0,
        state.people[event["by"]],
        event["text"].strip(),
        status=event.get("status", "approved"),
        hopes=tuple(event.get("hopes", ())),
    )
    state.mark(event, made.id)


def _status(state: State, event: Event) -> None:
    parent = state.statuses.get(str(state.marks.get(event["to"], ""))) if "to" in event else None
    if "to" in event and parent is None:
        return
    author = state.people[event["by"]]
    made = state.statuses.add(author, event["text"].strip(), reply_to=parent.id if parent else None)
    made = state.statuses.keep(replace(made, hopes=tuple(event.get("hopes", ()))))
    state.mark(event, made.id)
    state.announce(made)


def _entry(state: State, event: Event) -> None:
    entry = Entry(event["slug"], event["title"], event["text"].strip(), state.clock.now())
    state.publish(event["by"], entry)


def _reword(state: State, event: Event) -> None:
    comment, status = _meant(state, event)
    if comment is not None:
        state.comments.reword(comment, event["text"].strip())
    if status is not None:
        state.statuses.reword(status, event["text"].strip())


def _remove(state: State, event: Event) -> None:
    comment, status = _meant(state, event)
    if comment is not None:
        state.comments.remove(comment)
    if status is not None:
        state.statuses.remove(status)


def _meant(state: State, event: Event) -> tuple[Comment | None, Status | None]:
    mark = state.marks.get(event["on"])
    if isinstance(mark, int):
        return state.comments.get(mark), None
    return None, state.statuses.get(mark)


def _touch(state: State, event: Event) -> None:
    state.touch(event["do"], event["by"], event.get("on", ""))


_NEWS: dict[str, Callable[[State, Event], None]] = {
    "comment": _comment,
    "status": _status,
    "entry": _entry,
    "reword": _reword,
    "remove": _remove,
    "favourite": _touch,
    "reblog": _touch,
    "follow": _touch,
}
