"""Hostile text: what may leave the edge, and that cleaning is done once for all."""

import os
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from community.html_tokens import tokens
from community.markup import _laid_out, _Page
from community.text import (
    clean,
    clean_line,
    display,
    from_html,
    grapheme_prefix,
    graphemes,
    links,
    normalised,
    safe_url,
    shown_host,
    to_html,
)
from community.urls import _rebuilt, without_trackers

WHOLE = os.environ.get("KITH_FAULTS") == "full"
MANY = 10_000 if WHOLE else 500
SOME = 2_500 if WHOLE else 500
SIZE = 10_000_000 if WHOLE else 1_000_000
BIDI = {0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)}
JOINTS = (
    "\u200c\u200d\u0301\u0489\ufe0f\u094d\U0001f3f4\U000e0067\U000e0062\U000e007f"
    "\U0001f1e6\U0001f469\u00ad\u202e \n\r\ta\u0915"
)
JUNK = ("<a href='http://x.y'>", "</a>", "<p>", "<span class=invisible>", "</span>", "<pre>", "</pre>", "<li>")
MORE_JUNK = ("t ", "\n", "<br>", "<blockquote>", "</blockquote>", "<", "&lt;", "<!--", "-->", "<script>")
PLAIN_JUNK = (
    *('<a href="http://x.y/z" rel="n">', '<a href="/q?a=1&amp;b">', '<A HREF="//h/x" href="http://n">', "http://x.y/z"),
    *(
        '<img src="a" alt="q &amp; r" width="1"/>',
        '<img alt="">',
        '<span class="invisible">',
        '<p class="x">',
        "<br />",
    ),
)
awkward = st.text(st.sampled_from(JOINTS) | st.characters() | st.characters(categories=["Cc", "Cf", "Cs", "Mn", "Me"]))


