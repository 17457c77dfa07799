"""Programs that answer quickly, beside which Kith is held: newsboat on a large feed, neomutt on a large mailbox."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from terminals import Running

LINES: Final = 100_000
"""How many articles or messages each of them lists."""


@contextmanager
def newsboat(home: Path) -> Iterator[Running | None]:
    """newsboat with the articles of one feed listed; None when it is not installed."""
    if not shutil.which("newsboat"):
        yield None
        return
    feed, urls, cache, settings = (home / name for name in ("feed.xml", "urls", "cache.db", "settings"))
    items = "".join(
        f"<item><title>Article {n} about something else</title><guid>{n}</guid><description>words</description></item>"
        for n in range(LINES)
    )
    feed.write_text(f'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{items}</channel></rss>')
    urls.write_text(f"file://{feed}\n")
    settings.write_text("show-read-feeds yes\nmax-items 0\n")
    command = ["newsboat", "-u", str(urls), "-c", str(cache), "-C", str(settings)]
    subprocess.run([*command, "-x", "reload"], check=False, timeout=300, stdout=subprocess.DEVNULL)
    with Running(command) as program:
        program.settle(3.0)
        program.press(b"\r")
        program.settle(3.0)
        yield program


@contextmanager
def neomutt(home: Path) -> Iterator[Running | None]:
    """neomutt with the messages of one mailbox listed; None when it is not installed."""
    if not shutil.which("neomutt"):
        yield None
        return
    mailbox, settings = home / "mailbox", home / "neomuttrc"
    with mailbox.open("w") as file:
        for n in range(LINES):
            file.write(
                "From reader@site.example Sun Nov  1 08:00:00 2026\nFrom: Reader <reader@site.example>\n"
                f"Date: Sun, 01 Nov 2026 08:{n // 60 % 60:02}:{n % 60:02} +0000\nMessage-ID: <{n}@site.example>\n"
                f"Subject: Message {n} about something else\n\nwords\n\n"
            )
    settings.write_text(
        f"set header_cache = no\nset folder = {home}\nset spoolfile = {mailbox}\nset mail_check = 600\n"
    )
    with Running(["neomutt", "-n", "-R", "-F", str(settings), "-f", str(mailbox)], HOME=str(home)) as program:
        program.settle(6.0)
        yield program
