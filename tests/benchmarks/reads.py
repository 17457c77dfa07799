"""Every read that a screen or a command waits for, by name: what the plan test, the work test and the bench go over."""

from collections.abc import Callable, Iterator
from functools import partial

from community.model import NEWEST, OLDEST, RANK
from community.query import Query, parse
from community.timeline import parse as parse_timeline
from community.workspace import Workspace
from generate import NOW
from storage.rows import Number
from tui.widgets.run import PAGE

Read = Callable[[], object]

VIEWS = ("waiting", "reading", "answered", "snoozed", "done", "resting", "muted")
QUERIES = (
    "", "is:open", "is:new", "is:starred", "is:draft", "is:back", "is:pending", "is:mine", "has:question", "has:note",
    "has:tag", "has:reminder", "from:{name}", "with:{name}", "-with:{name}", "source:5", "source:feed", "stage:friend",
    "stage:ally", "tag:tag3", "newer:30d", "older:3y", "{word}", "{rare}", "zzznothing", "is:waiting stage:friend",
    "is:waiting has:question", "is:waiting -stage:friend tag:tag3", "is:waiting {word}", "is:reading is:new",
    "source:5 is:waiting",
)  # fmt: skip
_PEOPLE = ("", "is:waiting", "has:note", "has:promise", "from:{name}", "stage:ally", "tag:tag3", "newer:30d", "{name}")
_ARTICLES = ("", "is:new", "is:reading", "from:{name}", "source:5", "stage:friend", "newer:30d", "{word}", "zzznothing")
_ORDERS = {"by weight": RANK, "newest": NEWEST, "oldest": OLDEST}


def reads(workspace: Workspace, *, limit: int = PAGE) -> dict[str, Read]:
    """Each of them; pages have `limit` rows, as many as a list on screen asks for."""
    newest = workspace.store.reader.one(Number, "SELECT max(id) AS n FROM conversation").n
    said = sorted(workspace.conversations.open(newest).items[0][0].text.lower().rstrip(".?").split(), key=len)
    name = max(workspace.people.card(5).person.name.lower().split(), key=len)
    words = {"name": name, "word": said[0], "rare": said[-1]}
    return {
        **dict(_lists(workspace, words, limit)),
        **dict(_pages(workspace, newest, limit)),
    }


def _asked(text: str, words: dict[str, str], target: str = "conversations") -> Query:
    return parse(text.format(**words), now=NOW, target=target)


def _lists(workspace: Workspace, words: dict[str, str], limit: int) -> Iterator[tuple[str, Read]]:
    page, count = workspace.conversations.page, workspace.conversations.count
    for text in (*(f"is:{view}" for view in VIEWS), *QUERIES):
        query = _asked(text, words)
        for name, order in _ORDERS.items():
            yield f"{text or 'everything'}, {name}", partial(page, query, order=order, limit=limit)
        yield f"{text or 'everything'}, counted", partial(count, query, at_most=limit * 10)
    for text in _PEOPLE:
        yield f"people {text}".strip(), partial(workspace.people.page, _asked(text, words, "people"), limit=limit)
    for text in _ARTICLES:
        yield f"articles {text}".strip(), partial(workspace.articles, _asked(text, words, "articles"), limit=limit)
    for status in ("pending", "spam", "trash"):
        yield f"desk {status}", partial(workspace.desk, _asked("", words, "desk"), status=status, limit=limit)
    for text in ("", "is:draft", "is:failed", "is:uncertain", "is:sent"):
        yield f"outbox {text}".strip(), partial(workspace.outbox.listed, _asked(text, words, "outbox"))


def _pages(workspace: Workspace, newest: int, limit: int) -> Iterator[tuple[str, Read]]:
    conversations, people = workspace.conversations, workspace.people
    middle = newest // 2 + 1
    last = conversations.page(Query(), order=NEWEST, limit=limit)[-1]
    yield "the numbers in the header", partial(conversations.counts, at_most=1000)
    yield "open a conversation", partial(conversations.open, middle)
    yield "lines of conversations", partial(conversations.rows, range(1, limit))
    yield "what to answer", partial(conversations.answerable, middle)
    yield "who else wrote", partial(conversations.voices, [middle])
    for name, row in (("the second page", last), ("a page in the middle", conversations.row(middle))):
        yield name, partial(conversations.page, Query(), order=NEWEST, beside=row, limit=limit)
    yield "the last page", partial(conversations.page, Query(), order=NEWEST, forward=False, limit=limit)
    yield "the views", conversations.saved_views
    for person in (1, 7):
        yield f"the card of person {person}", partial(people.card, person)
        yield f"the timeline of person {person}", partial(people.timeline, person, limit=limit)
        yield f"the oldest of person {person}", partial(people.timeline, person, older=False, limit=limit)
        line = people.timeline(person, limit=limit)[-1]
        for older in (True, False):
            words = "older" if older else "newer"
            yield (
                f"{words} than a line of person {person}",
                partial(
                    people.timeline,
                    person,
                    beside=line,
                    older=older,
                    limit=limit,
                    wanted=parse_timeline("is:words", []),
                ),
            )
        yield f"the step of person {person}", partial(workspace.stages.suggestion, person)
        yield f"the stages of person {person}", partial(workspace.stages.log, person)
    waits = workspace.loops.waiting(limit=1)
    yield "who waits, as loops", partial(workspace.loops.waiting, limit=limit)
    yield "the next who wait", partial(workspace.loops.waiting, after=waits[0] if waits else None, limit=limit)
    yield "what I asked", workspace.loops.asked
    yield "what I promised", workspace.loops.promises
    yield "suggested steps", workspace.stages.suggestions
    yield "who is overdue", partial(workspace.keeping.overdue, limit=limit)
    yield "how many are overdue", workspace.keeping.count
    yield "tags with a cadence", workspace.keeping.tags
    alike = workspace.identities
    yield "who may be one person", partial(alike.suggested, limit=limit)
    yield "what was left open", partial(alike.suggested, is_left=True, limit=limit)
    yield "how many may be one person", alike.count
    yield "who else a person may be", partial(alike.suggested_for, 5)
    yield "why two may be one", partial(alike.reasons, 5, 6)
    yield "who was joined with a person", partial(alike.mergings, 5)
    yield "who is hidden", workspace.forgetting.hidden
    yield "promises", people.promises
    yield "people found by name", partial(people.find, "ba")
    yield "sources", workspace.sources
    beside = workspace.source_page(limit=2)[-1]
    for forward in (True, False):
        place = (beside.name, beside.id)
        words = f"sources {'after' if forward else 'before'} one"
        yield words, partial(workspace.source_page, beside=place, forward=forward, limit=limit)
    yield "some sources", partial(workspace.source_rows, range(1, limit))
    yield "who waits at some sources", partial(workspace.waiting_at, range(1, limit), at_most=limit)
    yield "whether there are sources", workspace.has_sources
    yield "what can be approved", workspace.listening.can_approve
    yield "what has arrived", partial(workspace.listening.arrived, workspace.listening.mark() - limit)
