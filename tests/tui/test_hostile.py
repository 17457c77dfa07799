"""Whatever others wrote: nothing but text reaches the terminal, and every line is as wide as it."""

import ast
from pathlib import Path

import pytest
from rich.cells import cell_len

from community.text import clean, clean_line, display
from on_screen import press, running
from people_and_words import DAY, Community, author, said
from tui.app import KithApp
from tui.screens.inbox import Inbox
from tui.widgets.canvas import cut, fit, wide, wrapped

HOSTILE = {
    "closing tag": "a [/b] b",
    "empty tag": "x [/] y",
    "class": "re [a-z]+ arr[0] [1] [x=y]",
    "open": "[bold",
    "link": "[link=http://x]z[/link]",
    "click": "[@click=app.quit]hi[/]",
    "quote": '[a="b]',
    "variable": "[$nope]z[/]",
    "emoji code": ":smile: :x:",
    "csi": "a\x1b[31mred\x1b[2J\x1b[H b",
    "title": "a\x1b]0;pwn\x07b",
    "clipboard": "\x1b]52;c;aGk=\x07",
    "nul": "a\x00b\x07c\x08d\x7fe",
    "return": "abc\rdef",
    "c1": "a\x9b31mb",
    "tab": "a\tb",
    "vertical": "a\x0bb\x0cc",
    "separators": "a\u2028b\u2029c\x85d",
    "family": "A\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466B",
    "flag": "A\U0001f1e9\U0001f1eaB",
    "selector": "A\u2764\ufe0fB",
    "keycap": "A1\ufe0f\u20e3B",
    "skin": "A\U0001f44d\U0001f3fdB",
    "combining": "e\u0301a\u0302\u0303",
    "right to left": "\u05e9\u05dc\u05d5\u05dd abc \u0639\u0631\u0628\u0649",
    "bidi": "a\u202eb\u202cc",
    "surrogate": "a\ud800b",
    "invisible": "a\ufeffb\u200bc\xadx",
    "zalgo": "Z" + "\u0301" * 50 + "algo",
    "wide": "日本語テキスト" * 30,
    "tags": "x" + "".join(chr(0xE0041 + n) for n in range(5)),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_fitted_text_is_exactly_as_wide_as_asked(text: str) -> None:
    for width in (0, 1, 2, 7, 20, 80):
        line = fit(clean_line(text), width)
        assert cell_len(line) == wide(line) == width
        assert cell_len(cut(clean_line(text), width)) <= max(width, 0)
        for each in wrapped(clean(text), max(1, width)):
            assert cell_len(each) <= max(2, width)
            assert display(each) == each


def test_a_megabyte_in_one_line_is_fitted_at_once() -> None:
    assert len(fit("x" * 1_000_000, 80)) == 80
    assert max(map(len, wrapped("y" * 20_000, 80))) == 80


def test_no_words_are_lost_by_wrapping() -> None:
    text = "  indented words that go on and on, with averyveryverylongword in between and some more"
    for width in (5, 9, 12, 30, 100):
        assert "".join("".join(wrapped(text, width)).split()) == "".join(text.split())


@pytest.mark.anyio
@pytest.mark.parametrize("size", [(80, 24), (120, 30)])
async def test_hostile_words_in_every_place_are_text(town: Community, size: tuple[int, int]) -> None:
    fedi = town.ids["@me@town.example"]
    items = [
        said(
            author(f"{text} {n}"),
            f"@me {text}? and then {text}",
            id=f"h{n}",
            ago=20 * DAY - n * 60,
            title=text,
            subject=text,
        )
        for n, text in enumerate(HOSTILE.values())
    ]
    items.append(said(author("Big"), "@me " + "z" * 1_000_000, id="big", ago=21 * DAY))
    await town.hear(fedi, items)
    await town.workspace.people.note(2, HOSTILE["click"])
    async with running(town, size=size) as (app, pilot):
        inbox = app.screen
        assert isinstance(inbox, Inbox)
        for _ in range(len(items) + 2):
            await pilot.press("j")
            await pilot.pause(0.02)
            inbox.follow(inbox.conversation.id if inbox.conversation else None, now=True)
            await pilot.pause()
            check(app, size)
        await press(pilot, "enter", "r", "x", "escape", "v")
        check(app, size)
        await press(pilot, "escape", ":")
        check(app, size)
        await press(pilot, "escape", "g", "t")
        await pilot.pause(0.2)
        check(app, size)


def check(app: KithApp, size: tuple[int, int]) -> None:
    strips = app.screen._compositor.render_strips()
    assert len(strips) == size[1]
    for strip in strips:
        text = "".join(segment.text for segment in strip)
        assert not any(
            ord(letter) < 32 or 127 <= ord(letter) < 160 or ord(letter) in {0x2028, 0x2029} for letter in text
        )
        assert cell_len(text) == size[0], text


_TAKING_MARKUP = {
    "Button", "Checkbox", "Collapsible", "DataTable", "Label", "ListView", "Markdown", "OptionList", "RadioButton",
    "RichLog", "Select", "SelectionList", "Static", "Tabs", "Toast", "Tree",
}  # fmt: skip


def test_nothing_in_the_interface_takes_markup() -> None:
    for path in (Path(__file__).parents[2] / "tui").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("textual"):
                assert not {alias.name for alias in node.names} & _TAKING_MARKUP, path
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                assert node.func.attr not in {"notify", "from_markup", "render_markup"}, path
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                assert node.attr not in {"border_title", "border_subtitle", "tooltip"}, path
