"""Every text that the modules of the page for the phone say, so that the catalog knows them."""

from __future__ import annotations

from collections.abc import Callable

from app.errors import N_

TEXTS = (
    N_("min"),
    N_("{hours} h {minutes}"),
    N_("{minutes} late"),
    N_("{minutes} early"),
    N_("on time"),
    N_("{length} on foot, {minutes}"),
    N_("first {wind}"),
    N_("{length} to the {wind}"),
    N_("You are there."),
    N_("north"),
    N_("northeast"),
    N_("east"),
    N_("southeast"),
    N_("south"),
    N_("southwest"),
    N_("west"),
    N_("northwest"),
    N_("Place only about there."),
    N_("Start of the tour"),
    N_("Meeting point"),
    N_("Next stop"),
    N_("You are here"),
    N_("Back to the start"),
    N_("End of the tour"),
    N_("Arrived"),
    N_("Continue"),
    N_("done"),
    N_("planned for {time}"),
    N_("here until {time}"),
    N_("Arrived at {time}"),
    N_("begins at {time}, in {left} min"),
    N_("begins at {time} on {day}"),
    N_("rehearsal, counted from the first step"),
    N_("Looking for your position …"),
    N_("The position may not be read; the plan shows the way."),
    N_("No position at the moment; the plan shows the way."),
    N_("works without a network"),
    N_("needs a network"),
)


def walk_messages(translate: Callable[[str], str]) -> dict[str, str]:
    """Return English text to translation for all the modules say; what stays the same is left out."""
    told = {text: translate(text) for text in TEXTS}
    return {text: words for text, words in told.items() if words != text}
