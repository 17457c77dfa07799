"""Where things stand in town: every address is made here."""

from dataclasses import dataclass

from community.town.records import Comment, Entry, Journal, Person, Post, Status


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of one running town; `base` has no slash at its end."""

    base: str

    @property
    def host(self) -> str:
        """Host and port, which is also the fediverse server's name."""
        return self.base.partition("://")[2]

    @property
    def blog(self) -> str:
        """The front page of the user's own blog."""
        return f"{self.base}/blog/"

    @property
    def rest(self) -> str:
        """The root of the blog's REST interface."""
        return f"{self.base}/blog/wp-json/"

    def post(self, post: Post) -> str:
        """A post's page."""
        return f"{self.blog}{post.slug}/"

    def comment(self, comment: Comment, post: Post) -> str:
        """A comment's place on its post's page."""
        return f"{self.post(post)}#comment-{comment.id}"

    def portrait(self, key: str) -> str:
        """Somebody's picture."""
        return f"{self.base}/portraits/{key}.svg"

    def profile(self, person: Person) -> str:
        """Somebody's page on the town's fediverse server."""
        return f"{self.base}/@{person.handle}"

    def actor(self, person: Person) -> str:
        """Somebody's name for machines, on the server they call home."""
        origin = f"https://{person.home}" if person.home else self.base
        return f"{origin}/users/{person.username}"

    def status(self, status: Status) -> str:
        """A status's page on the town's server."""
        return f"{self.profile(status.author)}/{status.id}"

    def object(self, status: Status) -> str:
        """A status's name for machines, on its author's server."""
        return f"{self.actor(status.author)}/statuses/{status.id}"

    def tag(self, name: str) -> str:
        """A hashtag's page."""
        return f"{self.base}/tags/{name.lower()}"

    def journal(self, journal: Journal) -> str:
        """The front page of a regular's blog."""
        return f"{self.base}/{journal.author.key}/"

    def journal_feed(self, journal: Journal) -> str:
        """The feed of a regular's blog."""
        return self.journal(journal) + {"rss": "feed.xml", "atom": "atom.xml", "json": "feed.json"}[journal.form]

    def entry(self, journal: Journal, entry: Entry) -> str:
        """An article on a regular's blog."""
        return f"{self.journal(journal)}{entry.slug}/"
