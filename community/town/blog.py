"""The user's own blog as readers see it: pages with their comments, and the feeds of both."""

from html import escape

from community.town import feeds, pages
from community.town.exchange import Request, Response, html_answer, moved
from community.town.markup import paragraphs
from community.town.records import Comment, Post
from community.town.state import State

GENERATOR = "WordPress 6.8.3"
_FEED_ITEMS = 10
_FEED_TAILS = {"feed": "rss", "feed/rss2": "rss", "feed/atom": "atom"}


def answer(state: State, request: Request) -> Response | None:
    """What stands at an address under `/blog/`; None when nothing does."""
    path = request.path.removeprefix("/blog/").strip("/")
    if "p" in request.query and not path:
        post = state.comments.posts.get(_number(request.query.get("p")))
        return moved(state.addresses.post(post)) if post else None
    if path == "":
        return _page(state, "", _front(state), [_feed_link(state, "", state.blog_name)])
    if path == "wp-admin/authorize-application.php":
        return _page(state, "Authorize Application", _authorize(state, request), [])
    owner, form = _split_feed(path)
    if form:
        feed = _feed(state, owner)
        return feeds.answer(feed, form, request) if feed else None
    post = _post(state, path)
    if post is None:
        return None
    return _page(
        state, post.title, _article(state, post), [_feed_link(state, f"{post.slug}/", f"Comments: {post.title}")]
    )


def api_link(state: State) -> str:
    """The header that leads to the REST interface."""
    return f'<{state.addresses.rest}>; rel="https://api.w.org/"'


def _page(state: State, title: str, body: str, links: list[pages.HeadLink]) -> Response:
    comments = pages.HeadLink(
        "alternate", f"{state.addresses.blog}comments/feed/", feeds.KINDS["rss"], f"{state.blog_name} » Comments"
    )
    own = [
        *links,
        comments,
        pages.HeadLink("https://api.w.org/", state.addresses.rest),
        pages.HeadLink("me", state.addresses.profile(state.people.me)),
    ]
    whole = f"{title} – {state.blog_name}" if title else state.blog_name
    return html_answer(pages.page(whole, body, links=own, generator=GENERATOR), headers={"Link": api_link(state)})


def _feed_link(state: State, below: str, title: str) -> pages.HeadLink:
    return pages.HeadLink("alternate", f"{state.addresses.blog}{below}feed/", feeds.KINDS["rss"], title)


def _front(state: State) -> str:
    home = pages.link(state.blog_name, state.addresses.blog)
    posts = "".join(
        f"<h2>{pages.link(post.title, state.addresses.post(post))}</h2>\n"
        f'<p class="meta">{pages.day(post.at)} · {len(state.comments.approved(post.id))} comments</p>\n'
        for post in _newest(state)
    )
    return f"<h1>{home}</h1>\n<p>{escape(state.blog_tagline)}</p>\n{posts}"


def _article(state: State, post: Post) -> str:
    comments = state.comments.approved(post.id)
    shown = {comment.id for comment in comments}
    below: dict[int, list[Comment]] = {}
    for comment in comments:
        below.setdefault(comment.parent_id if comment.parent_id in shown else 0, []).append(comment)
    end = "<p>Comments are closed.</p>\n" if post.closed else ""
    return (
        f'<p class="meta">{pages.link(state.blog_name, state.addresses.blog)}</p>\n<article>\n'
        f'<h1>{escape(post.title)}</h1>\n<p class="meta">{escape(state.people.me.name)}, {pages.day(post.at)}</p>\n'
        f"{paragraphs(post.text)}</article>\n"
        f'<h2 id="comments">{len(comments)} comments</h2>\n{_thread(below, 0)}{end}'
    )


