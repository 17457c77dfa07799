"""Invented prose whose words are as unevenly frequent as those of a language, so that searching costs what it does."""

import random
from itertools import accumulate

_SYLLABLES = [a + b for a in "bcdfghjklmnprstvwz" for b in ("a", "e", "i", "o", "u", "ai", "ea", "or", "en")]


class Prose:
    """Sentences of a language of `size` words and as many sentences. The same seed says the same."""

    def __init__(self, seed: int, size: int = 20_000) -> None:
        self._chance = random.Random(seed)
        found: dict[str, None] = {}
        while len(found) < size:
            found["".join(self._chance.choices(_SYLLABLES, k=self._chance.choice((1, 2, 2, 3, 3, 4))))] = None
        self.words = sorted(found, key=lambda word: len(word) + self._chance.random() * 6)
        weights = list(accumulate(1 / (place + 2.7) for place in range(size)))
        lengths = self._chance.choices(range(6, 20), k=size)
        drawn = iter(self._chance.choices(self.words, cum_weights=weights, k=sum(lengths)))
        self._sentences = [
            " ".join(next(drawn) for _ in range(length)).capitalize() + self._chance.choice("......?")
            for length in lengths
        ]

    def reseed(self, chance: random.Random) -> None:
        """Choose by `chance` from now on."""
        self._chance = chance

    def sentence(self) -> str:
        """One sentence; one in seven asks."""
        return self._chance.choice(self._sentences)

    def text(self, least: int, most: int) -> str:
        """So many sentences."""
        return " ".join(self._chance.choices(self._sentences, k=self._chance.randint(least, most)))
