"""The key table: presets, the user's own keys, sequences, and words that find actions."""

import pytest

from community.actions import ACTIONS, Scope
from community.errors import WrongUsage
from tui import keys
from tui.dispatch import Dispatcher, command, completions
from tui.keys import Verb
from tui.sent import Sent
from tui.widgets.help_list import HEADINGS

INBOX = (Scope.LIST, Scope.CONVERSATION, Scope.PERSON, Scope.EVERYWHERE, Scope.GO)


@pytest.mark.parametrize("preset", keys.PRESETS)
def test_every_preset_loads_and_can_leave_again(preset: str) -> None:
    found = keys.load(preset)
    assert found.key_of("back")
    assert found.key_of("help")
    assert found.key_of("reply")


def test_every_action_has_a_key_without_a_chord() -> None:
    found = keys.load()
    chorded = {a.id for a in ACTIONS if found.keys_of(a.id) and all(k.startswith("^") for k in found.keys_of(a.id))}
    assert chorded <= {"palette", "redo", "redraw"}, "these can be typed by name on the `:` line"
    assert {a.id for a in ACTIONS if not found.keys_of(a.id)} == set()


def test_an_unknown_preset_is_named() -> None:
    with pytest.raises(WrongUsage, match=r"no key preset “vim”"):
        keys.load("vim")


def test_an_unknown_action_in_the_users_keys_is_named_with_the_nearest() -> None:
    with pytest.raises(WrongUsage, match=r"no action “item.doen”; did you mean “item.done”"):
        keys.load("kith", {"item.doen": "d"})


def test_a_key_given_twice_names_both_actions() -> None:
    with pytest.raises(WrongUsage, match=r"“d” cannot be both item.snooze and item.done"):
        keys.load("kith", {"item.snooze": "d"})


def test_a_key_that_begins_another_binding_is_a_clash() -> None:
    with pytest.raises(WrongUsage, match=r"cannot be both"):
        keys.load("kith", {"item.done": "g", "item.star": "gx"})


def test_the_users_keys_replace_those_of_an_action() -> None:
    found = keys.load("kith", {"item.done": "E, Delete"})
    assert found.keys_of("item.done") == ["E", "Delete"]
    assert found.verb(INBOX, ("E",)) == Verb("item.done")
    assert found.verb(INBOX, ("d",)) != Verb("item.done")


def test_an_action_can_be_bound_with_its_argument() -> None:
    found = keys.load("kith", {"item.snooze tomorrow": "S"})
    assert found.verb(INBOX, ("S",)) == Verb("item.snooze", "tomorrow")


def test_names_and_runs_of_letters_are_keys() -> None:
    assert keys.parse("gg, Home") == [("g", "g"), ("Home",)]
    assert keys.parse("^d, space") == [("^d",), ("Space",)]
    assert keys.parse("comma") == [(",",)]
    assert keys.parse("") == []


def test_a_misspelt_key_name_is_refused() -> None:
    with pytest.raises(WrongUsage, match=r"did you mean"):
        keys.parse("PgDown, PgDwn")


def test_the_inner_scope_wins() -> None:
    found = keys.load()
    assert found.verb(INBOX, ("Space",)) == Verb("item.select")
    assert found.verb((Scope.EVERYWHERE, Scope.LIST), ("Space",)) == Verb("session")


def test_a_prefix_waits_for_the_next_key() -> None:
    dispatcher = Dispatcher(keys.load())
    assert dispatcher.press("g", INBOX) == "g"
    assert dispatcher.waiting
    assert {choice.key for choice in dispatcher.following(INBOX)} >= {"t", "i", "p", "x"}
    assert dispatcher.press("i", INBOX) == Verb("go.inbox")
    assert not dispatcher.waiting


def test_a_wrong_key_after_a_prefix_does_nothing() -> None:
    dispatcher = Dispatcher(keys.load())
    dispatcher.press("g", INBOX)
    assert dispatcher.press("%", INBOX) is None
    assert dispatcher.press("d", INBOX) == Verb("item.done")


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("archive", "item.done"),
        ("done", "item.done"),
        ("snoo", "item.snooze"),
        ("moder", "go.desk"),
        ("item.rest", "item.rest"),
    ],
)
def test_words_find_actions_by_id_label_and_synonym(words: str, first: str) -> None:
    assert keys.matching(words)[0] == first


def test_a_command_takes_its_argument() -> None:
    assert command("item.snooze in 3 days", None) == Verb("item.snooze", "in 3 days")
    assert command("snooze", None) == Verb("item.snooze")
    assert command("zzzz", None) is None


def test_completions_show_the_key() -> None:
    found = completions("archive", keys.load())
    assert (found[0].value, found[0].key) == ("item.done", "d")


def test_what_was_sent_is_taken_back_only_while_nothing_local_came_after() -> None:
    sent = Sent()
    sent.add(5, journal_id=9)
    assert sent.newest(9) == 5
    assert sent.newest(10) is None
    sent.drop(5)
    assert sent.newest(9) is None


def test_help_has_a_heading_for_every_scope() -> None:
    assert set(HEADINGS) == set(Scope)
