"""Requests to the REST API of a WordPress site, and what its refusals mean.

Source: developer.wordpress.org/rest-api/reference/comments; wp-includes/comment.php for `comment_*` codes
"""

from collections.abc import Iterable, Mapping
from typing import Any

from community.errors import AuthExpired, Garbled, RateLimited, Rejected, Uncertain
from community.secrets import Secret
from community.sources import fields
from community.sources.answers import Answer, pause_s, raise_for
from community.sources.base import Tools
from community.sources.http import Basic
from community.sources.wordpress_comments import FIELDS, Comment, api_url, comments
from community.text import Clean, clean_line, from_html
from storage.rows import Source

PAGE = 100
_FAR_TOO_MANY = 10 * PAGE
_SINGLES = 20
_TOTAL = 1 << 31

_REFUSED = "WordPress refuses this user name and application password (or its web server drops them): log in again."
_LOST_RIGHT = "Your login may no longer moderate this site: log in again, so that Kith learns what it may do."
_MAY_NOT = "Your login may not moderate this comment."
SAID = {
    "rest_comment_closed": "Comments are closed on this post.",
    "rest_comment_draft_post": "The post is not published, so it takes no comments.",
    "rest_comment_trash_post": "The post is in the trash, so it takes no comments.",
    "rest_comment_invalid_post_id": "The post is not there any more.",
    "rest_cannot_read_post": "The post is private or behind a password: comment on the site itself.",
    "rest_cannot_read": "The comment is hidden from your login.",
    "rest_comment_content_invalid": "WordPress takes no empty comment.",
    "comment_content_column_length": "The reply is longer than WordPress can store: shorten it.",
    "rest_comment_invalid_id": "The comment is not there any more.",
    "rest_cannot_edit": _MAY_NOT,
    "rest_cannot_delete": _MAY_NOT,
    "rest_trash_not_supported": "This site has its trash switched off: delete the comment on the site itself.",
    "rest_no_route": "The comment API of this site is switched off.",
}


class Api:
    """One site, asked with the login of its source where there is one."""

    def __init__(self, tools: Tools, source: Source) -> None:
        options = fields.options_of(source.options)
        self.root = options.get("api") or source.address.rstrip("/") + "/wp-json/"
        self.moderates = options.get("can_moderate") == "1" and bool(tools.credential)
        self._tools = tools
        self._account = source.account

    async def ask(
        self, method: str, route: str, query: Mapping[str, object] | None = None, body: object = None
    ) -> Answer:
        """The answer to one request, whatever its status."""
        url = api_url(self.root, route, query)
        return await self._tools.http.request(method, url, json=body, auth=self._auth())

    async def read(self, route: str, query: Mapping[str, object] | None = None) -> dict[str, Any]:
        """The object under `route`."""
        return body_of(succeeded(await self.ask("GET", route, query)))

    async def write(self, method: str, route: str, body: object) -> dict[str, Any]:
        """What came of a write. `Garbled` says that it may have been done."""
        return body_of(succeeded(await self.ask(method, route, body=body), wrote=True))

    async def list(self, asked: Mapping[str, object]) -> tuple[dict[int, Comment], int, int]:
        """A page of comments by id, how many entries could not be read, and how many comments there are in all."""
        rights = {"context": "edit", "status": "all"} if self.moderates else {}
        query = {"_fields": FIELDS, "per_page": PAGE, "orderby": "id", **rights, **asked}
        answer = succeeded(await self.ask("GET", "/wp/v2/comments", query))
        entries = answer.json()
        if not isinstance(entries, list) or len(entries) > _FAR_TOO_MANY:
            raise Garbled(f"{answer.host} did not answer with the list of comments asked for; try again later.")
        found, refused = comments(entries[:PAGE], self._tools.now)
        refused += len(entries[PAGE:])
        total = answer.headers.get("x-wp-total", "")
        return found, refused, min(int(total[:12]), _TOTAL) if total.isdecimal() else len(entries)

    async def include(self, ids: Iterable[int]) -> dict[int, Comment]:
        """Those of `ids` that the site shows this login, whatever their status."""
        wanted = list(ids)
        found: dict[int, Comment] = {}
        for start in range(0, len(wanted), PAGE):
            asked = {"include": ",".join(map(str, wanted[start : start + PAGE]))}
            found |= (await self.list(asked | ({"status": "any"} if self.moderates else {})))[0]
        return found

    async def missing(self, ids: set[int]) -> tuple[dict[int, Comment], set[int], set[int]]:
        """What became of comments that were seen before: where they are now, which are deleted, which are unclear.

        Only the answer for the comment itself says that it is deleted: lists leave out whatever a plugin hides.
        """
        newest = sorted(ids)[-PAGE:]
        found = await self.include(newest)
        left = [each for each in newest if each not in found]
        query = {"_fields": FIELDS} | ({"context": "edit"} if self.moderates else {})
        asked = {each: await self.ask("GET", f"/wp/v2/comments/{each}", query) for each in left[-_SINGLES:]}
        for answer in asked.values():
            if answer.status == 200:  # a ping, which lists of comments leave out
                found |= {key: each for key, each in self._one(answer).items() if each.is_ping}
        gone = {each for each, answer in asked.items() if code(answer) == "rest_comment_invalid_id"}
        hidden = {each for each, answer in asked.items() if answer.status in (200, 401, 403)}
        return found, gone, set(left) - gone - hidden

    def _one(self, answer: Answer) -> dict[int, Comment]:
        try:
            return comments([answer.json()], self._tools.now)[0]
        except Garbled:
            return {}

    async def posts(self, found: Iterable[Comment]) -> dict[int, tuple[Clean, str | None]]:
        """Title and address of the posts that comments stand under; a post this login may not read is left out."""
        ups = {each.post: each.up for each in found if each.post}
        posts: dict[int, tuple[Clean, str | None]] = {}
        for kind in ("posts", "pages"):
            left = sorted(ups.keys() - posts.keys())
            for start in range(0, len(left), PAGE):
                some = ",".join(map(str, left[start : start + PAGE]))
                query = {"include": some, "per_page": PAGE, "_fields": "id,title,link"}
                posts |= _titles(await self.ask("GET", f"/wp/v2/{kind}", query))
        for post in sorted(ups.keys() - posts.keys())[-_SINGLES:]:
            if ups[post].startswith(self.root) and len(ups[post]) < 500:
                posts |= _titles(await self.ask("GET", "/" + ups[post].removeprefix(self.root).lstrip("/")))
        return posts

    def _auth(self) -> Basic | None:
        if not self._tools.credential:
            return None
        login, colon, password = self._tools.credential.secret.reveal().partition(":")
        return Basic(login, Secret(password)) if colon else Basic(self._account, Secret(login))


