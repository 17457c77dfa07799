"""Adding a source, from its address to its backlog: the steps that `kith source add` and the demo share."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from community.errors import AuthExpired, KithError, WrongUsage
from community.listening import can
from community.model import Source
from community.secrets import SecretError
from community.sources.base import Found, LoginStep
from community.sync import Result
from community.workspace import Workspace
from tui.commands import shapes
from tui.commands.at_once import read


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential for unattended use: a value, or a command that prints it. Both empty means none."""

    value: str = ""
    command: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.value or self.command)

    def __repr__(self) -> str:
        return "***"


async def begin(
    workspace: Workspace, found: Found, *, name: str, account: str, allow_hosts: Iterable[str], is_mine: bool
) -> Source:
    """A source that waits for its login; nothing reads it before `resume`."""
    wanted = replace(found, account=account or found.account)
    return await workspace.listening.add(wanted, name=name, allow_hosts=allow_hosts, is_mine=is_mine, paused=True)


async def log_in(workspace: Workspace, source: Source, credential: Credential) -> Source:
    """Check a credential and keep it. Raises `AuthExpired`, `SecretError` and the like; then nothing is kept."""
    logins = workspace.logins
    if credential.command:
        return await logins.with_command(source.id, credential.command)
    try:
        return await logins.with_secret(source.id, credential.value)
    except AuthExpired as refused:
        # Typed as people type it (with blanks, without the account), a credential may need a form of its own.
        try:
            return await logins.finish(source.id, LoginStep(""), credential.value)
        except AuthExpired:
            raise refused from None


async def add(
    workspace: Workspace,
    found: Found,
    credential: Credential,
    *,
    name: str = "",
    account: str = "",
    allow_hosts: Iterable[str] = (),
    is_mine: bool = False,
) -> Source:
    """Add a source without asking anybody. When its credential does not work it is not added."""
    if found.needs_credential and not credential:
        raise WrongUsage(
            f"{found.name or found.address} needs a credential: "
            "give --credential-env NAME or --credential-command COMMAND."
        )
    source = await begin(workspace, found, name=name, account=account, allow_hosts=allow_hosts, is_mine=is_mine)
    try:
        if credential:
            return await log_in(workspace, source, credential)
        return await workspace.listening.resume(source.id)
    except (KithError, SecretError):
        await workspace.listening.remove(source.id)
        raise


async def first_read(workspace: Workspace, sources: Sequence[Source]) -> list[Result]:
    """The backlog of sources that were just added."""
    return await read(workspace, sources)


def report(workspace: Workspace, result: Result, also: Sequence[Found]) -> shapes.Shape:
    """What `kith source add --json` prints."""
    source = workspace.listening.get(result.id)
    capabilities = workspace.listening.capabilities(source)
    return {
        "id": source.id,
        "kind": source.kind,
        "name": source.name,
        "address": source.address,
        "account": source.account,
        "can": can(capabilities),
        "cannot": shapes.cannot(capabilities),
        "new_items": result.new_items,
        "waiting": workspace.conversations.counts().waiting,
        "error": result.error or None,
        "also": [{"kind": each.kind, "address": each.address, "name": each.name} for each in also],
    }
