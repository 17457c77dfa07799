"""Which rows are on screen and where the cursor stands, whatever comes, goes and scrolls."""

import random
from collections.abc import Sequence

from tui.widgets.run import Listed, Run
from tui.widgets.sight import Sight


def sight(rows: Sequence[int], *, high: int = 10, tall: int = 1) -> Sight[int]:
    """A screen of so many lines on numbers; every tenth is a heading."""
    made = Sight(Run(Listed(rows), lambda row: row), lambda row: tall, lambda row: row % 10 > 0)
    made.begin(None)
    made.settle(high, leaps=False)
    return made


def seen(of: Sight[int]) -> list[int]:
    return [of.run.rows[at] for at in of.place]


def test_the_cursor_begins_below_the_first_heading() -> None:
    assert sight(range(50)).row == 1
    assert sight([0]).row is None
    assert sight([]).row is None


def test_a_step_passes_a_heading_over_and_ends_at_the_last_row() -> None:
    made = sight(range(25))
    made.go(made.stepped(9))
    assert made.row == 11
    made.go(made.stepped(100))
    assert made.row == 24
    assert made.stepped(1) == made.at
    made.go(made.stepped(-100))
    assert made.row == 1


def test_a_move_within_the_screen_needs_two_rows_painted_and_one_beyond_it_all() -> None:
    made = sight(range(50))
    assert made.go(5)
    assert not made.go(15)
    made.settle(10, leaps=False)
    assert made.row == 15 and seen(made)[-1] == 15


def test_going_up_to_the_first_row_of_a_group_shows_its_heading_too() -> None:
    made = sight(range(50))
    made.last()
    made.settle(10, leaps=False)
    made.go(21)
    made.settle(10, leaps=False)
    assert seen(made)[:2] == [20, 21]


def test_beside_another_pane_it_scrolls_by_a_third() -> None:
    made = sight(range(1, 10), high=3)
    made.go(3)
    made.settle(3, leaps=True)
    assert made.row == 4 and seen(made) == [3, 4, 5]


def test_the_cursor_stays_with_its_row_when_others_come_and_go() -> None:
    made = sight(range(1, 9))
    made.go(4)
    kept, here = made.keep(), made.row
    made.run.rows = [-3, -2, -1, *(row for row in made.run.rows if row != 2)]
    made.back_to(kept)
    assert made.row == here == 5
    kept = made.keep()
    made.run.rows = [row for row in made.run.rows if row != 5]
    made.back_to(kept)
    assert made.row == 6
    kept = made.keep()
    made.run.rows = [1, 3]
    made.back_to(kept)
    assert made.row == 3


def test_wherever_one_goes_the_cursor_is_on_screen_and_every_line_belongs_to_a_row() -> None:
    chance = random.Random(1)
    for _ in range(60):
        high, tall = chance.randint(1, 12), chance.randint(1, 3)
        made = sight(range(1, chance.randint(2, 120)), high=high, tall=tall)
        for _ in range(20):
            at = made.stepped(chance.randint(-30, 30))
            if chance.random() < 0.1:
                made.last()
            elif at != made.at:
                made.go(at)
            made.settle(high, leaps=chance.random() < 0.5)
            assert made.at in made.place and (made.place[made.at] + tall <= high or high < tall)
            rows = [at for at, _ in made.spans]
            assert rows == sorted(rows) and list(dict.fromkeys(rows)) == list(range(rows[0], rows[-1] + 1))
