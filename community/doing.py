"""What the verbs do: to conversations, items, the outbox and sources, and everywhere."""

from collections.abc import Mapping

from community import doing_people, when
from community.conversations import FOREVER
from community.errors import WrongUsage
from community.model import Act
from community.selection import Run, Selection
from community.workspace import Workspace


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
    return await doing_people.RUNS["person.tag"](workspace, chosen)


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


async def _freeze(workspace: Workspace, chosen: Selection) -> str:
    if chosen.source is None:
        raise WrongUsage("Choose a source first.")
    return await workspace.sunset.freeze(chosen.source)


async def _revive(workspace: Workspace, chosen: Selection) -> str:
    if chosen.source is None:
        raise WrongUsage("Choose a source first.")
    return await workspace.sunset.revive(chosen.source)


RUNS: Mapping[str, Run] = {
    "undo": _undo,
    "redo": _redo,
    "sync": _sync,
    "sync.source": _sync_source,
    "item.done": _on_conversations("done"),
    "item.reopen": _on_conversations("reopen"),
    "item.snooze": _snooze,
    "item.remind": _remind,
    "item.rest": _on_conversations("rest"),
    "item.mute": _on_conversations("mute"),
    "item.seen": _on_conversations("seen"),
    "item.star": _on_conversations("star"),
    "item.tag": _tag,
    "item.like": _act(Act.LIKE, "Like on its way"),
    "item.boost": _act(Act.BOOST, "Boost on its way"),
    "desk.approve": _act(Act.APPROVE, "Approval on its way"),
    "desk.spam": _act(Act.SPAM, "Spam mark on its way"),
    "desk.trash": _act(Act.TRASH, "Trash on its way"),
    "desk.hold": _act(Act.HOLD, "Hold on its way"),
    "outbox.cancel": _on_outbox("cancel"),
    "outbox.retry": _on_outbox("retry"),
    "outbox.edit": _on_outbox("edit"),
    "outbox.there": _on_outbox("settle", "there"),
    "outbox.posted": _posted,
    "outbox.again": _on_outbox("settle", "again"),
    "outbox.draft": _on_outbox("settle", "draft"),
    "source.pause": _on_source("pause", "Paused"),
    "source.resume": _on_source("resume", "Listening"),
    "source.remove": _on_source("remove", "Removed"),
    "source.freeze": _freeze,
    "source.revive": _revive,
}
"""What carries an action out, by its id."""
