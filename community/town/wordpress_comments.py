"""WordPress REST v2: the comments collection, read, written and moderated the way WordPress does it."""

import zlib
from collections.abc import Callable
from html import escape
from typing import Any

from community.town import blog, wordpress
from community.town.exchange import Fields, Request, Response, html_answer, json_answer, moved
from community.town.life import Life
from community.town.markup import paragraphs
from community.town.pages import not_found
from community.town.people import ME
from community.town.records import Comment, Post
from community.town.state import State
from community.town.wordpress import ME_ID, Refusal, local, moment, number

_MAX_BYTES = 65_525
_QUERY_STATUS = {"approve": "approved", "hold": "hold", "spam": "spam", "trash": "trash"}
_WRITE_STATUS = {"approved": "approved", "approve": "approved", "1": "approved", "hold": "hold", "0": "hold"} | {
    "spam": "spam",
    "trash": "trash",
}
_ORDER: dict[str, Callable[[Comment], Any]] = {
    "date": lambda comment: (comment.at, comment.id),
    "date_gmt": lambda comment: (comment.at, comment.id),
    "id": lambda comment: comment.id,
    "post": lambda comment: (comment.post_id, comment.id),
    "parent": lambda comment: (comment.parent_id, comment.id),
    "type": lambda comment: (comment.kind, comment.id),
}


