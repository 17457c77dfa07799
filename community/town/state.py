"""The town as it stands: told from the story once, changed by its visitors and by its own life since."""

import random
import re
import threading
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

from community.town.addresses import Addresses
from community.town.clock import Clock
from community.town.comments import Comments
from community.town.markup import Resolve, mentioned
from community.town.people import People
from community.town.records import Entry, Journal, Person, Post, Status
from community.town.statuses import Statuses

_UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_FIRST_POST = 12
_LETTERS = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def seconds(span: str) -> int:
    """How long a written span is: "3d", "5h 20m", "40m"."""
    parts = re.findall(r"(\d+)([dhms])", span)
    if "".join(number + unit for number, unit in parts) != span.replace(" ", ""):
        raise ValueError(f"not a span of time: {span!r}")
    return sum(int(number) * _UNITS[unit] for number, unit in parts)


class State:
    """Everything the faces show. Whoever reads or changes it holds `lock`."""

    def __init__(self, base: str, clock: Clock, seed: int) -> None:
        self.lock = threading.RLock()
        self.addresses = Addresses(base)
        self.clock = clock
        self.started_at = clock.now()
        rng = random.Random(seed)
        self.password = " ".join("".join(rng.choices(_LETTERS, k=4)) for _ in range(6))
        self.token = "".join(rng.choices(_LETTERS, k=43))
        self.offset = rng.randrange(100)
        people, blog, fediverse, journals = (read(name, base) for name in ("people", "blog", "fediverse", "journals"))
        self.people = People(people["people"], base=base)
        self.blog_name: str = blog["title"]
        self.blog_tagline: str = blog["tagline"]
        self.marks: dict[str, int | str] = {}
        self.following: set[str] = set(fediverse["following"])
        self.followers: set[str] = set()
        self.comments = self._tell_blog(blog)
        self.statuses = self._tell_fediverse(fediverse)
        self.journals = {row["by"]: self._journal(row) for row in journals["journals"]}

    def resolver(self, author: Person) -> Resolve:
        """How handles in somebody's text are understood."""
        return self.people.by_handle if author.key == self.people.me.key else self.people.by_loose_handle

    def publish(self, key: str, entry: Entry) -> None:
        """Add an article to a regular's blog."""
        journal = self.journals[key]
        self.journals[key] = replace(journal, entries=(entry, *journal.entries))

    def announce(self, status: Status) -> None:
        """Notify the user of a status that names them."""
        me = self.people.me
        named = mentioned(status.text, self.resolver(status.author))
        if status.author.key != me.key and me in named:
            self.statuses.notify("mention", status.author, status_id=status.id, at=status.at)

    def ago(self, span: str) -> int:
        """The moment a written span before the town began to live."""
        return self.started_at - seconds(span)

    def _tell_blog(self, blog: dict[str, Any]) -> Comments:
        rows = sorted(blog["posts"], key=lambda row: self.ago(row["ago"]))
        posts = [
            Post(
                _FIRST_POST + 7 * number,
                row["slug"],
                row["title"],
                row["text"].strip(),
                self.ago(row["ago"]),
                row.get("closed", False),
            )
            for number, row in enumerate(rows)
        ]
        ids = {post.slug: post.id for post in posts}
        comments = Comments(posts, now=self.clock.now, first_id=101 + self.offset)
        for row in sorted(blog["comments"], key=lambda row: self.ago(row["ago"])):
            made = comments.add(
                ids[row["post"]],
                int(self.marks[row["to"]]) if "to" in row else 0,
                self.people[row["by"]],
                row["text"].strip(),
                at=self.ago(row["ago"]),
                status=row.get("status", "approved"),
                kind=row.get("kind", "comment"),
                hopes=tuple(row.get("hopes", ())),
            )
            self.mark(row, made.id)
        for comment in comments.all():
            if comment.text == "":
                comments.remove(comment)
        return comments

    def _tell_fediverse(self, fediverse: dict[str, Any]) -> Statuses:
        self.statuses = Statuses(self.people.me, now=self.clock.now)
        for row in sorted([*fediverse["statuses"], *fediverse["touches"]], key=lambda row: self.ago(row["ago"])):
            if "text" in row:
                self._tell_status(row)
            else:
                self.touch(row["do"], row["by"], row.get("on", ""), at=self.ago(row["ago"]))
        return self.statuses

    def _tell_status(self, row: dict[str, Any]) -> None:
        at = self.ago(row["ago"])
        reply_to = str(self.marks[row["to"]]) if "to" in row else None
        made = self.statuses.add(self.people[row["by"]], row["text"].strip(), at=at, reply_to=reply_to)
        edited = "edited" in row
        made = self.statuses.keep(
            replace(
                made,
                visibility=row.get("visibility", "public"),
                spoiler=row.get("spoiler", ""),
                sensitive="spoiler" in row,
                hopes=tuple(row.get("hopes", ())),
                edited_at=self.ago(row["edited"]) if edited else None,
                earlier=((row["earlier"], at),) if edited else (),
            )
        )
        self.mark(row, made.id)
        self.announce(made)

    def touch(self, kind: str, by: str, on: str, *, at: int | None = None) -> None:
        """Let somebody favourite or boost a status of the story, or follow the user."""
        person = self.people[by]
        status = self.statuses.get(str(self.marks.get(on, "")))
        if kind == "follow":
            self.followers.add(by)
            self.statuses.notify("follow", person, at=at)
        elif status is not None and kind == "favourite":
            self.statuses.favourite(status, person, at=at)
        elif status is not None:
            self.statuses.reblog(status, person, at=at)

    def mark(self, row: dict[str, Any], id_: int | str) -> None:
        """Remember what a named line of the story became."""
        if "key" in row:
            self.marks[row["key"]] = id_

    def _journal(self, row: dict[str, Any]) -> Journal:
        entries = sorted(
            (Entry(one["slug"], one["title"], one["text"].strip(), self.ago(one["ago"])) for one in row["entries"]),
            key=lambda entry: -entry.at,
        )
        author = self.people[row["by"]]
        return Journal(author, row["title"], row["tagline"], row["form"], row.get("followed", True), tuple(entries))


def read(name: str, base: str) -> dict[str, Any]:
    """One chapter of the story, with the town's address filled in."""
    text = Path(__file__).with_name(f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text.replace("{base}", base))
