"""The verbs: one registry that keys, footer, help, palette, the `:` line, bulk selection and the CLI all call.

An action that can be run changes something and says so in one sentence; one that cannot is a move on the screen, which
the screen itself carries out under the same id.
"""

from enum import StrEnum
from typing import NamedTuple

from community import cadence, doing, doing_people
from community.errors import WrongUsage
from community.selection import Run, Selection
from community.workspace import Workspace

__all__ = ["ACTIONS", "BY_ID", "Action", "Run", "Scope", "Selection", "run"]

_RUNS = {**doing.RUNS, **doing_people.RUNS}


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


class Action(NamedTuple):
    """One verb. `asks` is the question when it needs an argument; `confirms` the one before it is done."""

    id: str
    label: str
    help: str
    scope: Scope
    synonyms: tuple[str, ...] = ()
    asks: str = ""
    confirms: str = ""

    @property
    def run(self) -> Run | None:
        """What changes something; None for a move on the screen."""
        return _RUNS.get(self.id)


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
    Action("undo", "undo", "Take the last local action back.", _ALL, ("revert", "oops")),
    Action("redo", "redo", "Do again what was taken back.", _ALL, ("repeat undo",)),
    Action("history", "history", "What was done here, to undo from.", _ALL, ("log", "journal")),
    Action("sync", "sync", "Read every source now.", _ALL, ("refresh", "reload", "fetch")),
    Action("sync.source", "sync source", "Read this source now.", _ALL, ("refresh one",)),
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
    Action("item.done", "done", "Put away until somebody writes again.", _CONV, ("archive", "close", "delete")),
    Action("item.reopen", "reopen", "Take out of done, snooze, rest and mute.", _CONV, ("unarchive", "unsnooze")),
    Action("item.snooze", "snooze", "Hide until a time, or until they write.", _CONV, ("later", "hide", "defer"),
           asks="Snooze until"),
    Action("item.remind", "remind me", "Bring back if nobody has answered by then.", _CONV, ("follow up", "nudge"),
           asks="Remind me if there is no answer by"),
    Action("item.rest", "let it rest", "Stop nagging; everything is kept.", _CONV, ("ignore", "park")),
    Action("item.mute", "mute", "Never bring this conversation back.", _CONV, ("silence", "kill thread")),
    Action("item.seen", "seen or new", "Mark as seen, or as new again.", _CONV, ("read", "unread")),
    Action("item.star", "star", "Star, or take the star away.", _CONV, ("flag", "favourite", "pin")),
    Action("item.tag", "tag", "Tag the conversation; -word removes.", _CONV, ("label", "category"),
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
    Action("item.like", "like", "Like it there.", _CONV, ("favourite", "heart")),
    Action("item.boost", "boost", "Boost it there.", _CONV, ("repost", "reblog", "share"),
           confirms="Boost this to everybody who follows you?"),
    Action("desk.approve", "approve", "Publish this comment.", Scope.DESK, ("accept", "allow")),
    Action("desk.spam", "spam", "Mark this comment as spam.", Scope.DESK, ("junk",)),
    Action("desk.trash", "trash", "Put this comment in the site's trash.", Scope.DESK, ("delete", "remove"),
           confirms="Put this comment in the trash of the site?"),
    Action("desk.hold", "hold", "Take this comment back from the public.", Scope.DESK, ("unapprove",)),
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
    Action("person.note", "note", "Write down something about this person.", Scope.PERSON, ("remember", "memo"),
           asks="Note"),
    Action("person.promise", "promise", "Write down what you promised.", Scope.PERSON, ("todo", "task"),
           asks="You promise (… by friday)"),
    Action("person.keep", "kept", "You have kept this promise.", Scope.PERSON, ("promise done", "fulfilled")),
    Action("person.log", "log", "Log something that happened elsewhere.", Scope.PERSON, ("met", "call", "touchpoint"),
           asks="Log: met, call, letter, favour, introduction, gift, thanks or visit, then what (… on last tuesday)"),
    Action("person.outcome", "outcome", "Write down what came of it.", Scope.PERSON,
           ("result", "came of it", "collaboration", "invitation", "fix"),
           asks="What came of it: collaboration, fix, invitation, friend, sale, then what (… on last tuesday)"),
    Action("person.outward", "one stage outward", "They are less near than that.", Scope.PERSON, ("stage",)),
    Action("person.inward", "one stage inward", "They are nearer than that.", Scope.PERSON, ("stage",)),
    Action("person.why", "why this stage", "Write down why the last step was taken.", Scope.PERSON, ("reason", "evidence"),
           asks="Why"),
    Action("person.accept_step", "take the step", "They are as near as Kith suggests.", Scope.PERSON,
           ("accept stage", "yes", "suggestion")),
    Action("person.refuse_step", "stay as it is", "Do not suggest this step again without new evidence.", Scope.PERSON,
           ("refuse stage", "no", "suggestion")),
    Action("person.cadence", "cadence", "How often you want to be in touch.", Scope.PERSON,
           ("keep in touch", "frequency", "remind", "overdue"), asks=f"How often: {cadence.EXAMPLES}"),
    Action("person.rest", "let them rest", "Nothing reminds you of them; everything is kept.", Scope.PERSON,
           ("ignore", "stop nagging", "wake")),
    Action("promise.drop", "drop", "Take a promise or an outcome out of the record: it was none.", Scope.PERSON,
           ("remove promise", "remove outcome", "forget")),
    Action("person.tag", "tag person", "Tag this person; -word removes.", Scope.PERSON, ("label",),
           asks="Tags (a minus removes)"),
    Action("person.rename", "rename", "The name you know them by.", Scope.PERSON, ("name",), asks="Name"),
    Action("person.merge", "merge", "This person and another are one.", Scope.PERSON, ("same person", "join", "link"),
           asks="Who is the same person (name or handle)"),
    Action("person.identities", "handles", "Their handles, and who else they may be.", Scope.PERSON,
           ("identities", "same person", "duplicates", "link")),
    Action("person.read_site", "read their site", "Ask their own site where else they are.", Scope.PERSON,
           ("rel me", "fetch", "profiles")),
    Action("person.held", "what is held", "Everything Kith holds on this person.", Scope.PERSON,
           ("privacy", "data", "gdpr", "access")),
    Action("person.forget", "forget", "Hide a person; for good only when you confirm it.", Scope.PERSON,
           ("delete", "erase", "privacy", "gdpr"),
           confirms="Hide them and what you noted? It can be taken back."),
    Action("person.for_good", "forget for good", "Take the last of a hidden person out of the file.", Scope.PERSON,
           ("erase", "confirm"),
           confirms="Forget them for good? Nothing so far can be undone then."),
    Action("person.bring_back", "bring back", "Show a hidden person again, as they were.", Scope.PERSON,
           ("unforget", "restore")),
    Action("identity.accept", "the same", "These two are one person.", Scope.IDENTITY, ("merge", "join", "yes")),
    Action("identity.refuse", "not the same", "These two are not one person; never ask again.", Scope.IDENTITY,
           ("different", "no")),
    Action("identity.leave", "leave", "Leave it open, and do not ask again by itself.", Scope.IDENTITY, ("later", "skip")),
    Action("identity.split", "split off", "Make this handle a person again, or take two people apart.", Scope.IDENTITY,
           ("unmerge", "take apart", "separate")),
    Action("person.visit", "visited", "You were there and read it: log the visit.", Scope.PERSON, ("been there", "round")),
    Action("person.feeds", "find their feeds", "Look for feeds at their own site, and listen to them.", Scope.PERSON,
           ("blog", "subscribe", "follow")),
    Action("person.site", "their site", "Open their own site.", Scope.PERSON, ("homepage", "url")),
    Action("person.timeline", "timeline kinds", "Show all, only words, or only what you logged.", Scope.PERSON, ("filter",)),
    Action("outbox.cancel", "take back", "Stop it while it has not left.", Scope.OUTBOX, ("cancel", "undo send")),
    Action("outbox.retry", "send again", "Try a failed one again.", Scope.OUTBOX, ("resend",)),
    Action("outbox.edit", "edit", "Make a failed one a draft again.", Scope.OUTBOX, ("change",)),
    Action("outbox.discard", "throw away", "Remove this draft.", Scope.OUTBOX, ("delete",),
           confirms="Throw this draft away?"),
    Action("outbox.there", "it is there", "You saw it on the site: count it as sent.", Scope.OUTBOX, ("confirm",)),
    Action("outbox.posted", "posted", "You have posted it by hand: the conversation knows.", Scope.OUTBOX,
           ("by hand", "delivered")),
    Action("outbox.again", "send again", "It is not there: send it once more.", Scope.OUTBOX, ("resend",),
           confirms="Send once more? It may then be there twice."),
    Action("outbox.draft", "keep as draft", "It is not there: make it a draft again.", Scope.OUTBOX, ("edit",)),
    Action("source.add", "add a source", "Paste any address.", Scope.SOURCE, ("new", "subscribe", "follow")),
    Action("source.login", "credential", "Give or renew the credential.", Scope.SOURCE, ("password", "token", "auth")),
    Action("source.pause", "pause", "Stop listening for a while.", Scope.SOURCE, ("stop",)),
    Action("source.resume", "resume", "Listen again.", Scope.SOURCE, ("continue",)),
    Action("source.remove", "remove", "Stop listening; everything read stays.", Scope.SOURCE, ("delete", "unsubscribe"),
           confirms="Stop listening there? Everything that was read stays."),
    Action("source.sunset", "sunset", "Declare it dead: whom you would lose, and where else they are.", Scope.SOURCE,
           ("end", "freeze", "platform dies", "lose")),
    Action("source.ask", "ask where else", "Prepare drafts that ask these people where else they are.", Scope.SOURCE,
           ("find elsewhere", "draft")),
    Action("source.freeze", "freeze", "Never read it again; everything is kept.", Scope.SOURCE, ("sunset", "end"),
           confirms="Freeze this source? It is never read again; everything that was read stays."),
    Action("source.revive", "take back the sunset", "Read a frozen source again.", Scope.SOURCE, ("unfreeze", "undo sunset"),
           confirms="Read this source again from now on?"),
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
