"""The verbs: one registry that keys, footer, help, palette, the `:` line, bulk selection and the CLI all call.

An action with `run` changes something and says so in one sentence; one without is a move on the screen, which the
screen itself carries out under the same id.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from community import cadence, when
from community.asides import promised
from community.conversations import FOREVER
from community.errors import WrongUsage
from community.model import Act
from community.people import DIRECTIONS
from community.workspace import Workspace


class Scope(StrEnum):
    """Where an action makes sense."""

    EVERYWHERE = "everywhere"
    GO = "go to"
    LIST = "lists"
    CONVERSATION = "conversation"
    DESK = "comment desk"
    COMPOSER = "composer"
    REVIEW = "review bar"
    PERSON = "person"
    IDENTITY = "handles"
    OUTBOX = "outbox"
    SOURCE = "sources"


@dataclass(frozen=True, slots=True)
class Selection:
    """What an action is about, as far as the place it is called from knows, and what the user typed for it."""

    conversations: tuple[int, ...] = ()
    items: tuple[int, ...] = ()
    people: tuple[int, ...] = ()
    outbox: tuple[int, ...] = ()
    source: int | None = None
    argument: str = ""
    pair: tuple[int, int] | None = None
    identity: int | None = None
    merging: int | None = None


Run = Callable[[Workspace, Selection], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Action:
    """One verb. `asks` is the question when it needs an argument; `confirms` the one before it is done."""

    id: str
    label: str
    help: str
    scope: Scope
    synonyms: tuple[str, ...] = ()
    run: Run | None = None
    asks: str = ""
    confirms: str = ""


def _on_conversations(verb: str) -> Run:
    async def run(workspace: Workspace, chosen: Selection) -> str:
        if not chosen.conversations:
            raise WrongUsage("Choose a conversation first.")
        sentence: str = await getattr(workspace.conversations, verb)(chosen.conversations)
        return sentence

    return run


async def _snooze(workspace: Workspace, chosen: Selection) -> str:
    if not chosen.conversations:
        raise WrongUsage("Choose a conversation first.")
    words = chosen.argument.strip() or "tomorrow"
    if words in {"r", "until they reply", "reply"}:
        return await workspace.conversations.snooze(chosen.conversations, FOREVER)
    until = when.future(words, now=workspace.store.now())
    return await workspace.conversations.snooze(chosen.conversations, until)


async def _remind(workspace: Workspace, chosen: Selection) -> str:
    if not chosen.conversations:
        raise WrongUsage("Choose a conversation first.")
    words = chosen.argument.strip() or "in 3 days"
    at = None if words in {"never", "no"} else when.future(words, now=workspace.store.now())
    return await workspace.conversations.remind(chosen.conversations, at)


async def _tag(workspace: Workspace, chosen: Selection) -> str:
    if chosen.conversations:
        return await workspace.conversations.tag(chosen.conversations, chosen.argument)
    return await _tag_person(workspace, chosen)


async def _tag_person(workspace: Workspace, chosen: Selection) -> str:
    if not chosen.people:
        raise WrongUsage("Choose a person first.")
    return await workspace.people.tag(chosen.people, chosen.argument)


def _person(chosen: Selection) -> int:
    if not chosen.people:
        raise WrongUsage("Choose a person first.")
    return chosen.people[0]


async def _note(workspace: Workspace, chosen: Selection) -> str:
    return await workspace.people.note(_person(chosen), chosen.argument)


async def _promise(workspace: Workspace, chosen: Selection) -> str:
    said = promised(chosen.argument, now=workspace.store.now())
    about = next(iter(chosen.conversations), None)
    return await workspace.people.promise(_person(chosen), said.text, due_at=said.due_at, conversation_id=about)


async def _log(workspace: Workspace, chosen: Selection) -> str:
    kind, _, rest = chosen.argument.strip().partition(" ")
    text, at = _dated(rest, workspace.store.now())
    direction, _, said = text.partition(" ")
    if direction in DIRECTIONS:
        text = said
    else:
        direction = "mutual"
    return await workspace.people.log(_person(chosen), kind, direction, text, at=at)


def _dated(text: str, now: int) -> tuple[str, int | None]:
    """`text` without the day it ends with, "… on last tuesday", and that day; None where it ends with none."""
    said, _, day = text.rpartition(" on ")
    if not said:
        return text, None
    try:
        return said, when.past(day, now=now)
    except WrongUsage:
        return text, None


async def _outward(workspace: Workspace, chosen: Selection) -> str:
    return await workspace.stages.step(_person(chosen), outward=True, why=chosen.argument)


async def _inward(workspace: Workspace, chosen: Selection) -> str:
    return await workspace.stages.step(_person(chosen), outward=False, why=chosen.argument)


async def _accept_step(workspace: Workspace, chosen: Selection) -> str:
    return await workspace.stages.accept(_person(chosen))


async def _refuse_step(workspace: Workspace, chosen: Selection) -> str:
    return await workspace.stages.refuse(_person(chosen))


async def _why(workspace: Workspace, chosen: Selection) -> str:
    log = workspace.stages.log(_person(chosen))
    if not log:
        raise WrongUsage("No step of this person is in the log yet.")
    return await workspace.stages.explain(_person(chosen), log[0].id, chosen.argument)


async def _cadence(workspace: Workspace, chosen: Selection) -> str:
    return await workspace.keeping.set(chosen.people, chosen.argument)


async def _rest_person(workspace: Workspace, chosen: Selection) -> str:
    return await workspace.keeping.rest(chosen.people)


async def _merge(workspace: Workspace, chosen: Selection) -> str:
    kept = _person(chosen)
    found = [each for each in workspace.people.find(chosen.argument) if each.id != kept]
    if not found:
        raise WrongUsage("Nobody else is called that: type a name or handle as it stands in People.")
    if len(found) > 1 and found[0].name.casefold() != chosen.argument.strip().casefold():
        names = ", ".join(each.name for each in found[:5])
        raise WrongUsage(f"Several people match ({names}): type more of the name.")
    return await workspace.identities.merge(kept, found[0].id)


def _on_pair(verb: str) -> Run:
    async def run(workspace: Workspace, chosen: Selection) -> str:
        if chosen.pair is None:
            raise WrongUsage("Choose two people who may be one first.")
        sentence: str = await getattr(workspace.identities, verb)(*chosen.pair)
        return sentence

    return run


async def _split(workspace: Workspace, chosen: Selection) -> str:
    if chosen.merging is not None:
        return await workspace.identities.take_apart(chosen.merging)
    if chosen.identity is not None:
        return await workspace.identities.split_off(_person(chosen), chosen.identity)
    joined = workspace.identities.mergings(_person(chosen))
    if not joined:
        raise WrongUsage("Nobody was joined with this person: choose one of their handles to split it off.")
    return await workspace.identities.take_apart(joined[0].id)


def _on_person(verb: str) -> Run:
    async def run(workspace: Workspace, chosen: Selection) -> str:
        sentence: str = await getattr(workspace.forgetting, verb)(_person(chosen))
        return sentence

    return run


async def _read_site(workspace: Workspace, chosen: Selection) -> str:
    return await workspace.sites.read(_person(chosen))


async def _rename(workspace: Workspace, chosen: Selection) -> str:
    return await workspace.people.rename(_person(chosen), chosen.argument)


def _act(act: Act, said: str) -> Run:
    async def run(workspace: Workspace, chosen: Selection) -> str:
        if not chosen.items:
            raise WrongUsage("Choose an item first.")
        for item_id in chosen.items:
            target = workspace.outbox.target(item_id)
            source = workspace.listening.get(target.source_id)
            await workspace.outbox.act(item_id, act, workspace.listening.capabilities(source))
        return f"{said}; u takes it back for {workspace.config.undo_s} s."

    return run


async def _undo(workspace: Workspace, _chosen: Selection) -> str:
    return await workspace.undo.undo()


async def _redo(workspace: Workspace, _chosen: Selection) -> str:
    return await workspace.undo.redo()


async def _sync(workspace: Workspace, _chosen: Selection) -> str:
    await workspace.listening.ask_now()
    return "Asking every source now."


async def _sync_source(workspace: Workspace, chosen: Selection) -> str:
    if chosen.source is None:
        raise WrongUsage("Choose a source first.")
    await workspace.listening.ask_now(chosen.source)
    return "Asking this source now."


def _on_outbox(verb: str, *words: str) -> Run:
    async def run(workspace: Workspace, chosen: Selection) -> str:
        if not chosen.outbox:
            raise WrongUsage("Choose an entry of the outbox first.")
        sentence = ""
        for outbox_id in chosen.outbox:
            sentence = await getattr(workspace.outbox, verb)(outbox_id, *words)
        return sentence

    return run


async def _posted(workspace: Workspace, chosen: Selection) -> str:
    """The chosen entries, else those of the conversation that are to be posted by hand."""
    ids = chosen.outbox or tuple(row.id for each in chosen.conversations for row in workspace.outbox.by_hand(each))
    if not ids:
        raise WrongUsage("Nothing is to be posted by hand here.")
    sentence = ""
    for outbox_id in ids:
        sentence = await workspace.outbox.posted(outbox_id)
    return sentence


def _on_source(verb: str, said: str) -> Run:
    async def run(workspace: Workspace, chosen: Selection) -> str:
        if chosen.source is None:
            raise WrongUsage("Choose a source first.")
        source = await getattr(workspace.listening, verb)(chosen.source)
        return f"{said}: {source.name}."

    return run


async def _visit(workspace: Workspace, chosen: Selection) -> str:
    return await workspace.visits.visited(_person(chosen), next(iter(chosen.items), None))


async def _find_feeds(workspace: Workspace, chosen: Selection) -> str:
    return await workspace.visits.find_feeds(_person(chosen))


async def _freeze(workspace: Workspace, chosen: Selection) -> str:
    if chosen.source is None:
        raise WrongUsage("Choose a source first.")
    return await workspace.sunset.freeze(chosen.source)


async def _revive(workspace: Workspace, chosen: Selection) -> str:
    if chosen.source is None:
        raise WrongUsage("Choose a source first.")
    return await workspace.sunset.revive(chosen.source)


_ALL, _GO, _LIST, _CONV = Scope.EVERYWHERE, Scope.GO, Scope.LIST, Scope.CONVERSATION

ACTIONS: tuple[Action, ...] = (
    Action("move.down", "down", "To the next line.", _LIST, ("next",)),
    Action("move.up", "up", "To the line before.", _LIST, ("previous",)),
    Action("move.first", "first", "To the first line.", _LIST, ("top", "home")),
    Action("move.last", "last", "To the last line.", _LIST, ("bottom", "end")),
    Action("move.page_down", "page down", "Half a page down.", _LIST, ("scroll",)),
    Action("move.page_up", "page up", "Half a page up.", _LIST, ("scroll",)),
    Action("move.pane_right", "next pane", "To the pane on the right.", _ALL, ("focus", "tab")),
    Action("move.pane_left", "pane before", "To the pane on the left.", _ALL, ("focus",)),
    Action("read.down", "scroll down", "Scroll the reading pane from the list.", _LIST, ("preview",)),
    Action("read.up", "scroll up", "Scroll the reading pane back.", _LIST, ("preview",)),
    Action("open", "open", "Open what the cursor is on.", _LIST, ("enter", "show", "read")),
    Action("back", "back", "One step back.", _ALL, ("close", "leave", "escape")),
    Action("quit", "quit", "Leave Kith; drafts and the outbox are kept.", _ALL, ("exit",)),
    Action("next.waiting", "next waiting", "To the next conversation that needs you.", _LIST, ("unread",)),
    Action("previous.waiting", "previous waiting", "To the one before that needs you.", _LIST, ("unread",)),
    Action("search", "search", "Find anything ever stored.", _ALL, ("find", "grep")),
    Action("search.next", "next hit", "The next place where it was found.", _LIST, ("find next",)),
    Action("search.previous", "previous hit", "The one before.", _LIST, ("find previous",)),
    Action("filter", "filter", "Show only what a query names.", _LIST, ("limit", "query", "narrow")),
    Action("filter.save", "save view", "Keep this query as a view of the inbox.", _LIST, ("saved search",)),
    Action("view", "view", "The view with this number.", _LIST, ("tab", "folder")),
    Action("order", "order", "By weight, newest first, oldest first.", _LIST, ("sort",)),
    Action("command", "command", "Type the name of an action.", _ALL, ("colon", "prompt")),
    Action("palette", "palette", "Choose an action from a list.", _ALL, ("commands", "menu")),
    Action("help", "help", "Every key that works here, searchable.", _ALL, ("keys", "manual", "?")),
    Action("undo", "undo", "Take the last local action back.", _ALL, ("revert", "oops"), _undo),
    Action("redo", "redo", "Do again what was taken back.", _ALL, ("repeat undo",), _redo),
    Action("history", "history", "What was done here, to undo from.", _ALL, ("log", "journal")),
    Action("sync", "sync", "Read every source now.", _ALL, ("refresh", "reload", "fetch"), _sync),
    Action("sync.source", "sync source", "Read this source now.", _ALL, ("refresh one",), _sync_source),
    Action("redraw", "redraw", "Paint the screen anew.", _ALL, ("repaint", "refresh screen")),
    Action("theme", "theme", "The next colour theme.", _ALL, ("dark", "light", "colours")),
    Action("tour", "tour", "Show the short tour again.", _ALL, ("tutorial", "introduction")),
    Action("go.today", "today", "Who waits, what is due, what came back.", _GO, ("home", "dashboard")),
    Action("go.inbox", "inbox", "Every conversation, by view.", _GO, ("mail", "list")),
    Action("go.people", "people", "The people you are in contact with.", _GO, ("contacts",)),
    Action("go.loops", "open loops", "What is open between people and you, in one list.", _GO,
           ("promises", "reminders", "waiting for")),
    Action("go.feeds", "feeds", "What your people published.", _GO, ("articles", "posts", "visiting round")),
    Action("go.desk", "comment desk", "Comments that wait for moderation.", _GO, ("moderation", "pending")),
    Action("go.outbox", "outbox", "Drafts, and what is on its way.", _GO, ("sent", "drafts")),
    Action("go.drafts", "drafts", "What you began to write.", _GO, ("unfinished",)),
    Action("go.snoozed", "snoozed", "Conversations that come back later.", _GO, ("later",)),
    Action("go.sources", "sources", "Where Kith listens, and how each is doing.", _GO, ("accounts", "health")),
    Action("go.suggestions", "perhaps one person", "People who may be the same, and why.", _GO,
           ("duplicates", "merge", "identities")),
    Action("go.everything", "everything", "Every conversation ever stored.", _GO, ("all", "archive")),
    Action("session", "session", "One conversation or person at a time, until nobody waits; “new” begins anew.", _ALL,
           ("start", "focus", "resume")),
    Action("session.five", "five today", "Five people, by loop, cadence and silence.", _ALL, ("people today", "round")),
    Action("reply", "reply", "Write an answer.", _CONV, ("answer", "respond", "compose")),
    Action("item.done", "done", "Put away until somebody writes again.", _CONV, ("archive", "close", "delete"),
           _on_conversations("done")),
    Action("item.reopen", "reopen", "Take out of done, snooze, rest and mute.", _CONV, ("unarchive", "unsnooze"),
           _on_conversations("reopen")),
    Action("item.snooze", "snooze", "Hide until a time, or until they write.", _CONV, ("later", "hide", "defer"),
           _snooze, asks="Snooze until"),
    Action("item.remind", "remind me", "Bring back if nobody has answered by then.", _CONV, ("follow up", "nudge"),
           _remind, asks="Remind me if there is no answer by"),
    Action("item.rest", "let it rest", "Stop nagging; everything is kept.", _CONV, ("ignore", "park"),
           _on_conversations("rest")),
    Action("item.mute", "mute", "Never bring this conversation back.", _CONV, ("silence", "kill thread"),
           _on_conversations("mute")),
    Action("item.seen", "seen or new", "Mark as seen, or as new again.", _CONV, ("read", "unread"),
           _on_conversations("seen")),
    Action("item.star", "star", "Star, or take the star away.", _CONV, ("flag", "favourite", "pin"),
           _on_conversations("star")),
    Action("item.tag", "tag", "Tag the conversation; -word removes.", _CONV, ("label", "category"), _tag,
           asks="Tags (a minus removes)"),
    Action("item.person", "person", "The page of whoever wrote this.", _CONV, ("profile", "contact", "who")),
    Action("item.browser", "open in browser", "Open the item on its own site.", _CONV, ("web", "permalink", "url")),
    Action("item.subject", "open the post", "Open the post this hangs on.", _CONV, ("article", "page")),
    Action("item.links", "links", "Choose one of the links in it.", _CONV, ("urls",)),
    Action("item.copy_link", "copy link", "Copy the address of the item.", _CONV, ("yank", "clipboard")),
    Action("item.copy_text", "copy text", "Copy what was written.", _CONV, ("yank", "clipboard")),
    Action("item.select", "select", "Choose several lines for one action.", _LIST, ("mark", "visual", "bulk")),
    Action("item.fold", "fold", "Fold or unfold this branch.", _CONV, ("collapse",)),
    Action("item.fold_all", "fold all", "Fold every branch.", _CONV, ("collapse all",)),
    Action("item.unfold_all", "unfold all", "Unfold every branch.", _CONV, ("expand all",)),
    Action("item.like", "like", "Like it there.", _CONV, ("favourite", "heart"), _act(Act.LIKE, "Like on its way")),
    Action("item.boost", "boost", "Boost it there.", _CONV, ("repost", "reblog", "share"),
           _act(Act.BOOST, "Boost on its way"), confirms="Boost this to everybody who follows you?"),
    Action("desk.approve", "approve", "Publish this comment.", Scope.DESK, ("accept", "allow"),
           _act(Act.APPROVE, "Approval on its way")),
    Action("desk.spam", "spam", "Mark this comment as spam.", Scope.DESK, ("junk",), _act(Act.SPAM, "Spam mark on its way")),
    Action("desk.trash", "trash", "Put this comment in the site's trash.", Scope.DESK, ("delete", "remove"),
           _act(Act.TRASH, "Trash on its way"), confirms="Put this comment in the trash of the site?"),
    Action("desk.hold", "hold", "Take this comment back from the public.", Scope.DESK, ("unapprove",),
           _act(Act.HOLD, "Hold on its way")),
    Action("compose.editor", "editor", "Write in $EDITOR.", Scope.COMPOSER, ("vim", "external")),
    Action("compose.preview", "preview", "See what will be posted.", Scope.COMPOSER, ("render",)),
    Action("review.send", "send", "Into the outbox; there is time to take it back.", Scope.REVIEW, ("post", "publish")),
    Action("review.send_remind", "send and remind", "Send, and come back if nobody answers.", Scope.REVIEW, ("follow up",)),
    Action("review.schedule", "schedule", "Send at a time; “if silent” at the end: not when they write first.",
           Scope.REVIEW, ("later", "delay"), asks="Send at (… if silent)"),
    Action("review.editor", "editor", "Write on in $EDITOR.", Scope.REVIEW, ("vim",)),
    Action("review.write", "keep writing", "Back into the text.", Scope.REVIEW, ("insert",)),
    Action("review.preview", "preview", "See what will be posted.", Scope.REVIEW, ("render",)),
    Action("review.park", "park", "Keep the draft and leave.", Scope.REVIEW, ("save", "later")),
    Action("review.discard", "throw away", "Remove the draft.", Scope.REVIEW, ("delete", "cancel"),
           confirms="Throw this draft away?"),
    Action("person.write", "write", "Answer what they said last.", Scope.PERSON, ("reply", "message")),
    Action("person.note", "note", "Write down something about this person.", Scope.PERSON, ("remember", "memo"), _note,
           asks="Note"),
    Action("person.promise", "promise", "Write down what you promised.", Scope.PERSON, ("todo", "task"), _promise,
           asks="You promise (… by friday)"),
    Action("person.keep", "kept", "You have kept this promise.", Scope.PERSON, ("promise done", "fulfilled")),
    Action("person.log", "log", "Log something that happened elsewhere.", Scope.PERSON, ("met", "call", "touchpoint"), _log,
           asks="Log: met, call, letter, favour, introduction, gift, thanks or visit, then what (… on last tuesday)"),
    Action("person.outward", "one stage outward", "They are less near than that.", Scope.PERSON, ("stage",), _outward),
    Action("person.inward", "one stage inward", "They are nearer than that.", Scope.PERSON, ("stage",), _inward),
    Action("person.why", "why this stage", "Write down why the last step was taken.", Scope.PERSON, ("reason", "evidence"),
           _why, asks="Why"),
    Action("person.accept_step", "take the step", "They are as near as Kith suggests.", Scope.PERSON,
           ("accept stage", "yes", "suggestion"), _accept_step),
    Action("person.refuse_step", "stay as it is", "Do not suggest this step again without new evidence.", Scope.PERSON,
           ("refuse stage", "no", "suggestion"), _refuse_step),
    Action("person.cadence", "cadence", "How often you want to be in touch.", Scope.PERSON,
           ("keep in touch", "frequency", "remind", "overdue"), _cadence, asks=f"How often: {cadence.EXAMPLES}"),
    Action("person.rest", "let them rest", "Nothing reminds you of them; everything is kept.", Scope.PERSON,
           ("ignore", "stop nagging", "wake"), _rest_person),
    Action("promise.drop", "drop promise", "Take a promise out of the record: it was none.", Scope.PERSON,
           ("remove promise", "forget")),
    Action("person.tag", "tag person", "Tag this person; -word removes.", Scope.PERSON, ("label",), _tag_person,
           asks="Tags (a minus removes)"),
    Action("person.rename", "rename", "The name you know them by.", Scope.PERSON, ("name",), _rename, asks="Name"),
    Action("person.merge", "merge", "This person and another are one.", Scope.PERSON, ("same person", "join", "link"), _merge,
           asks="Who is the same person (name or handle)"),
    Action("person.identities", "handles", "Their handles, and who else they may be.", Scope.PERSON,
           ("identities", "same person", "duplicates", "link")),
    Action("person.read_site", "read their site", "Ask their own site where else they are.", Scope.PERSON,
           ("rel me", "fetch", "profiles"), _read_site),
    Action("person.held", "what is held", "Everything Kith holds on this person.", Scope.PERSON,
           ("privacy", "data", "gdpr", "access")),
    Action("person.forget", "forget", "Hide a person; for good only when you confirm it.", Scope.PERSON,
           ("delete", "erase", "privacy", "gdpr"), _on_person("hide"),
           confirms="Hide them and what you noted? It can be taken back."),
    Action("person.for_good", "forget for good", "Take the last of a hidden person out of the file.", Scope.PERSON,
           ("erase", "confirm"), _on_person("for_good"),
           confirms="Forget them for good? Nothing so far can be undone then."),
    Action("person.bring_back", "bring back", "Show a hidden person again, as they were.", Scope.PERSON,
           ("unforget", "restore"), _on_person("take_back")),
    Action("identity.accept", "the same", "These two are one person.", Scope.IDENTITY, ("merge", "join", "yes"),
           _on_pair("accept")),
    Action("identity.refuse", "not the same", "These two are not one person; never ask again.", Scope.IDENTITY,
           ("different", "no"), _on_pair("refuse")),
    Action("identity.leave", "leave", "Leave it open, and do not ask again by itself.", Scope.IDENTITY, ("later", "skip"),
           _on_pair("leave")),
    Action("identity.split", "split off", "Make this handle a person again, or take two people apart.", Scope.IDENTITY,
           ("unmerge", "take apart", "separate"), _split),
    Action("person.visit", "visited", "You were there and read it: log the visit.", Scope.PERSON, ("been there", "round"),
           _visit),
    Action("person.feeds", "find their feeds", "Look for feeds at their own site, and listen to them.", Scope.PERSON,
           ("blog", "subscribe", "follow"), _find_feeds),
    Action("person.site", "their site", "Open their own site.", Scope.PERSON, ("homepage", "url")),
    Action("person.timeline", "timeline kinds", "Show all, only words, or only what you logged.", Scope.PERSON, ("filter",)),
    Action("outbox.cancel", "take back", "Stop it while it has not left.", Scope.OUTBOX, ("cancel", "undo send"),
           _on_outbox("cancel")),
    Action("outbox.retry", "send again", "Try a failed one again.", Scope.OUTBOX, ("resend",), _on_outbox("retry")),
    Action("outbox.edit", "edit", "Make a failed one a draft again.", Scope.OUTBOX, ("change",), _on_outbox("edit")),
    Action("outbox.discard", "throw away", "Remove this draft.", Scope.OUTBOX, ("delete",), confirms="Throw this draft away?"),
    Action("outbox.there", "it is there", "You saw it on the site: count it as sent.", Scope.OUTBOX, ("confirm",),
           _on_outbox("settle", "there")),
    Action("outbox.posted", "posted", "You have posted it by hand: the conversation knows.", Scope.OUTBOX,
           ("by hand", "delivered"), _posted),
    Action("outbox.again", "send again", "It is not there: send it once more.", Scope.OUTBOX, ("resend",),
           _on_outbox("settle", "again"), confirms="Send once more? It may then be there twice."),
    Action("outbox.draft", "keep as draft", "It is not there: make it a draft again.", Scope.OUTBOX, ("edit",),
           _on_outbox("settle", "draft")),
    Action("source.add", "add a source", "Paste any address.", Scope.SOURCE, ("new", "subscribe", "follow")),
    Action("source.login", "credential", "Give or renew the credential.", Scope.SOURCE, ("password", "token", "auth")),
    Action("source.pause", "pause", "Stop listening for a while.", Scope.SOURCE, ("stop",), _on_source("pause", "Paused")),
    Action("source.resume", "resume", "Listen again.", Scope.SOURCE, ("continue",), _on_source("resume", "Listening")),
    Action("source.remove", "remove", "Stop listening; everything read stays.", Scope.SOURCE, ("delete", "unsubscribe"),
           _on_source("remove", "Removed"), confirms="Stop listening there? Everything that was read stays."),
    Action("source.sunset", "sunset", "Declare it dead: whom you would lose, and where else they are.", Scope.SOURCE,
           ("end", "freeze", "platform dies", "lose")),
    Action("source.ask", "ask where else", "Prepare drafts that ask these people where else they are.", Scope.SOURCE,
           ("find elsewhere", "draft")),
    Action("source.freeze", "freeze", "Never read it again; everything is kept.", Scope.SOURCE, ("sunset", "end"),
           _freeze, confirms="Freeze this source? It is never read again; everything that was read stays."),
    Action("source.revive", "take back the sunset", "Read a frozen source again.", Scope.SOURCE, ("unfreeze", "undo sunset"),
           _revive, confirms="Read this source again from now on?"),
)  # fmt: skip
"""Every verb of Kith, in the order help shows them."""

BY_ID = {action.id: action for action in ACTIONS}


async def run(workspace: Workspace, action_id: str, chosen: Selection) -> str:
    """Carry out an action that changes something; the sentence that says what happened.

    Raises `WrongUsage` for an unknown id, for a move on the screen, and for what the action itself refuses.
    """
    action = BY_ID.get(action_id)
    if action is None or action.run is None:
        raise WrongUsage(f"There is no action called “{action_id}” that can be run here.")
    return await action.run(workspace, chosen)
