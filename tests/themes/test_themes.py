"""Themes: every one is whole and readable, and a wrong file is named."""

from pathlib import Path

import pytest

import themes


def luminance(colour: str) -> float:
    def channel(value: int) -> float:
        part = value / 255
        return part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = (channel(int(colour[at : at + 2], 16)) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_there_is_a_dark_a_light_and_a_plain_one() -> None:
    found = {name: themes.load(name) for name in themes.names()}
    assert {"dusk", "chalk", "terminal"} <= set(found)
    assert found["dusk"].dark
    assert not found["chalk"].dark
    assert found["terminal"].ansi


@pytest.mark.parametrize("name", [name for name in themes.names() if not themes.load(name).ansi])
def test_words_can_be_read(name: str) -> None:
    theme = themes.load(name)
    backs = (theme.background, theme.variables["cursor"], theme.variables["cursor-blurred"])
    for back in backs:
        assert contrast(theme.foreground, back) >= 7
        for colour in (theme.accent, theme.warning, theme.error, theme.variables["muted"]):
            assert contrast(colour, back) >= 3
    for colour in (theme.accent, theme.warning, theme.error, theme.variables["muted"]):
        assert contrast(colour, theme.background) >= 4.5


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("dark = ", "not valid TOML"),
        ("glow = 1", "a theme has no “glow”"),
        ("primary = 5", "“primary” must be a colour"),
        ("primary = 'red'", "must be a colour"),
        ("dark = 'yes'", "must be true or false"),
        ("dark = true", "a theme needs"),
    ],
)
def test_a_wrong_file_is_named_with_what_is_wrong(text: str, words: str) -> None:
    with pytest.raises(themes.ThemeError, match=words):
        themes.parse("mine", text, "mine.toml")


def test_a_name_cannot_lead_out_of_the_directory(tmp_path: Path) -> None:
    with pytest.raises(themes.ThemeError, match="no theme called"):
        themes.load("../../etc/passwd", directory=tmp_path)