def _thread(below: dict[int, list[Comment]], parent_id: int) -> str:
    rows = []
    for comment in below.get(parent_id, []):
        name = comment.author.name
        who = (
            pages.link(name, comment.author.site, rel="external nofollow ugc") if comment.author.site else escape(name)
        )
        when = pages.link(pages.day(comment.at), f"#comment-{comment.id}")
        rows.append(
            f'<li id="comment-{comment.id}"><div class="body"><p class="meta"><b>{who}</b>, {when}</p>\n'
            f"{paragraphs(comment.text)}</div>\n{_thread(below, comment.id)}</li>\n"
        )
    return f'<ol class="comments">\n{"".join(rows)}</ol>\n' if rows else ""


def _authorize(state: State, request: Request) -> str:
    app = escape(request.query.get("app_name", "An application"))
    me = state.people.me
    return (
        f"<h1>Authorize Application</h1>\n<p>{app} would like to act as <b>{escape(me.username)}</b> on "
        f"{escape(state.blog_name)}. This is a demo town, so its password is no secret:</p>\n"
        f'<p>Your new password for {app} is: <code id="new-application-password-value">{state.password}</code></p>\n'
    )


def _split_feed(path: str) -> tuple[str, str]:
    for tail, form in _FEED_TAILS.items():
        if path == tail or path.endswith(f"/{tail}"):
            return path.removesuffix(tail).rstrip("/"), form
    return path, ""


def _feed(state: State, owner: str) -> feeds.Feed | None:
    me, where = state.people.me, state.addresses
    if owner == "":
        items = [_post_item(state, post) for post in _newest(state)[:_FEED_ITEMS]]
        return feeds.Feed(state.blog_name, state.blog_tagline, where.blog, f"{where.blog}feed/", items)
    if owner == "comments":
        newest = state.comments.approved()[::-1][:_FEED_ITEMS]
        items = [_comment_item(state, comment, f"Comment on {_title(state, comment)} by ") for comment in newest]
        title = f"Comments for {state.blog_name}"
        return feeds.Feed(title, state.blog_tagline, where.blog, f"{where.blog}comments/feed/", items)
    post = _post(state, owner)
    if post is None:
        return None
    items = [_comment_item(state, comment, "By: ") for comment in state.comments.approved(post.id)[::-1][:_FEED_ITEMS]]
    title = f"Comments on: {post.title}"
    return feeds.Feed(title, f"{me.name} and readers", where.post(post), f"{where.post(post)}feed/", items)


def _post_item(state: State, post: Post) -> feeds.FeedItem:
    url = state.addresses.post(post)
    return feeds.FeedItem(
        id=f"{state.addresses.blog}?p={post.id}",
        url=url,
        title=post.title,
        html=paragraphs(post.text),
        at=post.at,
        author=state.people.me.name,
        author_url=state.addresses.blog,
        comments_url=f"{url}#comments",
        comments_feed=f"{url}feed/",
        comment_count=len(state.comments.approved(post.id)),
    )


def _comment_item(state: State, comment: Comment, intro: str) -> feeds.FeedItem:
    post = state.comments.posts[comment.post_id]
    url = state.addresses.comment(comment, post)
    html = paragraphs(comment.text)
    parent = state.comments.get(comment.parent_id)
    answers = None
    if parent is not None and parent.status == "approved":
        parent_url = state.addresses.comment(parent, post)
        html = f"<p>In reply to {pages.link(parent.author.name, parent_url)}.</p>\n{html}"
        answers = (parent_url, parent_url)
    return feeds.FeedItem(
        id=url,
        url=url,
        title=f"{intro}{comment.author.name}",
        html=html,
        at=comment.at,
        author=comment.author.name,
        author_url=comment.author.site,
        answers=answers,
    )


def _title(state: State, comment: Comment) -> str:
    return state.comments.posts[comment.post_id].title


def _newest(state: State) -> list[Post]:
    return sorted(state.comments.posts.values(), key=lambda post: -post.at)


def _post(state: State, slug: str) -> Post | None:
    return next((post for post in state.comments.posts.values() if post.slug == slug), None)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 12 else 0
