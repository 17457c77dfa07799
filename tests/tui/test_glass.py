"""The screen after a frame of differences is the screen after painting everything, whatever happened before."""

import random

import pytest

from terminal import Terminal
from tui.glass import Change, Glass, inked, split
from tui.pencil import BOLD, PLAIN, REVERSE, UNDERLINE, Pen

_PENS = (
    PLAIN, Pen("31"), Pen("38;2;1;2;3", "48;2;9;9;9"), Pen("", "", BOLD), Pen("36", "44", BOLD), Pen("", "", REVERSE),
    Pen("32", "", UNDERLINE), Pen("", "48;2;9;9;9"),
)  # fmt: skip
_WORDS = ("a", "who", "漢字", "naïve", "e\u0301a", "─┬─", "   ", "  ", "waiting", "〜", "x" * 9)

Scene = list[list[tuple[str, Pen]]]


def row(chance: random.Random, width: int) -> list[tuple[str, Pen]]:
    """Words in several pens, in exactly `width` cells."""
    runs: list[tuple[str, Pen]] = []
    left = width
    while left:
        text = chance.choice(_WORDS)
        if len(split(text)) > left:
            text = " " * left if chance.random() < 0.7 else "z" * left
        runs.append((text, chance.choice(_PENS)))
        left -= len(split(text))
    return runs


def told(scene: Scene) -> list[Change]:
    """All of a scene."""
    return [(y, 0, inked(runs)) for y, runs in enumerate(scene)]


def changed(chance: random.Random, scene: Scene, width: int) -> Scene:
    """The scene after something happened: rows moved, one changed, several, all, or none."""
    height = len(scene)
    match chance.randrange(6):
        case 0:
            by, top = chance.randint(1, 3), chance.randrange(3)
            return [*scene[:top], *scene[top + by :], *(row(chance, width) for _ in range(by))][:height]
        case 1:
            by, top = chance.randint(1, 3), chance.randrange(3)
            return [*scene[:top], *(row(chance, width) for _ in range(by)), *scene[top:]][:height]
        case 2:
            return [row(chance, width) for _ in range(height)]
        case 3:
            return scene
        case _:
            lucky = {chance.randrange(height) for _ in range(chance.randint(1, 3))}
            return [row(chance, width) if y in lucky else runs for y, runs in enumerate(scene)]


def walk(seed: int, steps: int) -> None:
    chance = random.Random(seed)
    width, height = chance.randint(12, 40), chance.randint(7, 12)
    fills = seed % 2 == 0
    glass, terminal = Glass(width, height, fills=fills), Terminal(width, height, fills=fills)
    scene: Scene = [row(chance, width) for _ in range(height)]
    for step in range(steps):
        if step:
            scene = changed(chance, scene, width)
        terminal.feed(glass.frame(told(scene)))
        whole = Terminal(width, height)
        whole.feed(Glass(width, height).frame(told(scene)))
        assert terminal.cells() == whole.cells(), f"seed {seed}, step {step}"


@pytest.mark.parametrize("seed", range(6))
def test_a_frame_of_differences_is_as_good_as_a_whole_one(seed: int) -> None:
    walk(seed, 25)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_the_same_for_thousands_of_steps() -> None:
    for seed in range(100, 160):
        walk(seed, 100)


def test_a_whole_frame_shows_every_cell_as_it_was_told() -> None:
    terminal = Terminal(8, 2)
    terminal.feed(Glass(8, 2).frame([(0, 0, inked([("ab", _PENS[1]), ("漢", PLAIN), ("  c ", _PENS[6])]))]))
    assert terminal.text()[0] == "ab漢  c "
    assert terminal.cells()[0][0] == ("a", "red", "default", frozenset())
    assert terminal.cells()[0][6] == ("c", "green", "default", frozenset({"underscore"}))


def scenes(*, by: int, width: int = 100, height: int = 30) -> tuple[list[Change], list[Change]]:
    """A list, and the same after it has scrolled."""
    rows: list[Change] = [
        (y, 0, inked([(f"  Person {y:<20} wrote something about {y * 7919:<40}"[:width].ljust(width), PLAIN)]))
        for y in range(height + by)
    ]
    return rows[:height], [(y, 0, pieces) for y, (_, _, pieces) in enumerate(rows[by:])]


def test_what_is_there_already_costs_nothing() -> None:
    before, _ = scenes(by=1)
    glass = Glass(100, 30)
    assert glass.frame(before)
    assert glass.frame(before) == ""


@pytest.mark.parametrize("by", [1, 2, 5])
def test_a_list_that_scrolls_costs_the_rows_that_come_in(by: int) -> None:
    before, after = scenes(by=by)
    glass = Glass(100, 30)
    whole = len(glass.frame(before))
    assert len(glass.frame(after)) < whole * (by + 1) / 30 + 40


def test_one_word_costs_one_word() -> None:
    glass = Glass(100, 3)
    glass.frame([(1, 0, inked([("x" * 100, PLAIN)]))])
    assert glass.frame([(1, 40, inked([("word", PLAIN)]))]) == "\x1b[2;41Hword"


def test_blanks_of_a_coloured_paper_are_erased_where_the_terminal_fills_with_it() -> None:
    paper = Pen("", "48;2;9;9;9")
    before, after = [(0, 0, inked([("x" * 60, paper)]))], [(0, 0, inked([("x", paper), (" " * 59, paper)]))]
    costs = {}
    for fills in (True, False):
        glass, terminal = Glass(60, 1, fills=fills), Terminal(60, 1, fills=fills)
        terminal.feed(glass.frame(before))
        frame = glass.frame(after)
        terminal.feed(frame)
        costs[fills] = len(frame)
        assert terminal.cells()[0][59] == (" ", "", "090909", frozenset())
    assert costs[True] < 30 < costs[False]


def test_what_has_one_pen_is_written_together_where_that_is_shorter() -> None:
    line, word = Pen("38;2;71;75;82"), Pen("38;2;214;210;201")
    glass, terminal = Glass(20, 10), Terminal(20, 10)
    frame = glass.frame([(y, 0, inked([("│ ", line), (f"word {y}", word)])) for y in range(10)])
    terminal.feed(frame)
    assert [row[:8] for row in terminal.text()] == [f"│ word {y}" for y in range(10)]
    assert frame.count(word.ink) == frame.count(line.ink) == 1


def test_after_something_else_has_written_everything_is_written() -> None:
    before, _ = scenes(by=1)
    glass = Glass(100, 30)
    whole = glass.frame(before)
    glass.forget()
    assert glass.frame(before) == whole


def test_a_part_that_was_never_told_is_left_alone() -> None:
    glass, terminal = Glass(20, 1), Terminal(20, 1)
    terminal.feed("theirs........... ok")
    terminal.feed(glass.frame([(0, 0, inked([("ours", PLAIN)])), (0, 7, inked([("x", PLAIN)]))]))
    assert terminal.text()[0].startswith("oursrs.x")
