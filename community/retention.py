"""Keeping to the terms of platforms that allow words and names to be kept only for a while.

What goes are somebody else's words and who they are. What stays is mine: that I answered, where, and with what.
"""

import logging

from community.forgetting import SOMEBODY
from community.likeness import witness
from community.store import Store
from community.terms import DAY_S, HOUR_S, terms_of
from storage import retention

log = logging.getLogger(__name__)

DELETED = "(deleted there)"
_AT_ONCE = 500


def gone(keep_s: int) -> str:
    """What stands in the place of words that may be kept no longer. Pure."""
    span = f"{keep_s // DAY_S} days" if keep_s >= 3 * DAY_S else f"{keep_s // HOUR_S} hours"
    return f"(kept for {span}, as the platform asks; it may still be there)"


async def keep_terms(store: Store) -> int:
    """Take out what the terms of its source allow to be kept no longer; how many items and identities that were."""
    taken = 0
    for kind in retention.kinds(store.reader):
        terms = terms_of(kind)
        if terms.keep_text_s is not None:
            taken += await _words(store, kind, terms.keep_text_s)
        if terms.keep_author_s is not None:
            taken += await _authors(store, kind, terms.keep_author_s)
        if terms.forgets_gone:
            taken += await _deleted(store, kind)
    if taken:
        log.info("took out %d items and names that may be kept no longer", taken)
    return taken


async def _words(store: Store, kind: str, keep_s: int) -> int:
    taken, words = 0, gone(keep_s)
    while True:
        async with store.transaction() as tx:
            found = await retention.old_words(tx, kind, before=store.now() - keep_s, gone=words, limit=_AT_ONCE)
            await retention.take_words(tx, found, gone=words)
        taken += len(found)
        if len(found) < _AT_ONCE:
            return taken


async def _deleted(store: Store, kind: str) -> int:
    taken = 0
    while True:
        async with store.transaction() as tx:
            found = await retention.deleted_words(tx, kind, gone=DELETED, limit=_AT_ONCE)
            await retention.take_words(tx, found, gone=DELETED)
        taken += len(found)
        if len(found) < _AT_ONCE:
            return taken


async def _authors(store: Store, kind: str, keep_s: int) -> int:
    taken = 0
    while True:
        async with store.transaction() as tx:
            found = await retention.old_authors(
                tx, kind, before=store.now() - keep_s, somebody=SOMEBODY, limit=_AT_ONCE
            )
            await retention.take_authors(tx, found, somebody=SOMEBODY)
            await witness(tx, found)
        taken += len(found)
        if len(found) < _AT_ONCE:
            return taken
