"""Names of companies that may mean the same one: legal forms, umlauts, “&”, slips of the pen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

import numpy as np
from rapidfuzz import fuzz, process

from app.domain.companies.folding import folded

_WRITTEN_FORMS = """
gmbh mbh ggmbh ag kg kgaa ohg ug haftungsbeschraenkt ek ekfr gbr se eg ev partg partgmbb
ltd limited inc llc co cie sarl bv spa
ges gesellschaft aktiengesellschaft kommanditgesellschaft mit beschraenkter haftung
"""
_LEGAL_FORMS = frozenset(_WRITTEN_FORMS.split())
# Percent of letters in common, both ways, from which two names may be one.
_LIKE = 86.0
# Names are compared by so many at a time, that the table of all pairs stays small.
_N_AT_ONCE = 1_000
_MOST_CANDIDATES = 4


def core_of(name: str) -> str:
    """Return what is left of a name without its legal form; of nothing else, the name itself.

    Examples
    --------
    >>> core_of("Müller & Söhne GmbH & Co. KG"), core_of("Mueller und Soehne mbH")
    ('mueller und soehne', 'mueller und soehne')
    """
    words = folded(name.replace("&", " und ").replace("+", " und ").replace(".", "")).split()
    own = [word for word in words if word not in _LEGAL_FORMS]
    while own and own[-1] in ("und", "u"):
        own.pop()
    return " ".join("und" if word in ("u", "and") else word for word in own) or " ".join(words)


def candidates(names: Sequence[str], known: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Return the keys of known companies that each name may mean, the likeliest first.

    Parameters
    ----------
    names : sequence of str
    known : mapping
        What each company is or was called, by its key.
    """
    pairs = [(key, core_of(called)) for key, all_ in known.items() for called in all_]
    if not pairs or not names:
        return [[] for _ in names]
    cores = [core_of(name) for name in names]
    scores = _likeness(cores, [core for _, core in pairs])
    within = _Within([core for _, core in pairs])
    found = []
    for core, own in zip(cores, scores, strict=True):
        ranked = [*own, *within(core)]
        keys = dict.fromkeys(pairs[n][0] for n in ranked)
        found.append(list(islice(keys, _MOST_CANDIDATES)))
    return found


def _likeness(cores: Sequence[str], known: Sequence[str]) -> Iterable[list[int]]:
    """Yield of each name which known ones are like it, the order of words aside, the likest first."""
    wanted = [" ".join(sorted(core.split())) for core in known]
    for start in range(0, len(cores), _N_AT_ONCE):
        some = [" ".join(sorted(core.split())) for core in cores[start : start + _N_AT_ONCE]]
        table = process.cdist(some, wanted, scorer=fuzz.ratio, score_cutoff=_LIKE, dtype=np.float32)
        for row in table:
            chosen = np.flatnonzero(row)
            yield chosen[np.argsort(-row[chosen], kind="stable")].tolist()


class _Within:
    """Which known names have all words of a name, or the other way round."""

    def __init__(self, known: Sequence[str]) -> None:
        self.words = [frozenset(core.split()) for core in known]
        self.having: dict[str, list[int]] = defaultdict(list)
        for n, words in enumerate(self.words):
            for word in words:
                self.having[word].append(n)

    def __call__(self, core: str) -> list[int]:
        words = frozenset(core.split())
        some = sorted({n for word in words for n in self.having.get(word, ())})
        return [n for n in some if self.words[n] <= words or words <= self.words[n]]
