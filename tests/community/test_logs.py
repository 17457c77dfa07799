"""The log holds one clean line for each entry, and no secret."""

import logging
import stat
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from community import logs
from community.errors import AuthExpired
from community.sync import Syncer
from community.workspace import Workspace
from fakes import Platform, add_source

SECRET = "maria:abcd-efgh ijkl/+é?&"
PASSWORD = SECRET.partition(":")[2]


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield logs.start(tmp_path, lambda: [SECRET])
    for handler in root.handlers[:]:
        if handler not in handlers:
            root.removeHandler(handler)
            handler.close()
    root.setLevel(level)


def test_the_file_is_for_its_owner_alone(log: Path) -> None:
    logging.getLogger("kith").info("hello")
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_a_link_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("kept")
    (tmp_path / logs.FILE).symlink_to(tmp_path / "precious")
    with pytest.raises(OSError, match="symbolic links"):
        logs.start(tmp_path)
    assert (tmp_path / "precious").read_text() == "kept"


@pytest.mark.parametrize("shift", range(3))
@pytest.mark.parametrize("encode", [b64encode, urlsafe_b64encode])
def test_a_secret_is_hidden_in_base64_wherever_it_begins(shift: int, encode: object) -> None:
    assert callable(encode)
    coded = encode(b"x" * shift + SECRET.encode() + b"tail").decode()
    shown = logs.mask(f"sent {coded} there", [SECRET])
    assert encode(PASSWORD.encode()).decode()[2:12] not in shown
    assert coded[8:20] not in shown


@pytest.mark.parametrize("spelled", [SECRET, PASSWORD, quote(PASSWORD), quote(PASSWORD, safe=""), quote_plus(PASSWORD)])
def test_a_secret_is_hidden_in_every_spelling(spelled: str) -> None:
    assert spelled not in logs.mask(f"it was {spelled}, they say", [SECRET])


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer abcdefgh12345678",
        "{'authorization': 'Basic YWJjOmRlZmdoaWo='}",
        "Cookie: session=abcdefgh12345678; theme=dark",
        "GET https://maria:abcdefgh12345678@blog.example/feed",
        "GET https://blog.example/feed?key=abcdefgh12345678&x=1",
        '{"accessJwt": "abcdefgh12345678"}',
        "password=abcdefgh12345678",
        "api_key: abcdefgh12345678",
    ],
)
def test_credentials_are_hidden_by_their_shape(text: str) -> None:
    shown = logs.mask(text)
    assert "abcdefgh12345678" not in shown
    assert "YWJjOmRlZmdoaWo" not in shown
    assert "***" in shown


def test_sentences_for_people_stay_as_they_are() -> None:
    said = "Make an app password: open https://blog.example/settings, then paste the token: here."
    assert logs.sentence(said) == said


def test_a_traceback_is_one_clean_masked_line(log: Path) -> None:
    error = ValueError(f"no good: {SECRET}\nand \x1b[31mmore")
    logging.getLogger("kith").error("it failed", exc_info=error)
    lines = log.read_text("utf-8").splitlines()
    assert len(lines) == 1
    assert "ValueError" in lines[0]
    assert PASSWORD not in lines[0]
    assert "\x1b" not in lines[0]


def test_what_the_http_library_says_is_left_out(log: Path) -> None:
    logging.getLogger("httpx").info("HTTP Request: GET https://blog.example/?key=abc")
    assert log.read_text("utf-8") == ""


@pytest.mark.parametrize("length", range(4, len(PASSWORD)))
def test_a_secret_whose_end_was_cut_off_is_hidden_too(length: int) -> None:
    """What a server says is cut at some length: what is left of a secret there is one still."""
    for spelling in (PASSWORD, quote(PASSWORD, safe=""), b64encode(PASSWORD.encode()).decode()):
        part = spelling[:length]
        for said in (f"bad token {part}…. Connect again.", f"bad token {part}", f"bad token {part}…"):
            assert part not in logs.mask(said, [SECRET]), said
    assert logs.mask("an abacus…", [SECRET]) == "an abacus…"


@pytest.mark.anyio
async def test_what_a_server_says_of_a_credential_at_the_cut_is_masked(
    workspace: Workspace, platform: Platform
) -> None:
    source = await add_source(workspace)
    workspace.credentials.put(source.id, SECRET)
    platform.fetch_fault = AuthExpired(f"{'x' * 190} {PASSWORD}"[:200] + "…: Connect this source again.")
    await Syncer(workspace.store, workspace.connections).sync([source])
    [after] = workspace.sources()
    assert after.health == "refused"
    assert PASSWORD[:4] not in after.health_text
    assert "***" in after.health_text
