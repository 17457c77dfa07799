"""Lists of feeds, in and out."""

import time
from xml.etree import ElementTree

import pytest

from community import logs, opml
from community.errors import WrongUsage
from community.model import Source
from community.workspace import Workspace
from fakes import NOW

LIST = b"""<?xml version="1.0"?>
<!DOCTYPE opml [<!ENTITY x "y">]>
<opml version="2.0"><head><title>Mine</title></head><body>
<outline text="Tools &amp; &quot;toys&quot;"><outline text="Small">
  <outline type="rss" text="A &lt;b&gt;\x1b[31m" xmlUrl="https://a.example/feed?x=1&amp;y=2"/>
</outline></outline>
<!-- <outline text="hidden" xmlUrl="https://hidden.example/"/> -->
<outline text="B" xmlUrl="http://b.example/rss"/>
<outline text="again" xmlUrl="https://a.example/feed?x=1&amp;y=2"/>
<outline text="a file" xmlUrl="file:///etc/passwd"/>
<outline text="with a password" xmlUrl="https://maria:secret@c.example/feed"/>
<outline text="another list" type="include" url="http://127.0.0.1/list.opml"/>
</body></opml>"""


def source(name: str, address: str, kind: str = "feed") -> Source:
    return Source(
        id=1, kind=kind, name=name, address=address, account="", me="", is_mine=0, options="{}", allow_hosts="",
        cursor=None, state="active", health="ok", health_text="", failures=0, syncing_at=None, checked_at=None,
        succeeded_at=None, next_check_at=0, backlog_done_at=None, created_at=0,
    )  # fmt: skip


def test_nested_groups_are_read_and_each_address_once() -> None:
    found = opml.read(LIST)
    assert [(feed.name, feed.address) for feed in found.feeds] == [
        ("A <b>\ufffd[31m", "https://a.example/feed?x=1&y=2"),
        ("B", "http://b.example/rss"),
    ]
    assert found.feeds[0].groups == ('Tools & "toys" / Small',)


def test_what_is_no_web_address_or_holds_a_password_is_refused_without_showing_it() -> None:
    assert opml.read(LIST).refused == ("file:///etc/passwd", "https://c.example/feed")


@pytest.mark.parametrize("data", [b"", b"hello", b"<html><body>no list</body></html>", b"https://a.example/list.opml"])
def test_what_is_no_list_is_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(WrongUsage, match="OPML"):
        opml.read(data)


def test_a_list_without_feeds_says_so() -> None:
    with pytest.raises(WrongUsage, match="no feed"):
        opml.read(b"<opml><body><outline text='empty'/></body></opml>")


def test_other_encodings_are_read() -> None:
    text = '<opml><outline text="Tomás" xmlUrl="https://t.example/f"/></opml>'
    for data in (text.encode("utf-16"), b'<?xml version="1.0" encoding="iso-8859-1"?>' + text.encode("latin-1")):
        assert opml.read(data).feeds[0].name == "Tomás"


@pytest.mark.parametrize(
    "data",
    [
        b"<opml>" + b"<outline " * 400_000,
        b"<opml>" + b"<!--" * 1_000_000,
        b"<opml>" + b"<![CDATA[" * 300_000 + b">",
        b"<opml>" + b'<a "<a ' * 300_000 + b">",
        b"<opml>" + b"<outline text='x'>" * 200_000,
        b"<opml>" + b"<outline '" * 300_000,
        b"<opml>" + b"</a " * 500_000 + b">",
    ],
    ids=lambda data: data[6:20].decode(),
)
def test_a_hostile_list_is_refused_quickly(data: bytes) -> None:
    began = time.monotonic()
    with pytest.raises(WrongUsage):
        opml.read(data)
    assert time.monotonic() - began < 2


def test_what_is_written_is_well_formed_and_read_back() -> None:
    names = ['Plain "quoted" & <angled>', "Tomás ↩"]
    text = opml.write(
        [
            source(names[0], "https://a.example/feed?x=1&y=2"),
            source(names[1], "https://maria:secret@b.example/feed"),
            source("A blog", "https://c.example", kind="wordpress"),
        ],
        now=1_772_000_000,
    )
    document = ElementTree.fromstring(text.encode())
    assert document.get("version") == "2.0"
    assert document.findtext("head/dateCreated") == "Wed, 25 Feb 2026 06:13:20 GMT"
    assert "secret" not in text
    assert "maria" not in text
    assert [(feed.name, feed.address) for feed in opml.read(text.encode()).feeds] == [
        (names[0], "https://a.example/feed?x=1&y=2"),
        (names[1], "https://b.example/feed"),
    ]


@pytest.mark.anyio
async def test_a_key_in_an_address_is_a_credential_and_leaves_only_on_request(workspace: Workspace) -> None:
    feeds = [
        ("Private", "https://feeds.example/rss?page=2&key=sEcr3t%2Bx&lang=en#top"),
        ("Another", "https://feeds.example/rss?page=2&lang=en&key=0th3r#top"),
        ("Plain", "https://feeds.example/plain?channel=5"),
    ]
    assert len((await workspace.listening.import_feeds(feeds)).added) == 3
    again = await workspace.listening.import_feeds(feeds)
    assert (len(again.added), len(again.known)) == (0, 3)
    private, another, plain = sorted(workspace.sources(), key=lambda each: each.id)
    assert private.address == "https://feeds.example/rss?page=2&lang=en#top"
    assert plain.address == feeds[2][1]
    assert "sEcr3t" not in opml.write(workspace.sources(), now=NOW)
    assert "0th3r" not in opml.write(workspace.sources(), now=NOW)
    kept = opml.write(workspace.sources(), now=NOW, keyed=workspace.listening.keyed)
    assert "key=sEcr3t%2Bx" in kept
    assert "key=0th3r" in kept
    hidden = logs.mask("sEcr3t+x was refused; sEcr3t%2Bx", workspace.credentials.values())
    assert "sEcr3t" not in hidden
    assert another.state == private.state == "active"
