"""A generated community in which some people have several identities, and a slow, obvious rule for who looks alike."""

import random
from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations

from community.evidence import MOST, WEIGHTS, keys_of
from community.model import Identity
from community.sources.base import Author, ProfileLink
from community.text import clean_line

FIRST = (
    "Ada",
    "Bo",
    "Carla",
    "Dmitri",
    "Élodie",
    "Femi",
    "Greta",
    "Håkon",
    "Ines",
    "Jon",
    "Kemi",
    "Lin",
    "Maria",
    "Nils",
)
LAST = (
    "Adeyemi",
    "Brandt",
    "Castro",
    "Duarte",
    "Eriksen",
    "Fofana",
    "Grau",
    "Hollund",
    "Ito",
    "Jansen",
    "Kovač",
    "Okafor",
)
NETWORKS = (
    "fediverse",
    "bluesky",
    "wordpress:a.example",
    "wordpress:b.example",
    "isso:c.example",
    "feed:d.example",
    "reddit",
)


def authors(number: int, *, seed: int = 1) -> Iterator[Author]:
    """So many identities: people with one to nine of them, namesakes, shared sites, and handles that say nothing."""
    chance = random.Random(seed)
    made = 0
    human = 0
    while made < number:
        human += 1
        name = f"{chance.choice(FIRST)} {chance.choice(LAST)}" + (f" {human}" if chance.random() < 0.7 else "")
        site = f"https://site{human}.example/" if chance.random() < 0.8 else f"https://team{human // 40}.example/"
        mail = f"{human:064x}" if chance.random() < 0.5 else None
        handle = chance.choice((f"maker{human}", "admin", name.split(maxsplit=1)[0].lower(), f"night.owl-{human // 6}"))
        for _ in range(min(chance.choice((1, 1, 1, 2, 3, 9)), number - made)):
            yield _author(chance, made, name, site, mail, handle)
            made += 1


def _author(chance: random.Random, number: int, name: str, site: str, mail: str | None, handle: str) -> Author:
    network = chance.choice(NETWORKS)
    shown = name if chance.random() < 0.8 else name.split(maxsplit=1)[0]
    if ":" in network:
        url = chance.choice((site, f"{site}about", site.replace("https://", "http://www."), None))
        return Author(network, str(number), clean_line(shown), clean_line(shown), url, chance.choice((mail, None)))
    links = (ProfileLink(site, is_proved=chance.random() < 0.5),) if chance.random() < 0.5 else None
    url = f"https://{network}.example/@{handle}{number}"
    return Author(network, str(number), clean_line(f"@{handle}@{network}.example"), clean_line(shown), url, links=links)


def alike(
    identities: list[Identity], refused: set[tuple[int, int]], left: set[tuple[int, int]]
) -> dict[tuple[int, int], tuple[int, bool]]:
    """Every pair of people that should be suggested, with its weight and whether it was left open."""
    me = {each.person_id for each in identities if each.is_me}
    holders: dict[tuple[str, str], set[int]] = defaultdict(set)
    for each in identities:
        for key in keys_of(each):
            if each.person_id not in me:
                holders[key.kind, key.value].add(each.person_id)
    kinds: dict[tuple[int, int], set[str]] = defaultdict(set)
    for (kind, _), people in holders.items():
        if len(people) <= MOST[kind]:
            for pair in combinations(sorted(people), 2):
                kinds[pair].add(kind)
    owner = {each.id: each.person_id for each in identities}
    apart = {tuple(sorted((owner[one], owner[other]))) for one, other in refused}
    later = {tuple(sorted((owner[one], owner[other]))) for one, other in left}
    return {
        pair: (sum(WEIGHTS[kind] for kind in found), pair in later)
        for pair, found in kinds.items()
        if pair not in apart
    }