class WordPress:
    """Everything under `/blog/`."""

    def __init__(self, state: State, life: Life) -> None:
        self._state = state
        self._life = life

    def answer(self, request: Request) -> Response:
        """The blog's answer, whatever was asked."""
        path, query = request.path, request.query
        if path == "/blog":
            return moved(self._state.addresses.blog)
        if path.startswith("/blog/wp-json"):
            return self._rest(request, path.removeprefix("/blog/wp-json"))
        if path == "/blog/" and "rest_route" in query:
            return self._rest(request, query.get("rest_route"))
        if request.method not in {"GET", "HEAD"}:
            return html_answer(not_found(), 405)
        return blog.answer(self._state, request) or html_answer(not_found(), 404)

    def _rest(self, request: Request, route: str) -> Response:
        try:
            inside = wordpress.signed_in(self._state, request)
            return self._route(request, route.strip("/").split("/"), inside=inside)
        except Refusal as refusal:
            return refusal.answer()

    def _route(self, request: Request, steps: list[str], *, inside: bool) -> Response:
        reading = request.method in {"GET", "HEAD"}
        match steps:
            case [""] | ["wp", "v2"] if reading:
                return wordpress.root(self._state, request)
            case ["wp", "v2", "users", *which] if reading and len(which) < 2:
                return wordpress.users(self._state, request, "".join(which), inside=inside)
            case ["wp", "v2", "posts", *which] if reading and len(which) < 2:
                return wordpress.posts(self._state, request, "".join(which), inside=inside)
            case ["wp", "v2", "comments"] if reading:
                return self._list(request, inside=inside)
            case ["wp", "v2", "comments"] if request.method == "POST":
                return self._create(request, inside=inside)
            case ["wp", "v2", "comments", which] if request.method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}:
                return self._one(request, which, inside=inside)
        raise Refusal(404, "rest_no_route", "No route was found matching the URL and request method.")

    def _list(self, request: Request, *, inside: bool) -> Response:
        query = request.query
        if not inside:
            _refuse_visitor(query)
        by, order = query.get("orderby", "date_gmt"), query.get("order", "desc")
        if by not in _ORDER or order not in {"asc", "desc"}:
            raise Refusal(400, "rest_invalid_param", f"Invalid parameter(s): {'order' if by in _ORDER else 'orderby'}")
        found = [comment for comment in self._state.comments.all() if _wanted(comment, query)]
        found.sort(key=_ORDER[by], reverse=order == "desc")
        rows, headers, _ = wordpress.cut(self._state, request, found, "wp/v2/comments")
        edit = query.get("context") == "edit"
        shown = [wordpress.trimmed(self._comment(comment, edit=edit), query) for comment in rows]
        return json_answer(shown, headers=headers)

    def _one(self, request: Request, which: str, *, inside: bool) -> Response:
        comment = self._state.comments.get(number(which))
        if comment is None:
            raise Refusal(404, "rest_comment_invalid_id", "Invalid comment ID.")
        if request.method in {"GET", "HEAD"}:
            edit = request.query.get("context") == "edit"
            if not inside and (edit or comment.status != "approved"):
                code = "rest_forbidden_context" if edit else "rest_cannot_read"
                raise Refusal(401, code, "Sorry, you are not allowed to read this comment.")
            return json_answer(wordpress.trimmed(self._comment(comment, edit=edit), request.query))
        if not inside:
            raise Refusal(401, "rest_cannot_edit", "Sorry, you are not allowed to edit this comment.")
        if request.method == "DELETE":
            return self._delete(comment, force=_form(request).flag("force"))
        return self._update(comment, _form(request))

    def _create(self, request: Request, *, inside: bool) -> Response:
        if not inside:
            raise Refusal(401, "rest_comment_login_required", "Sorry, you must be logged in to comment.")
        state, form = self._state, _form(request)
        post = state.comments.posts.get(number(form.get("post")))
        if post is None:
            raise Refusal(
                403, "rest_comment_invalid_post_id", "Sorry, you are not allowed to create this comment without a post."
            )
        if post.closed:
            raise Refusal(403, "rest_comment_closed", "Sorry, comments are closed for this item.")
        text, parent_id = _content(form), number(form.get("parent"))
        me = state.people.me
        if any(
            (old.post_id, old.parent_id, old.author.key, old.text) == (post.id, parent_id, me.key, text)
            for old in state.comments.all()
            if old.status != "trash"
        ):
            message = "Duplicate comment detected; it looks as though you&#8217;ve already said that!"
            raise Refusal(409, "comment_duplicate", message)
        made = state.comments.add(post.id, parent_id, me, text)
        if (status := _WRITE_STATUS.get(form.get("status"))) is not None:
            made = state.comments.set_status(made, status)
        self._life.heard_comment(made)
        location = f"{state.addresses.rest}wp/v2/comments/{made.id}"
        return json_answer(self._comment(made, edit=True), 201, {"Location": location})

    def _update(self, comment: Comment, form: Fields) -> Response:
        comments = self._state.comments
        if "content" in form or "content[raw]" in form:
            comment = comments.reword(comment, _content(form))
        if "post" in form or "parent" in form:
            post_id = number(form.get("post", str(comment.post_id)))
            if post_id not in comments.posts:
                raise Refusal(403, "rest_comment_invalid_post_id", "Invalid post ID.")
            parent_id = number(form.get("parent", str(comment.parent_id)))
            comment = comments.move(comment, post_id=post_id, parent_id=parent_id)
        if "status" in form:
            comment = self._moderate(comment, form.get("status"))
        return json_answer(self._comment(comment, edit=True))

    def _moderate(self, comment: Comment, word: str) -> Comment:
        undo = {"unspam": "spam", "untrash": "trash"}.get(word)
        if undo == comment.status:
            wanted: str | None = comment.before_trash
        else:
            wanted = _WRITE_STATUS.get(word)
        if wanted is None or wanted == comment.status:
            return comment
        changed = self._state.comments.set_status(comment, wanted)
        if wanted == "approved":
            self._life.approved(changed)
        return changed

    def _delete(self, comment: Comment, *, force: bool) -> Response:
        if force:
            previous = self._comment(comment, edit=True)
            self._state.comments.remove(comment)
            return json_answer({"deleted": True, "previous": previous})
        if comment.status == "trash":
            raise Refusal(410, "rest_already_trashed", "The comment has already been trashed.")
        return json_answer(self._comment(self._state.comments.set_status(comment, "trash"), edit=True))

    def _comment(self, comment: Comment, *, edit: bool) -> dict[str, Any]:
        state, author = self._state, comment.author
        mine = author.key == state.people.me.key
        post = state.comments.posts[comment.post_id]
        content = {"rendered": paragraphs(comment.text)}
        row: dict[str, Any] = {
            "id": comment.id,
            "post": comment.post_id,
            "parent": comment.parent_id,
            "author": ME_ID if mine else 0,
            "author_name": escape(author.name, quote=False),
            "author_url": state.addresses.blog if mine else author.site,
            "date": local(comment.at),
            "date_gmt": local(comment.at),
            "content": content | ({"raw": comment.text} if edit else {}),
            "link": state.addresses.comment(comment, post),
            "status": comment.status,
            "type": comment.kind,
            "author_avatar_urls": wordpress.avatars(state, author),
            "meta": [],
            "_links": self._links(comment, post, mine=mine),
        }
        if edit:
            row |= {
                "author_email": author.mail,
                "author_ip": f"203.0.113.{zlib.crc32(author.key.encode()) % 250 + 1}",
                "author_user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            }
        return row

    def _links(self, comment: Comment, post: Post, *, mine: bool) -> dict[str, Any]:
        rest = f"{self._state.addresses.rest}wp/v2/"
        links: dict[str, Any] = {
            "self": [{"href": f"{rest}comments/{comment.id}"}],
            "collection": [{"href": f"{rest}comments"}],
            "up": [{"embeddable": True, "post_type": "post", "href": f"{rest}posts/{post.id}"}],
        }
        if mine:
            links["author"] = [{"embeddable": True, "href": f"{rest}users/{ME_ID}"}]
        if comment.parent_id:
            links["in-reply-to"] = [{"embeddable": True, "href": f"{rest}comments/{comment.parent_id}"}]
        if any(child.parent_id == comment.id for child in self._state.comments.all()):
            links["children"] = [{"embeddable": True, "href": f"{rest}comments?parent={comment.id}"}]
        return links


def _refuse_visitor(query: Fields) -> None:
    closed = {"status": "approve", "type": "comment"}
    wrong = [name for name, usual in closed.items() if query.get(name, usual) != usual]
    wrong += [name for name in ("author", "author_exclude", "author_email") if name in query]
    if wrong:
        raise Refusal(401, "rest_forbidden_param", f"Query parameter not permitted: {', '.join(wrong)}")
    if query.get("context", "view") == "edit":
        raise Refusal(401, "rest_forbidden_context", "Sorry, you are not allowed to edit comments.")


def _wanted(comment: Comment, query: Fields) -> bool:
    status, kind = query.get("status", "approve"), query.get("type", "comment")
    if status in {"all", "any"}:
        right = status == "any" or comment.status in {"approved", "hold"}
    else:
        right = comment.status == _QUERY_STATUS.get(status, status)
    author = str(ME_ID) if comment.author.key == ME else "0"
    sets = {"post": comment.post_id, "parent": comment.parent_id, "include": comment.id, "author": author}
    without = {"exclude": comment.id, "parent_exclude": comment.parent_id, "author_exclude": author}
    return (
        right
        and kind in {"all", "", comment.kind}
        and all(str(value) in query.commas(name) for name, value in sets.items() if query.commas(name))
        and all(str(value) not in query.commas(name) for name, value in without.items())
        and query.get("author_email", comment.author.mail) == comment.author.mail
        and ("after" not in query or comment.at > moment(query.get("after"), "after"))
        and ("before" not in query or comment.at < moment(query.get("before"), "before"))
        and query.get("search").lower() in f"{comment.author.name} {comment.author.mail} {comment.text}".lower()
    )


def _content(form: Fields) -> str:
    text = form.get("content") or form.get("content[raw]")
    if not text.strip():
        raise Refusal(400, "rest_comment_content_invalid", "Invalid comment content.")
    if len(text.encode()) > _MAX_BYTES:
        raise Refusal(400, "comment_content_column_length", "Your comment is too long.")
    return text


def _form(request: Request) -> Fields:
    try:
        return request.form
    except (ValueError, RecursionError):
        raise Refusal(400, "rest_invalid_json", "Invalid JSON body passed.") from None
