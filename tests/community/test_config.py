"""Preferences are checked when they are read, and what is wrong is named."""

from pathlib import Path

import pytest

from community.config import WEIGHTS, Config, load
from community.errors import WrongUsage


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(text, "utf-8")
    return path


def test_without_a_file_everything_has_its_default(tmp_path: Path) -> None:
    assert load(tmp_path / "none.toml") == Config()


def test_what_is_written_counts_and_the_rest_keeps_its_default(tmp_path: Path) -> None:
    found = load(
        written(tmp_path, 'theme = "chalk"\nundo_s = 30\n[weights]\nquestion = 5\n[keys]\n"item.done" = "e"\n')
    )
    assert (found.theme, found.undo_s, found.sync_minutes) == ("chalk", 30, Config().sync_minutes)
    assert found.weights == {**WEIGHTS, "question": 5}
    assert found.keys == {"item.done": "e"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('them = "dusk"', "did you mean “theme”"),
        ('zzz = "dusk"', "the settings are"),
        ('undo_s = "ten"', "must be a whole number"),
        ("undo_s = true", "must be a whole number"),
        ("undo_s = -1", "cannot be negative"),
        ("mouse = 1", "must be true or false"),
        ("theme = 3", "must be a text"),
        ("[weights]\nqestion = 1", "did you mean “question”"),
        ('[weights]\nquestion = "much"', "must be a number"),
        ("keys = 3", "keys is a table"),
        ('stages = ["one"]', "five names"),
        ("theme = ", "not valid TOML"),
    ],
)
def test_what_is_wrong_is_named_with_the_way_to_mend_it(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(WrongUsage, match=r"config\.toml") as caught:
        load(written(tmp_path, text))
    assert sentence in str(caught.value)
