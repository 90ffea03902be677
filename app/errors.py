"""The error tree, and the one table that turns an error into an HTTP status and an exit code.

Every error carries one English sentence as a template with named parameters. Only the
edges (`web`, `api`, `cli`) translate it, so the same refusal reads German in the browser
and English at an English prompt.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from gettext import NullTranslations


def N_(template: str) -> str:  # noqa: N802  gettext's customary name
    """Mark `template` for translation without translating it here."""
    return template


class PluralTemplate(str):
    """A template that tells of several things, with `one`, which tells of a single one."""

    one: str


def NN_(one: str, several: str) -> PluralTemplate:  # noqa: N802  like `N_`
    """Mark a template in singular and plural for translation; ``%(n)s`` says which of them is meant."""
    counted = PluralTemplate(several)
    counted.one = one
    return counted


class Phrase(str):
    """A value of a sentence that is a text to be translated itself, marked with `N_`."""

    __slots__ = ()


# Writes a number or a day as people of one language do; anything else stays as it is.
Write = Callable[[object], object]


def _as_it_is(value: object) -> object:
    return value


def worded(
    template: str, params: Mapping[str, object], catalog: NullTranslations, write: Write = _as_it_is
) -> str:
    """Return a sentence in the language of `catalog`.

    Parameters
    ----------
    template : str
        Marked with `N_` or `NN_`.
    params : mapping
        Values for its placeholders: a `Phrase` and an error are translated, too.
    catalog : gettext.NullTranslations
    write : callable, optional
        Takes any other value, gives it as it is written there; see
        `app.domain.localizer.Localizer.format_value`.
    """

    def shown(value: object) -> object:
        if isinstance(value, AppError):
            return value.sentence(catalog, write)
        return catalog.gettext(value) if isinstance(value, Phrase) else write(value)

    translated = (
        catalog.ngettext(template.one, template, int(str(params["n"])))
        if isinstance(template, PluralTemplate)
        else catalog.gettext(template)
    )
    return translated % {name: shown(value) for name, value in params.items()}


class AppError(Exception):
    """A refusal that a person can understand and act on.

    Parameters
    ----------
    template : str
        One English sentence, marked with `N_`, with ``%(name)s`` placeholders.
    **params : object
        Values for the placeholders; shown as text, never interpreted. Numbers with decimals and days
        are given as such, a `Phrase` and another error are translated, too.
    """

    def __init__(self, template: str, /, **params: object) -> None:
        super().__init__(template, params)
        self.template = template
        self.params = params

    def sentence(self, catalog: NullTranslations | None = None, write: Write = _as_it_is) -> str:
        """Return the sentence in the language of `catalog`; English with days as in ISO 8601 without one."""
        return worded(self.template, self.params, catalog or NullTranslations(), write)

    def __str__(self) -> str:
        return self.sentence()

    def __reduce__(self) -> tuple[partial[AppError], tuple[()]]:
        """Go from one process to another with the parameters, which `Exception` forgets."""
        return partial(type(self), self.template, **self.params), ()


class InputError(AppError):
    """A value given by a person is malformed: a date, a number, an option."""


class DataError(AppError):
    """The content of a file or record is not what was expected."""


class NotFoundError(AppError):
    """The thing asked for does not exist."""


class ConflictError(AppError):
    """The change contradicts what is stored."""


class PreconditionRequiredError(AppError):
    """The change does not say which version of what is stored it was made from."""


class TooLargeError(AppError):
    """The input is larger than the service accepts."""


class SignInError(AppError):
    """Not everybody may do this, and nobody is signed in."""


class ForbiddenError(AppError):
    """Whoever is signed in may not do this."""


class TooManyError(AppError):
    """The same was tried too often in a short time."""


class BusyError(AppError):
    """All that could do this is at work; a moment later it can be asked again."""


class SetupError(AppError):
    """The machine, the configuration or the database cannot carry the service."""


@dataclass(frozen=True)
class Outcome:
    """How an error leaves the program."""

    http_status: int
    exit_code: int


OUTCOMES: dict[type[AppError], Outcome] = {
    InputError: Outcome(400, 2),
    DataError: Outcome(422, 3),
    NotFoundError: Outcome(404, 4),
    ConflictError: Outcome(409, 5),
    TooLargeError: Outcome(413, 6),
    SetupError: Outcome(503, 7),
    SignInError: Outcome(401, 8),
    TooManyError: Outcome(429, 9),
    BusyError: Outcome(503, 10),
    ForbiddenError: Outcome(403, 11),
    PreconditionRequiredError: Outcome(428, 12),
    AppError: Outcome(500, 1),
}


def outcome(error: AppError) -> Outcome:
    """Return the outcome of `error`, the nearest class in its ancestry deciding."""
    return next(OUTCOMES[kind] for kind in type(error).__mro__ if kind in OUTCOMES)