def forbidden(char: str) -> bool:
    code = ord(char)
    return (
        (unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\t")
        or code in BIDI
        or code in (0x2028, 0x2029, *range(0x206A, 0x2070), 0xFFF9, 0xFFFA, 0xFFFB)
        or 0xFDD0 <= code <= 0xFDEF
        or code & 0xFFFE == 0xFFFE
    )


@settings(max_examples=MANY, deadline=None)
@given(awkward)
def test_cleaning_twice_changes_nothing_and_nothing_forbidden_comes_out(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert not any(map(forbidden, once))


@settings(max_examples=MANY, deadline=None)
@given(awkward, st.integers(0, 40) | st.integers(90, 160))
def test_cutting_keeps_the_limit_and_the_fixed_point(text: str, limit: int) -> None:
    for cleaner in (clean, clean_line):
        for given_text in (text, text * 9):
            once = cleaner(given_text, limit=limit)
            assert len(once) <= limit
            assert cleaner(once, limit=limit) == once
            assert not any(map(forbidden, once))


@settings(max_examples=MANY, deadline=None)
@given(awkward)
def test_a_clean_line_has_no_line_ends_and_survives_both_cleaners(text: str) -> None:
    once = clean_line(text)
    assert clean_line(once) == once == clean(once)
    assert "\n" not in once
    assert "\t" not in once
    assert "  " not in once


@settings(max_examples=MANY, deadline=None)
@given(awkward)
def test_a_shown_row_holds_nothing_of_unsure_width(text: str) -> None:
    row = display(text)
    assert not any(map(forbidden, row))
    assert not any(char in "\n\t\u200b\u200c\u200d\ufe0f\u00ad" for char in row)


def test_lines_and_tabs_stay_and_line_ends_become_one_kind() -> None:
    assert clean("a\r\nb\rc\n\td\u2028e") == "a\nb\nc\n\td\ne"


def test_controls_are_shown_and_not_hidden() -> None:
    assert clean("a\x1b[31mb\x9bc\x00d\x7f") == "a�[31mb�c�d�"
    assert clean("in\u202etxt.exe") == "in�txt.exe"
    assert clean("\ud800 \ufdd0 \U0001ffff") == "� � �"


def test_marks_of_honest_writing_leave_without_a_trace() -> None:
    assert clean("\ufeffשלום\u200f, \u2068Ann\u2069") == "שלום, Ann"


def test_bytes_and_nothing_are_taken() -> None:
    assert clean(b"caf\xc3\xa9 \xff") == "café �"
    assert clean(None) == clean_line(None) == ""


def test_joiners_stay_between_letters_and_emoji_only() -> None:
    for kept in ("می\u200cخواهم", "👩\u200d❤\ufe0f\u200d👨", "ക\u0d4d\u200d ക", "🏳\ufe0f\u200d🌈"):
        assert clean(kept) == kept
    assert clean("a \u200d b\u200c") == "a  b"
    assert clean("a\u200d\u200d\u200cb") == "a\u200db"


def test_tags_are_kept_in_flags_only() -> None:
    scotland = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
    assert clean(scotland) == scotland
    assert clean("hi\U000e0068\U000e0069") == "hi�"
    assert clean(scotland[:-1]) == "\U0001f3f4�"


def test_marks_on_a_letter_are_capped_also_through_invisible_characters() -> None:
    assert clean("a" + "\u0301" * 50 + "b") == "a" + "\u0301" * 4 + "b"
    assert sum(char == "\u0301" for char in clean("a" + "\u0301\u00ad" * 50)) == 4
    assert display("a" + "\u0301\u200b" * 50) == "a" + "\u0301" * 4


def test_what_is_cut_is_said() -> None:
    assert clean("x" * 2_500_000).endswith("x\n… 1.5 MB more")
    assert clean_line("x" * 2000).endswith("x… 1 kB more")
    assert clean_line("abcdefghij", limit=5) == "abcd…"
    assert clean("\n" * 100_000).count("\n") < 20_000


@pytest.mark.parametrize(
    "piece",
    ["\u0301", "\u200d", "\U000e0061", "\U0001f1e6", "\x1b", "\n", "\r", "क\u094d", "\u0301\u00ad", "\ud800", "<div>"],
)
def test_megabytes_of_one_thing_take_no_time(piece: str) -> None:
    text = piece * (SIZE // 5 // len(piece))
    clean(text)
    clean_line(text)
    display(text)
    normalised(text)
    graphemes(text)


# HTML


def test_html_reads_as_paragraphs_quotes_and_lists() -> None:
    html = (
        "<p>One<br>two</p><blockquote><p>q1<p>q2</blockquote><ul><li>a<ul><li>b</ul><li><p>c</p></ul>"
        "<pre>x\n  y &lt;z&gt;</pre><img alt='A cat' src=x><img alt=''>"
    )
    assert from_html(html) == ("One\ntwo\n\n> q1\n>\n> q2\n\n- a\n  - b\n- c\n\nx\n  y <z>\n\n[image: A cat]")


def test_entities_end_as_clean_text() -> None:
    assert from_html("a&#27;[2J &amp;lt; &lt;b&gt; caf&eacute; &#x9b;&copy") == "a[2J &lt; <b> café ›©"


def test_links_show_their_address_where_the_text_does_not() -> None:
    assert from_html('<a href="/x?a=1&amp;b=2">this</a>, ok', base="https://s.example/p/") == (
        "this (https://s.example/x?a=1&b=2), ok"
    )
    assert from_html('<a href="https://e.example/">e.example</a>') == "https://e.example/"
    assert from_html('<a href="https://evil.example/">bank.example</a>') == "bank.example (https://evil.example/)"
    assert from_html('<a href="javascript:alert(1)">x</a> <a href="#top">up</a>') == "x up"


def test_mastodon_shortens_links_and_marks_mentions() -> None:
    assert (
        from_html(
            '<p><span class="h-card"><a href="https://m.example/@bo" class="u-url mention">@<span>bo</span></a></span> '
            '<a href="https://e.example/a/long/path"><span class="invisible">https://</span>'
            '<span class="ellipsis">e.example/a/lo</span><span class="invisible">ng/path</span></a></p>'
        )
        == "@bo https://e.example/a/long/path"
    )


def test_nobody_reads_scripts_styles_or_comments() -> None:
    assert from_html("a<script>alert('<p>b')</script><style>p{}</style><!-- c --><svg><text>d</svg>e") == "ae"
    assert from_html("a<script>b") == "a"
    assert from_html("2 < 3 and <3") == "2 < 3 and <3"


def test_hidden_text_cannot_disguise_a_link() -> None:
    html = '<a href="https://evil.example/"><span class="invisible">https://evil.example/</span>bank.example</a>'
    assert "https://evil.example/" in from_html(html)


@pytest.mark.parametrize(
    "piece", ["<div>", "</p>", "<a ", '<a "', "<!--", "<!", "<svg>", "<b x=1>", "<a href=http://a.b>c<p>", "<li>", "&#"]
)
def test_megabytes_of_junk_are_read_at_once(piece: str) -> None:
    junk = piece * (SIZE // len(piece))
    assert len(from_html(junk)) <= 1_000_000
    links(junk)


@settings(max_examples=SOME, deadline=None)
@given(st.lists(st.sampled_from(JUNK + MORE_JUNK) | st.text(max_size=3)).map("".join))
def test_no_html_upsets_the_reader(html: str) -> None:
    text = from_html(html, base="https://s.example/")
    assert clean(text) == text
    assert all(link.url.startswith("http") for link in links(html, "https://s.example/"))


def test_links_are_found_in_order_and_once() -> None:
    html = '<a href="/a">A</a> see https://e.example/b. <a href="/a">again</a><a href="mailto:x@y">m</a>'
    assert links(html, "https://s.example/") == [
        ("A", "https://s.example/a"),
        ("https://e.example/b", "https://e.example/b"),
    ]
    assert [link.url for link in links("1 <b http://x.example/?a=1&copy=2) (https://e.example/X_(y)), ok")] == [
        "http://x.example/?a=1&copy=2",
        "https://e.example/X_(y)",
    ]


@settings(max_examples=MANY, deadline=None)
@given(st.lists(st.sampled_from((*JUNK, *MORE_JUNK, *PLAIN_JUNK)), max_size=12).map("".join))
def test_plain_html_that_is_read_at_once_is_what_reading_it_tag_by_tag_gives(html: str) -> None:
    page = _Page("https://h.example/x")
    if _laid_out(page, html):
        slow = _Page("https://h.example/x")
        for end, name, value in tokens(html):
            slow.tag(end, name, value) if isinstance(value, dict) else slow.write(value)
        assert page.finished() == slow.finished()


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://u:p@H.example:443/a b#c", "https://h.example/a%20b#c"),
        ("http://h.example:8080", "http://h.example:8080"),
        ("http://[::1]/", "http://[::1]/"),
        ("//h/x", None),
        ("http://good.example\\@evil.example", None),
        ("java\nscript:alert(1)", None),
        ("data:text/html,x", None),
        ("https://h/\u202e", None),
        ("http://[::1/", None),
        ("http://h:99999/", None),
        ("https://h/" + "a" * 2000, None),
        ("", None),
    ],
)
def test_only_plain_web_addresses_are_safe(url: str, safe: str | None) -> None:
    assert safe_url(url) == safe
    assert safe is None or safe_url(safe) == safe


ADDRESS = ("http://", "https://", "HTTP:", "a.b", "A", "/", "//", ".", "..", "?", "#", ";", "&x=1", ":80", ":8080", "@")


@settings(max_examples=SOME, deadline=None)
@given(
    st.lists(st.sampled_from(ADDRESS), max_size=9).map("".join),
    st.sampled_from(
        ("", "http://h.example/x/y", "https://h.example:8443/", "http://H.x/y", "http://u@h/x", "http://h")
    ),
)
def test_an_address_that_is_known_at_a_glance_is_what_taking_it_apart_gives(url: str, base: str) -> None:
    assert safe_url(url, base) == (_rebuilt(url, base) if url else None)


def test_hosts_that_mix_scripts_are_shown_in_punycode() -> None:
    assert shown_host("https://münchen.de/x") == "münchen.de"
    assert shown_host("https://пример.рф") == "пример.рф"
    assert shown_host("https://日本語.jp") == "日本語.jp"
    assert shown_host("https://аpple.com") == "xn--pple-43d.com"
    assert shown_host("https://аррӏе.com").startswith("xn--")
    assert shown_host("https://user:pass@h.example:1/") == "h.example"
    assert shown_host("nothing") == ""


# Rows, counts, our own text


def test_rows_have_one_width_everywhere() -> None:
    assert display("👨\u200d👩\u200d👧 🇩🇪 👋🏽 ❤\ufe0f a\tb\nc\x1b") == "👨👩👧 DE 👋 ❤ a b c�"


def test_characters_are_counted_as_people_see_them() -> None:
    text = "👨\u200d👩\u200d👧🇩🇪🇫🇷👋🏽e\u0301"
    assert graphemes(text) == 5
    assert grapheme_prefix(text, 2) == "👨\u200d👩\u200d👧🇩🇪"
    assert grapheme_prefix(text, 99) == text
    assert grapheme_prefix(text, 0) == ""
    assert graphemes("a\r\nb") == 3


def test_our_text_becomes_paragraphs() -> None:
    assert to_html("a<b & c\nd\n\n\ne\n") == "<p>a&lt;b &amp; c<br>\nd</p>\n<p>e</p>"
    assert to_html("") == ""


def test_what_servers_prettify_compares_equal() -> None:
    assert normalised("“a” &amp; b – c…\n d") == normalised('"a" & b - c... d')
    assert normalised("e\u0301") == "é"


@pytest.mark.parametrize(
    ("url", "opened"),
    [
        ("https://a.example/p?utm_source=x&id=7&fbclid=y#top", "https://a.example/p?id=7#top"),
        ("https://a.example/p?utm_source=x&UTM_Medium=y", "https://a.example/p"),
        ("https://a.example/p?gclid=1#utm_source=x", "https://a.example/p#utm_source=x"),
        ("https://a.example/p?b=2&a=&c&a=1&empty", "https://a.example/p?b=2&a=&c&a=1&empty"),
        ("https://a.example/utm_source=x?q=utm_source%3Dx", "https://a.example/utm_source=x?q=utm_source%3Dx"),
        ("https://a.example/?", "https://a.example/?"),
    ],
)
def test_what_tells_who_follows_a_link_is_cut_and_nothing_else(url: str, opened: str) -> None:
    assert without_trackers(url) == opened
    assert without_trackers(opened) == opened
