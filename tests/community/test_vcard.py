"""vCard as the RFCs have it, as other programs write it, and as nobody should."""

import time

import pytest

from community.contacts import contact, harmless
from community.errors import WrongUsage
from community.vcard import Property, read, text, write

# RFC 6350, section 8.
AUTHOR = """BEGIN:VCARD\r
VERSION:4.0\r
FN:Simon Perreault\r
N:Perreault;Simon;;;ing. jr,M.Sc.\r
BDAY:--0203\r
ANNIVERSARY:20090808T1430-0500\r
GENDER:M\r
LANG;PREF=1:fr\r
LANG;PREF=2:en\r
ORG;TYPE=work:Viagenie\r
ADR;TYPE=work:;Suite D2-630;2875 Laurier;\r
 Quebec;QC;G1V 2M2;Canada\r
TEL;VALUE=uri;TYPE="work,voice";PREF=1:tel:+1-418-656-9254;ext=102\r
TEL;VALUE=uri;TYPE="work,cell,voice,video,text":tel:+1-418-262-6501\r
EMAIL;TYPE=work:simon.perreault@viagenie.ca\r
GEO;TYPE=work:geo:46.772673,-71.282945\r
KEY;TYPE=work;VALUE=uri:\r
 http://www.viagenie.ca/simon.perreault/simon.asc\r
TZ:-0500\r
URL;TYPE=home:http://nomis80.org\r
END:VCARD\r
"""


