"""JSON values checked against a model: the first that is wrong is refused in one sentence; typed numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    Strict,
    ValidationError,
    model_validator,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from app.domain.clocks import clock_seconds
from app.domain.period import parse_day
from app.errors import N_, DataError, InputError, Phrase

M = TypeVar("M", bound="Checked")

LONGEST_TEXT = 500
# What has more digits is no number of anything here, and too many are slow to read.
_MOST_DIGITS = 9


class FieldError(DataError):
    """A field of a document is wrong."""


@dataclass(frozen=True)
class Expected:
    """What a person reads was expected of a field, whatever is wrong with its value."""

    text: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return the field's own schema with one error for all that it refuses."""
        return core_schema.custom_error_schema(
            handler(source), custom_error_type="expected", custom_error_message=self.text
        )


def wrong(expected: str, field: str | None = None, value: Any = None) -> PydanticCustomError:
    """Return the refusal of a field of the object that a validator looks at, or of the object itself."""
    return PydanticCustomError(
        "expected", expected, {} if field is None else {"field": field, "value": value}
    )


def not_blank(text: str) -> str:
    """Return a text that is not blank."""
    if not text.strip() or "\x00" in text:
        raise ValueError
    return text


Text = Annotated[
    str,
    Strict(),
    Field(max_length=LONGEST_TEXT),
    AfterValidator(not_blank),
    Expected(N_("a text of up to 500 characters")),
]
Flag = Annotated[bool, Strict(), Expected("true / false")]
Number = Annotated[float, Strict(), Field(allow_inf_nan=False)]
Longitude = Annotated[Number, Field(ge=-180, le=180), Expected(N_("a longitude in degrees"))]
Latitude = Annotated[Number, Field(ge=-90, le=90), Expected(N_("a latitude in degrees"))]


# Beyond is a slip of the keyboard, and near the end of all dates a tour has no end that can be written.
YEARS = range(1900, 3000)
A_CLOCK = N_("a time such as 14:00")


def _day(text: Any) -> date:
    try:
        day = parse_day(text if isinstance(text, str) else "")
    except InputError:
        raise ValueError(text) from None
    if day.year not in YEARS:
        raise ValueError(text)
    return day


def _instant(text: Any) -> datetime:
    at = datetime.fromisoformat(text) if isinstance(text, str) else None
    if at is None or at.tzinfo is None or at.year not in YEARS:
        raise ValueError(text)
    return at


Clock = Annotated[int, BeforeValidator(clock_seconds), Expected(A_CLOCK)]
Index = Annotated[int, Strict(), Field(ge=0)]
Day = Annotated[date, BeforeValidator(_day), Expected(N_("a day such as 2024-04-24"))]
Instant = Annotated[
    datetime,
    BeforeValidator(_instant),
    Expected(N_("a day and time with zone, for example 2024-04-24T14:00+02:00")),
]


def needed() -> Any:
    """Return the default of a field that must be given: none, which its type refuses."""
    return Field(default=None)


class Checked(BaseModel):
    """An object of JSON; a value of null is as good as none."""

    model_config = ConfigDict(frozen=True, validate_default=True)

    expected: ClassVar[str] = N_("an object")

    @model_validator(mode="before")
    @classmethod
    def _known_fields(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            raise wrong(cls.expected)
        for name in given:
            if name not in cls.model_fields:
                fields = {"fields": ", ".join(cls.model_fields), "name": str(name)[:60]}
                raise PydanticCustomError("unknown_field", "", fields)
        return {name: value for name, value in given.items() if value is not None}


def checked(model: type[M], given: Any, template: str, **params: object) -> M:
    """Return JSON values as `model`.

    Parameters
    ----------
    model : type
    given : object
    template : str
        Sentence with ``%(field)s``, ``%(expected)s``, ``%(found)s`` and what `params` fill.

    Raises
    ------
    FieldError
        Naming the first field that is wrong, as in ``stops[0].dwell_min``, counted from 0.
    """
    try:
        return model.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
    context = first.get("ctx", {})
    value = context.get("name", context.get("value", None if "field" in context else first["input"]))
    value = None if isinstance(value, Mapping) else value
    place = [*first["loc"], *([context["field"]] if "field" in context else [])]
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    raise FieldError(
        template,
        field=path.removeprefix(".")[:80] or Phrase(N_("as a whole")),
        expected=_expected(first["type"], first["msg"], context),
        found=Phrase(N_("nothing")) if value is None else DataError(N_("“%(text)s”"), text=str(value)[:60]),
        **params,
    )


def _expected(kind: str, message: str, context: Mapping[str, Any]) -> Phrase | DataError:
    if kind == "unknown_field":
        return DataError(N_("only the fields %(fields)s"), fields=context["fields"])
    # All but lists name themselves what was expected.
    return Phrase(message if kind == "expected" else N_("a list"))


def whole_number(text: str) -> int | None:
    """Return a whole number from 0 on of at most nine digits; None for anything else.

    Only the digits 0 to 9 count: other scripts have theirs, and there are superscripts.

    Examples
    --------
    >>> whole_number(" 42 "), whole_number("-1"), whole_number("²"), whole_number("9" * 10)
    (42, None, None, None)
    """
    typed = text.strip()
    is_number = typed.isascii() and typed.isdecimal() and len(typed) <= _MOST_DIGITS
    return int(typed) if is_number else None
