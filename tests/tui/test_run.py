"""The loaded part of a list: paging from both ends, and staying put while things change."""

from collections.abc import Sequence
from dataclasses import dataclass

from tui.widgets.run import PAGE, Listed, Run, Window, merged


@dataclass(frozen=True)
class Row:
    id: int
    text: str = ""


class Numbers(Window[Row]):
    """A window on numbers that counts what is asked of it."""

    def __init__(self, size: int) -> None:
        self.rows = [Row(n) for n in range(size)]
        self.read = 0

    def page(self, beside: Row | None, *, forward: bool, limit: int) -> list[Row]:
        rows = self.rows
        if beside is None:
            found = rows[:limit] if forward else rows[-limit:]
        elif forward:
            found = [row for row in rows if row.id > beside.id][:limit]
        else:
            found = [row for row in rows if row.id < beside.id][-limit:]
        self.read += len(found)
        return found

    def again(self, rows: Sequence[Row]) -> list[Row]:
        wanted = {row.id for row in rows}
        return [row for row in self.rows if row.id in wanted]


def run(window: Numbers) -> Run[Row]:
    made: Run[Row] = Run(window, lambda row: row.id)
    made.first()
    return made


def ids(made: Run[Row]) -> list[int]:
    return [row.id for row in made.rows]


def test_the_first_page_is_all_that_is_read() -> None:
    window = Numbers(200_000)
    made = run(window)
    assert ids(made) == list(range(PAGE))
    assert window.read == PAGE


def test_the_last_row_of_many_is_reached_from_the_end() -> None:
    window = Numbers(200_000)
    made = run(window)
    made.last()
    assert ids(made)[-1] == 199_999
    assert window.read == 2 * PAGE
    assert made.at_end
    assert not made.at_start


def test_a_short_page_is_not_the_end_while_something_follows_it() -> None:
    class Hesitant(Numbers):
        def page(self, beside: Row | None, *, forward: bool, limit: int) -> list[Row]:
            return super().page(beside, forward=forward, limit=min(limit, 50))

    made = run(Hesitant(120))
    while not made.at_end:
        made.after()
    assert ids(made) == list(range(120))
    made.last()
    made.first()
    made.renew()
    assert not made.at_end


def test_an_empty_page_is_not_the_end_while_its_window_goes_on() -> None:
    class Slow(Numbers):
        tried = 0

        @property
        def goes_on(self) -> bool:
            return self.tried % 3 > 0

        def page(self, beside: Row | None, *, forward: bool, limit: int) -> list[Row]:
            self.tried += 1
            return [] if self.goes_on else super().page(beside, forward=forward, limit=min(limit, 50))

    made = run(Slow(120))
    assert not ids(made)
    tries = 0
    while ids(made) != list(range(120)) and tries < 50:
        assert not made.at_end
        made.after()
        tries += 1
    assert ids(made) == list(range(120))


def test_pages_before_and_after_are_joined_without_holes() -> None:
    made = run(Numbers(1000))
    made.last()
    assert made.before() == PAGE
    assert ids(made) == list(range(1000 - 2 * PAGE, 1000))
    made.first()
    assert made.after() == 0
    assert ids(made) == list(range(2 * PAGE))


def test_a_long_walk_keeps_the_run_short() -> None:
    made = run(Numbers(20_000))
    dropped = sum(made.after() for _ in range(100))
    assert len(made.rows) <= 4096 + PAGE
    assert dropped > 0
    assert ids(made) == list(range(ids(made)[0], ids(made)[-1] + 1))


def test_what_is_new_comes_in_at_its_place() -> None:
    window = Numbers(5)
    window.rows = [Row(n) for n in (10, 20, 30)]
    made = run(window)
    window.rows = [Row(n) for n in (5, 10, 15, 20, 30, 40)]
    assert made.renew() == [5, 15, 40]
    assert ids(made) == [5, 10, 15, 20, 30, 40]


def test_what_left_the_view_elsewhere_stays_with_its_new_words() -> None:
    window = Numbers(0)
    window.rows = [Row(1), Row(2), Row(3)]
    made = run(window)

    class Answered(Numbers):
        def again(self, rows: Sequence[Row]) -> list[Row]:
            return [Row(row.id, "answered") for row in rows]

    other = Answered(0)
    other.rows = [Row(1), Row(3)]
    made.window = other
    assert made.renew() == []
    assert made.rows == [Row(1), Row(2, "answered"), Row(3)]


def test_what_is_leaving_goes() -> None:
    window = Numbers(0)
    window.rows = [Row(1), Row(2), Row(3)]
    made = run(window)
    window.rows = [Row(1), Row(3)]
    made.renew(leaving=[2])
    assert ids(made) == [1, 3]


def test_what_does_not_exist_any_more_goes() -> None:
    window = Numbers(0)
    window.rows = [Row(1), Row(2)]
    made = run(window)
    window.rows = [Row(1)]
    made.renew()
    assert ids(made) == [1]


def test_hidden_rows_come_in_by_no_page() -> None:
    window = Numbers(10)
    made = run(window)
    made.hide([3, 4])
    made.renew()
    assert 3 not in ids(made)
    made.hidden.clear()
    assert made.renew() == [3, 4]
    assert ids(made) == list(range(10))


def test_renewing_a_run_in_the_middle_makes_no_hole() -> None:
    window = Numbers(1000)
    made = run(window)
    window.rows = sorted([*window.rows, Row(100_000)], key=lambda row: row.id)
    made.renew()
    assert ids(made) == list(range(ids(made)[-1] + 1))


def test_merging_keeps_the_order_of_what_is_there() -> None:
    assert merged([3, 1, 2], [1, 9, 2, 3, 8], lambda each: each) == [3, 8, 1, 9, 2]
    assert merged([], [1, 2], lambda each: each) == [1, 2]


def test_a_list_in_memory_is_one_page() -> None:
    made: Run[int] = Run(Listed(list(range(500))), lambda each: each)
    made.first()
    assert len(made.rows) == 500
    assert made.at_end
