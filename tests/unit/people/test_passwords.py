"""Which passwords are taken."""

from __future__ import annotations

import pytest

from app.errors import InputError
from app.services.people.passwords import generated_password, hashed, is_password

NAME = "Erika Muster"


@pytest.mark.parametrize(
    "password",
    [
        "123456789012",
        "passwort1234",
        "Passwort12345",
        "iloveyou1234",
        "qwertzuiop123",
        "qwertyuiop12",
        "aaaaaaaaaaaa",
        "abcabcabcabc",
        "hallohallohallo",
        "heinenkamp2024",
        "Heinenkamp2024",
        "Wolfsburg2024!",
        "Nachbarschaft1",
        "volkswagen12",
        "ErikaMuster1",
        "erika.muster1",
        "x" * 200,
    ],
)
def test_what_is_easy_to_guess_is_refused(password: str) -> None:
    with pytest.raises(InputError, match="easy to guess"):
        hashed(password, NAME)


@pytest.mark.parametrize("password", ["", "kurz", "Xk7#Xk7#Xk9", "z9" * 101])
def test_what_is_too_short_or_too_long_is_refused(password: str) -> None:
    with pytest.raises(InputError, match="A password has 12 to 200 characters"):
        hashed(password, NAME)


@pytest.mark.parametrize(
    "password",
    ["correct horse battery", "schnee auf der alten brücke", "xkcd-Trommel-Gans", "ж7ö" * 4 + "qp!vT"],
)
def test_a_few_words_are_taken(password: str) -> None:
    kept = hashed(password, NAME)
    assert is_password(kept, password)
    assert not is_password(kept, f"{password} ")
    assert password not in kept


def test_made_up_ones_are_taken() -> None:
    assert all(hashed(generated_password(), NAME).startswith("$argon2id$") for _ in range(3))


def test_to_try_one_costs_what_rfc_9106_recommends() -> None:
    assert hashed(generated_password(), NAME).startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_nobody_has_a_password() -> None:
    assert not is_password(None, "")
    assert not is_password("no hash", "correct horse battery")
