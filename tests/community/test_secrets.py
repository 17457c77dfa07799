"""Credentials show themselves to nobody and lie where only the user can read."""

import stat
import sys
from pathlib import Path

import pytest

from community import secrets
from community.secrets import Credential, Credentials, Secret, SecretError


@pytest.fixture
def credentials(tmp_path: Path) -> Credentials:
    return Credentials(tmp_path, in_file=True)


def test_a_secret_is_shown_as_three_stars_everywhere() -> None:
    secret = Secret("hunter2")
    credential = Credential(secret, {"access": Secret("tok")})
    for shown in (str(secret), repr(secret), f"{secret}", repr(credential), str([secret]), repr({"a": secret})):
        assert "hunter2" not in shown
        assert "tok" not in shown.replace("tokens", "")


def test_a_secret_is_kept_in_a_file_of_the_users_own(credentials: Credentials, tmp_path: Path) -> None:
    where = credentials.put(1, "hunter2")
    assert "only you can read" in where
    assert credentials.get(1).secret.reveal() == "hunter2"
    assert stat.S_IMODE((tmp_path / "credentials.json").stat().st_mode) == 0o600


def test_tokens_are_kept_and_forgotten_with_the_secret(credentials: Credentials) -> None:
    credentials.put(1, "hunter2")
    credentials.get(1).keep("access", "token-1")
    assert credentials.get(1).token("access").reveal() == "token-1"
    credentials.put(1, "hunter3")
    assert not credentials.get(1).token("access")
    credentials.forget(1)
    assert not credentials.get(1)
    assert credentials.how(1) == ""


def test_a_command_gives_the_secret_each_time_and_is_never_a_shell(credentials: Credentials, tmp_path: Path) -> None:
    credentials.put_command(1, [sys.executable, "-c", "print('from; touch x'); print('not this')"])
    assert credentials.get(1).secret.reveal() == "from; touch x"
    assert "from;" not in (tmp_path / "credentials.json").read_text("utf-8").replace("print('from;", "")


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["/no/such/command"], "There is no command"),
        ([sys.executable, "-c", "raise SystemExit(3)"], "exit code 3"),
        ([sys.executable, "-c", "pass"], "gave no credential"),
    ],
)
def test_a_command_that_fails_says_so_and_is_not_kept(credentials: Credentials, argv: list[str], sentence: str) -> None:
    with pytest.raises(SecretError, match=sentence):
        credentials.put_command(1, argv)
    assert credentials.how(1) == ""


def test_a_hanging_command_is_given_up(credentials: Credentials, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "_COMMAND_S", 0.2)
    with pytest.raises(SecretError, match="within"):
        credentials.put_command(1, [sys.executable, "-c", "import time; time.sleep(9)"])


def test_a_broken_file_is_one_sentence(credentials: Credentials, tmp_path: Path) -> None:
    (tmp_path / "credentials.json").write_text("{", "utf-8")
    with pytest.raises(SecretError, match="mend or remove"):
        credentials.get(1)
