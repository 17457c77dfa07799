"""WordPress REST v2, apart from comments: who may come in, the root, users, posts, and how answers are cut to size."""

import base64
import binascii
import hmac
import math
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from community.town import blog
from community.town.exchange import Fields, Request, Response, json_answer
from community.town.markup import paragraphs, plain
from community.town.records import Person, Post
from community.town.state import State

ME_ID = 1
_MAX_PAGE = 100
_EXCERPT_WORDS = 55
_CAPABILITIES = ("moderate_comments", "edit_posts", "edit_others_posts", "publish_posts", "unfiltered_html", "read")
_ROUTES = ("posts", "posts/(?P<id>[\\d]+)", "comments", "comments/(?P<id>[\\d]+)", "users", "users/me", "types")

Row = TypeVar("Row")


class Refusal(Exception):
    """A request WordPress turns down, with its error code."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code

    def answer(self) -> Response:
        """The refusal as the REST interface words it."""
        body = {"code": self.code, "message": str(self), "data": {"status": self.status}}
        return json_answer(body, self.status)


def signed_in(state: State, request: Request) -> bool:
    """Whether the request carries the application password; a wrong one is refused, none at all is a visitor."""
    scheme, _, coded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return False
    try:
        login, _, password = base64.b64decode(coded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        login, password = "", ""
    me = state.people.me
    if login not in {me.username, me.mail}:
        raise Refusal(401, "invalid_username", "Unknown username. Check again or try your email address.")
    given, known = (re.sub(r"\s", "", text).encode() for text in (password, state.password))
    if not hmac.compare_digest(given, known):
        raise Refusal(401, "incorrect_password", "The provided password is an invalid application password.")
    return True


def root(state: State, request: Request) -> Response:
    """What the REST interface says about itself."""
    where = state.addresses
    routes = {f"/wp/v2/{route}": {"namespace": "wp/v2", "methods": ["GET", "POST"]} for route in _ROUTES}
    authorization = f"{where.blog}wp-admin/authorize-application.php"
    whole = {
        "name": state.blog_name,
        "description": state.blog_tagline,
        "url": where.blog.rstrip("/"),
        "home": where.blog.rstrip("/"),
        "gmt_offset": 0,
        "timezone_string": "UTC",
        "namespaces": ["oembed/1.0", "wp/v2", "wp-site-health/v1", "wp-block-editor/v1"],
        "authentication": {"application-passwords": {"endpoints": {"authorization": authorization}}},
        "routes": {"/": {"namespace": "", "methods": ["GET"]}, "/wp/v2": {"namespace": "wp/v2", "methods": ["GET"]}}
        | routes,
        "site_logo": 0,
        "site_icon": 0,
        "_links": {"help": [{"href": "https://developer.wordpress.org/rest-api/"}]},
    }
    return json_answer(trimmed(whole, request.query), headers={"Link": blog.api_link(state)})


def users(state: State, request: Request, which: str, *, inside: bool) -> Response:
    """The blog's only user, alone or as a list."""
    if which == "me" and not inside:
        raise Refusal(401, "rest_not_logged_in", "You are not currently logged in.")
    if which not in {"", "me", str(ME_ID)}:
        raise Refusal(404, "rest_user_invalid_id", "Invalid user ID.")
    shown = trimmed(_user(state, full=_context(request, inside=inside) == "edit"), request.query)
    return json_answer(shown if which else [shown])


def posts(state: State, request: Request, which: str, *, inside: bool) -> Response:
    """Posts, one or many."""
    edit = _context(request, inside=inside) == "edit"
    if which:
        post = state.comments.posts.get(number(which))
        if post is None:
            raise Refusal(404, "rest_post_invalid_id", "Invalid post ID.")
        return json_answer(trimmed(_post(state, post, edit=edit), request.query))
    query = request.query
    if query.get("orderby", "date") not in {"date", "id", "title", "include", "modified", "slug", "relevance"}:
        raise Refusal(400, "rest_invalid_param", "Invalid parameter(s): orderby")
    found = [post for post in state.comments.posts.values() if _wanted(post, query)]
    key: Callable[[Post], Any] = {"id": lambda post: post.id, "title": lambda post: post.title.lower()}.get(
        query.get("orderby"), lambda post: (post.at, post.id)
    )
    found.sort(key=key, reverse=query.get("order", "desc") == "desc")
    rows, headers, page = cut(state, request, found, "wp/v2/posts")
    if not rows and page > 1:
        message = "The page number requested is larger than the number of pages available."
        raise Refusal(400, "rest_post_invalid_page_number", message)
    return json_answer([trimmed(_post(state, post, edit=edit), query) for post in rows], headers=headers)


def cut(state: State, request: Request, rows: Sequence[Row], route: str) -> tuple[Sequence[Row], dict[str, str], int]:
    """One page of `rows`, the headers that say which, and its number."""
    query = request.query
    size, page = _whole(query, "per_page", 10), _whole(query, "page", 1)
    if not 1 <= size <= _MAX_PAGE or page < 1:
        wrong = "page" if page < 1 else "per_page"
        raise Refusal(400, "rest_invalid_param", f"Invalid parameter(s): {wrong}")
    start = _whole(query, "offset", (page - 1) * size)
    pages = math.ceil(len(rows) / size)
    headers = {"X-WP-Total": str(len(rows)), "X-WP-TotalPages": str(pages)}
    links = []
    for rel, number_ in (("prev", page - 1), ("next", page + 1)):
        if 1 <= number_ <= pages:
            others = [(name, value) for name, value in query.pairs if name != "page"]
            links.append(f'<{state.addresses.rest}{route}?{urlencode([*others, ("page", number_)])}>; rel="{rel}"')
    if links:
        headers["Link"] = ", ".join(links)
    return rows[start : start + size], headers, page