def card(*lines: str, version: str = "4.0") -> bytes:
    return "\r\n".join(["BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""]).encode()


def one(*lines: str, version: str = "4.0") -> tuple[Property, ...]:
    [found] = read(card(*lines, version=version)).cards
    return found


def test_the_example_of_the_rfc_is_read() -> None:
    [found] = read(AUTHOR.encode()).cards
    by_name = {each.name: each for each in found}
    assert by_name["ADR"].fields()[1:5] == ["Suite D2-630", "2875 Laurier", "Quebec", "QC"]
    assert by_name["KEY"].value == "http://www.viagenie.ca/simon.perreault/simon.asc"
    assert found[10].parameters == {"VALUE": ("uri",), "TYPE": ("work,voice",), "PREF": ("1",)}
    who = contact(found)
    assert who is not None
    assert who.name == "Simon Perreault"
    assert [(way.network, way.handle) for way in who.ways] == [
        ("phone", "+1-418-656-9254;ext=102"),
        ("phone", "+1-418-262-6501"),
        ("mail", "simon.perreault@viagenie.ca"),
        ("web", "nomis80.org"),
    ]


def test_text_is_unfolded_before_it_is_unescaped() -> None:
    # RFC 6350, 3.2 and 3.4: a fold may fall anywhere, and "\n", "\," and "\\" are text.
    found = one("FN:Ann", "NOTE:Mythical Manager\\nHyjinx Softw", " are Division\\; A\\, B and \\\\n\\N")
    assert found[2].text() == "Mythical Manager\nHyjinx Software Division; A, B and \\n\n"


def test_carets_in_parameters_are_what_rfc_6868_says() -> None:
    found = one("FN:x", 'GEO;X-ADDRESS="Pittsburgh Pirates^n115 Federal St^nPitt^\'s^^":geo:40.446816')
    assert found[2].parameters["X-ADDRESS"] == ('Pittsburgh Pirates\n115 Federal St\nPitt"s^',)


def test_social_profiles_are_read_in_every_form_in_use() -> None:
    who = contact(
        one(
            "FN:Ann",
            "SOCIALPROFILE;SERVICE-TYPE=Mastodon:https://example.com/@foo",
            "SOCIALPROFILE;SERVICE-TYPE=SomeSite;USERNAME=peter94:https://example2.com/peter",
            "SOCIALPROFILE;SERVICE-TYPE=Chat;VALUE=text:peter94",
            "X-SOCIALPROFILE;type=twitter;x-user=ann:http://twitter.com/ann",
            "item1.IMPP;X-SERVICE-TYPE=Jabber:xmpp:ann@example.com",
        )
    )
    assert who is not None
    assert [(way.network, way.handle, way.url) for way in who.ways] == [
        ("profile:mastodon", "example.com/@foo", "https://example.com/@foo"),
        ("profile:somesite", "peter94", "https://example2.com/peter"),
        ("profile:chat", "peter94", None),
        ("profile:twitter", "ann", "http://twitter.com/ann"),
        ("profile:xmpp", "ann@example.com", None),
    ]


def test_version_3_is_read_and_older_ones_are_refused_and_counted() -> None:
    found = read(
        card("N:Adeyemi;Jon;;;", "EMAIL;TYPE=INTERNET:jon@jon.example", version="3.0") + card("N:x", version="2.1")
    )
    assert (len(found.cards), found.refused) == (1, 1)
    who = contact(found.cards[0])
    assert who is not None
    assert who.name == "Jon Adeyemi"


def test_groups_and_nameless_cards_are_nobody() -> None:
    assert contact(one("KIND:group", "FN:The club")) is None
    assert contact(one("EMAIL:x@y.example")) is None


def test_what_is_written_is_read_back_and_folded_at_75_octets() -> None:
    note = "Ünïcödé, wïth; \\marks\\ and\nline ends – 🧵 " * 20
    lines = list(
        write([[text("FN", "Jön; Adeyemi, Jr."), text("NOTE", note),
                Property("SOCIALPROFILE", "https://a.example/@j", {"SERVICE-TYPE": ('My "own": place\n',)})]])
    )  # fmt: skip
    assert all(len(each.encode()) <= 77 and each.endswith("\r\n") for each in lines)
    [found] = read("".join(lines).encode()).cards
    assert [each.name for each in found] == ["VERSION", "FN", "NOTE", "SOCIALPROFILE"]
    assert found[1].text() == "Jön; Adeyemi, Jr."
    assert found[2].text() == note
    assert found[3].parameters["SERVICE-TYPE"] == ('My "own": place\n',)


def test_a_value_cannot_break_out_of_its_line() -> None:
    lines = "".join(write([[text("FN", "x\r\nEND:VCARD\nBEGIN:VCARD"), Property("URL", "http://a\r\nNOTE:b")]]))
    found = read(lines.encode())
    assert (len(found.cards), found.refused) == (1, 0)
    assert [each.name for each in found.cards[0]] == ["VERSION", "FN", "URL"]


@pytest.mark.parametrize(
    "data",
    [
        b"BEGIN:VCARD\r\nVERSION:4.0\r\nFN:cut",
        b"BEGIN:VCARD\r\nBEGIN:VCARD\r\nVERSION:4.0\r\nFN:x\r\nEND:VCARD\r\nEND:VCARD\r\n",
        b"\xff\xfeBEGIN:VCARD\r\nBEGIN:VCARD\r\n" + b"\x00" * 1000 + b"\r\nEND:VCARD",
        card(*["X;" + ";" * 5000 + ":x"] * 20, "FN:Ann"),
        card('X="' + "a,b;" * 20_000, "FN:Ann"),
        card("NOTE:" + "\\" * 200_001, "FN:\x1b[31mAnn"),
        card(*["NOTE:x"] * 100_000),
        card("FN:" + "," * 90_000),
    ],
)
def test_hostile_files_cost_little_and_break_nothing(data: bytes) -> None:
    began = time.process_time()
    found = read(data)
    for each in found.cards:
        who = contact(each)
        assert who is None or "\x1b" not in who.name
    assert time.process_time() - began < 1.5


@pytest.mark.parametrize("data", [b"", b"hello", b"\x00\x01", b"<html>BEGIN:VCARD is not here", b"FN:Ann"])
def test_what_is_no_vcard_is_refused_in_one_sentence(data: bytes) -> None:
    with pytest.raises(WrongUsage, match="begins with BEGIN:VCARD"):
        read(data)


def test_addresses_that_are_none_and_numbers_that_are_none_are_left_out() -> None:
    who = contact(one("FN:Ann", "URL:javascript:alert(1)", "EMAIL:not an address", "TEL:call me", "UID:urn:uuid:1"))
    assert who is not None
    assert [(way.network, way.key) for way in who.ways] == [("card", "urn:uuid:1")]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@sum", "\t=1", "  =1", "＝1", "\r=1"])
def test_no_cell_begins_like_a_formula(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
    assert harmless("Ann = Bo") == "Ann = Bo"
