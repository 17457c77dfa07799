"""The blog's memory: posts and the comments under them. Callers hold the town's lock."""

from collections.abc import Callable
from dataclasses import replace

from community.town.records import Comment, Person, Post


class Comments:
    """Posts and comments by number; comment numbers rise with time and are never used twice."""

    def __init__(self, posts: list[Post], *, now: Callable[[], int], first_id: int) -> None:
        self.posts = {post.id: post for post in posts}
        self._comments: dict[int, Comment] = {}
        self._now = now
        self._next_id = first_id

    def add(
        self,
        post_id: int,
        parent_id: int,
        author: Person,
        text: str,
        *,
        at: int | None = None,
        status: str = "approved",
        kind: str = "comment",
        hopes: tuple[str, ...] = (),
    ) -> Comment:
        """Keep a new comment; its time is now unless told otherwise."""
        when = self._now() if at is None else at
        made = Comment(self._next_id, post_id, parent_id, author, text, when, status, kind, hopes)
        self._next_id += 1
        self._comments[made.id] = made
        return made

    def get(self, comment_id: int) -> Comment | None:
        """The comment with that number, whatever its status."""
        return self._comments.get(comment_id)

    def all(self) -> list[Comment]:
        """Every comment, oldest number first."""
        return list(self._comments.values())

    def approved(self, post_id: int | None = None) -> list[Comment]:
        """What readers see, oldest first; under one post or everywhere."""
        return [
            comment
            for comment in self._comments.values()
            if comment.status == "approved" and post_id in {None, comment.post_id}
        ]

    def reword(self, comment: Comment, text: str) -> Comment:
        """The comment with another text."""
        return self._keep(replace(comment, text=text))

    def set_status(self, comment: Comment, status: str) -> Comment:
        """The comment with another status; from the trash or spam it can find its way back."""
        before = comment.status if comment.status in {"approved", "hold"} else comment.before_trash
        return self._keep(replace(comment, status=status, before_trash=before))

    def move(self, comment: Comment, *, post_id: int, parent_id: int) -> Comment:
        """The comment under another post or parent."""
        return self._keep(replace(comment, post_id=post_id, parent_id=parent_id))

    def remove(self, comment: Comment) -> None:
        """Forget a comment for good; its answers move up to its own parent."""
        del self._comments[comment.id]
        for child in self.all():
            if child.parent_id == comment.id:
                self._keep(replace(child, parent_id=comment.parent_id))

    def root(self, comment: Comment) -> Comment:
        """The first comment of the thread this one belongs to."""
        seen = {comment.id}
        while (parent := self.get(comment.parent_id)) is not None and parent.id not in seen:
            seen.add(parent.id)
            comment = parent
        return comment

    def knows(self, author: Person) -> bool:
        """Whether somebody already has a comment that was approved."""
        return any(comment.author.key == author.key for comment in self.approved())

    def _keep(self, comment: Comment) -> Comment:
        self._comments[comment.id] = comment
        return comment