def trimmed(row: dict[str, Any], query: Fields) -> dict[str, Any]:
    """The row with only the fields asked for by `_fields`."""
    wanted = query.commas("_fields")
    if not wanted:
        return row
    kept: dict[str, Any] = {}
    for name in wanted:
        top, _, inner = name.partition(".")
        if top not in row:
            continue
        if inner and isinstance(row[top], dict):
            kept.setdefault(top, {}).update({inner: row[top][inner]} if inner in row[top] else {})
        else:
            kept[top] = row[top]
    return kept


def moment(text: str, name: str) -> int:
    """An ISO time from a query; without a zone it is the site's, which is UTC."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise Refusal(400, "rest_invalid_param", f"Invalid parameter(s): {name}") from None
    return int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp())


def local(at: int) -> str:
    """A moment as WordPress writes it: no zone."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def number(text: str) -> int:
    """A positive number, 0 for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else 0


def avatars(state: State, person: Person) -> dict[str, str]:
    """Somebody's pictures by size."""
    return {size: f"{state.addresses.portrait(person.key)}?s={size}" for size in ("24", "48", "96")}


def _context(request: Request, *, inside: bool) -> str:
    context = request.query.get("context", "view")
    if context not in {"view", "embed", "edit"}:
        raise Refusal(400, "rest_invalid_param", "Invalid parameter(s): context")
    if context == "edit" and not inside:
        raise Refusal(401, "rest_forbidden_context", "Sorry, you are not allowed to edit this.")
    return context


def _whole(query: Fields, name: str, default: int) -> int:
    text = query.get(name, str(default))
    if not (text.isascii() and text.isdecimal() and len(text) < 12):
        raise Refusal(400, "rest_invalid_param", f"Invalid parameter(s): {name}")
    return int(text)


def _user(state: State, *, full: bool) -> dict[str, Any]:
    me = state.people.me
    row: dict[str, Any] = {
        "id": ME_ID,
        "name": me.name,
        "url": state.addresses.blog,
        "description": me.about,
        "link": f"{state.addresses.blog}author/{me.username}/",
        "slug": me.username,
        "avatar_urls": avatars(state, me),
        "meta": [],
        "_links": {"self": [{"href": f"{state.addresses.rest}wp/v2/users/{ME_ID}"}]},
    }
    if full:
        row |= {
            "username": me.username,
            "email": me.mail,
            "roles": ["administrator"],
            "capabilities": dict.fromkeys(_CAPABILITIES, True) | {"administrator": True},
            "registered_date": local(state.ago("900d")) + "+00:00",
            "locale": "en_US",
        }
    return row


def _wanted(post: Post, query: Fields) -> bool:
    include, exclude, slugs = (query.commas(name) for name in ("include", "exclude", "slug"))
    words = query.get("search").lower()
    return (
        (not include or str(post.id) in include)
        and str(post.id) not in exclude
        and (not slugs or post.slug in slugs)
        and ("after" not in query or post.at > moment(query.get("after"), "after"))
        and ("before" not in query or post.at < moment(query.get("before"), "before"))
        and words in f"{post.title} {post.text}".lower()
    )


def _post(state: State, post: Post, *, edit: bool) -> dict[str, Any]:
    rest = f"{state.addresses.rest}wp/v2/"
    title, content = {"rendered": post.title}, {"rendered": paragraphs(post.text), "protected": False}
    excerpt = " ".join(plain(post.text).split()[:_EXCERPT_WORDS])
    row: dict[str, Any] = {
        "id": post.id,
        "date": local(post.at),
        "date_gmt": local(post.at),
        "guid": {"rendered": f"{state.addresses.blog}?p={post.id}"},
        "modified": local(post.at),
        "modified_gmt": local(post.at),
        "slug": post.slug,
        "status": "publish",
        "type": "post",
        "link": state.addresses.post(post),
        "title": title | ({"raw": post.title} if edit else {}),
        "content": content | ({"raw": post.text} if edit else {}),
        "excerpt": {"rendered": f"<p>{excerpt}</p>\n", "protected": False},
        "author": ME_ID,
        "featured_media": 0,
        "comment_status": "closed" if post.closed else "open",
        "ping_status": "open",
        "sticky": False,
        "template": "",
        "format": "standard",
        "meta": {"footnotes": ""},
        "categories": [1],
        "tags": [],
        "_links": {
            "self": [{"href": f"{rest}posts/{post.id}"}],
            "collection": [{"href": f"{rest}posts"}],
            "author": [{"embeddable": True, "href": f"{rest}users/{ME_ID}"}],
            "replies": [{"embeddable": True, "href": f"{rest}comments?post={post.id}"}],
        },
    }
    return row