def code(answer: Answer) -> str:
    """The name that WordPress gives to its refusal, "" when it gave none."""
    try:
        known = answer.json()
    except Garbled:
        return ""
    return fields.string(known, "code") if isinstance(known, dict) else ""


def succeeded(answer: Answer, *, wrote: bool = False) -> Answer:
    """`answer` itself when it is a success. Raises what its refusal means otherwise."""
    if 200 <= answer.status < 300:
        return answer
    why = code(answer)
    if why == "comment_duplicate":
        raise Uncertain("WordPress says that this very comment is there already.")
    if why == "comment_flood":
        raise RateLimited("WordPress wants some seconds between two comments.", pause_s(answer.headers))
    if why in ("rest_forbidden_context", "rest_forbidden_param"):
        raise AuthExpired(_REFUSED if answer.status == 401 else _LOST_RIGHT)
    if answer.status == 401 and why != "rest_cannot_read":
        raise AuthExpired(_REFUSED)
    if why in SAID:
        raise Rejected(SAID[why], status=answer.status)
    raise_for(answer, wrote=wrote, forbidden=Rejected)
    raise Garbled(f"{answer.host} gave an answer that WordPress does not give; try again later.")


def body_of(answer: Answer) -> dict[str, Any]:
    """What a success says. Raises `Garbled` when it is no object."""
    try:
        return fields.mapping(answer.json())
    except fields.Misshapen:
        raise Garbled(f"{answer.host} did not answer as WordPress does; try again later.") from None


def _titles(answer: Answer) -> dict[int, tuple[Clean, str | None]]:
    """Title and address by id. What cannot be had is left out: the comments matter more than what they stand under."""
    if answer.status != 200:
        return {}
    try:
        known = answer.json()
    except Garbled:
        return {}
    found: dict[int, tuple[Clean, str | None]] = {}
    for entry in known if isinstance(known, list) else [known]:
        if isinstance(entry, dict) and isinstance(entry.get("id"), int):
            title = fields.string(fields.child(entry, "title"), "rendered")
            found[entry["id"]] = (clean_line(from_html(title)), fields.link(entry, "link"))
    return found
