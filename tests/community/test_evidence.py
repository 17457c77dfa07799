"""What makes two identities look like one person, and what does not."""

import pytest

from community.evidence import address, distinctive, is_short_for, keys_of, whole_name
from community.model import Identity
from community.sources.base import ProfileLink
from community.terms import TERMS, terms_of


def identity(
    network: str = "fediverse",
    handle: str = "@nightowl42@here.example",
    name: str = "Maria Lindqvist",
    url: str | None = None,
    links: tuple[ProfileLink, ...] = (),
    *,
    mail: str | None = None,
    is_me: bool = False,
) -> Identity:
    import json

    given = json.dumps([[each.url, each.is_proved] for each in links])
    return Identity(1, 1, network, "key", handle, name, url, mail, given, int(is_me))


@pytest.mark.parametrize(
    "spelling",
    [
        "https://maria.example",
        "http://www.maria.example/",
        "HTTPS://Maria.Example:443/index.html",
        "https://maria.example/about/",
        "https://user:word@maria.example/?utm_source=feed#top",
    ],
)
def test_the_spellings_of_a_site_are_one(spelling: str) -> None:
    assert address(spelling) == "maria.example"


def test_a_page_on_a_shared_host_is_not_its_neighbour() -> None:
    assert address("https://pages.example/~ann/") != address("https://pages.example/~bo/")
    assert address("https://github.com/") == ""
    assert address("https://github.com/ann") == "github.com/ann"
    assert address("https://127.0.0.1:8080/jon/") == "127.0.0.1:8080/jon"


@pytest.mark.parametrize("nothing", ["", "javascript:alert(1)", "mailto:me@here.example", "https://", "not an address"])
def test_what_is_no_web_address_is_no_evidence(nothing: str) -> None:
    assert address(nothing) == ""


@pytest.mark.parametrize(
    ("handle", "name", "kept"),
    [
        ("@night.owl_42@here.example", "Maria", "nightowl42"),
        ("@nightowl42.bsky.social", "", "nightowl42"),
        ("NightOwl42", "NightOwl42", "nightowl42"),
        ("@jonadeyemi@here.example", "Jon Adeyemi", "jonadeyemi"),
        ("@wintermute@here.example", "Wintermute", "wintermute"),
        ("@maria@here.example", "Maria Lindqvist", ""),
        ("@roberto", "Roberto", ""),
        ("@jon@here.example", "J.", ""),
        ("@admin@here.example", "The admin", ""),
        ("@12345678@here.example", "x", ""),
        ("Ann of the hills", "Ann of the hills", ""),
    ],
)
def test_only_a_distinctive_handle_says_something(handle: str, name: str, kept: str) -> None:
    assert distinctive(handle, name) == kept


def test_a_whole_name_is_found_in_any_spelling() -> None:
    assert whole_name("Lindqvist, MARÍA") == whole_name("Maria Lindqvist") != ""
    assert whole_name("Maria") == whole_name("Kemi O.") == whole_name("42") == ""


def test_initials_are_short_for_a_name() -> None:
    assert is_short_for("Kemi O.", "Kemi Okafor")
    assert is_short_for("Kemi", "Kemi Okafor")
    assert not is_short_for("Kemi A.", "Kemi Okafor")
    assert not is_short_for("Kemi Okafor", "Kemi Okafor")
    assert not is_short_for("", "Kemi")


def test_an_identity_gives_each_key_once_and_the_surest_role() -> None:
    found = keys_of(
        identity(
            url="https://here.example/@nightowl42",
            links=(ProfileLink("https://maria.example"), ProfileLink("http://www.maria.example/", is_proved=True)),
            mail="aa",
        )
    )
    assert [(key.kind, key.value, key.role) for key in found] == [
        ("mail", "aa", ""),
        ("address", "here.example/@nightowl42", "own"),
        ("address", "maria.example", "proved"),
        ("handle", "nightowl42", ""),
        ("name", "lindqvist maria", ""),
    ]


def test_the_site_of_a_commenter_is_what_they_say_and_no_handle() -> None:
    found = keys_of(identity("wordpress:blog.example", "maria.example", "Maria", "https://maria.example"))
    assert [(key.kind, key.value, key.role) for key in found] == [("address", "maria.example", "says")]


def test_a_handle_that_is_a_host_name_proves_the_site() -> None:
    found = keys_of(identity("bluesky", "@maria.example", "Maria", "https://bsky.app/profile/did:plc:1"))
    assert ("address", "maria.example", "proved") in [(key.kind, key.value, key.role) for key in found]


def test_me_and_platforms_that_forbid_it_are_never_matched() -> None:
    assert keys_of(identity(is_me=True)) == ()
    for kind in ("reddit", "linkedin", "reddit:r/python"):
        assert keys_of(identity(kind)) == ()


def test_the_terms_are_those_of_the_fact_sheets() -> None:
    assert {kind for kind, terms in TERMS.items() if not terms.may_match} == {"reddit", "linkedin"}
    assert (terms_of("linkedin").keep_text_s, terms_of("linkedin").keep_author_s) == (48 * 3600, 24 * 3600)
    assert terms_of("youtube").keep_text_s == 30 * 86_400
    assert terms_of("mastodon") == terms_of("wordpress:blog.example")
    assert terms_of("mastodon").may_match
    assert terms_of("mastodon").keep_text_s is None
