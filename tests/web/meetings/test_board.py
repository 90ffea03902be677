"""The board of a park: numbers that stay with the plots, all companies in order, on one page."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pypdfium2
import pytest

from app.exchange.meetings.papers.board_pdf import board_pdf
from app.exchange.meetings.papers.park_map import BoardEntry
from app.services.meetings.papers.boards import park_board, plot_order

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

LINE = re.compile(r"<li><b>([^<]*)</b><span lang=\"de\">([^<]*)<")


@pytest.fixture(scope="module")
def visitor(staffed: Flask) -> FlaskClient:
    """Somebody without an account."""
    return staffed.test_client()


def lines(client: FlaskClient, park: str, on: str) -> dict[str, str]:
    answer = client.get(f"/board?park={park}&on={on}&lang=en")
    assert answer.status_code == 200
    return {name: number for number, name in LINE.findall(answer.get_data(as_text=True))}


def pdf_of(client: FlaskClient, address: str) -> pypdfium2.PdfDocument:
    answer = client.get(address)
    assert answer.status_code == 200, answer.get_data(as_text=True)[-2000:]
    return pypdfium2.PdfDocument(answer.data)


def test_a_successor_has_the_number_of_its_predecessor(visitor: FlaskClient) -> None:
    before, after = lines(visitor, "heinenkamp-1", "2014-06-01"), lines(visitor, "heinenkamp-1", "2017-06-01")
    assert before["Obi"].isdigit()
    assert after["hagebaumarkt"] == before["Obi"]
    assert "Obi" not in after


def test_keys_are_in_the_order_that_people_count_in() -> None:
    keys = ["A-10", "A-2", "A²", "A-1b", "A-1"]
    assert sorted(keys, key=plot_order) == ["A-1", "A-1b", "A-2", "A-10", "A²"]


def test_companies_are_in_order_of_names(visitor: FlaskClient) -> None:
    names = [name.casefold() for name in lines(visitor, "heinenkamp-1", "2026-06-01")]
    assert len(names) > 20
    plain = [re.sub(r"[^a-z0-9]", "", name) for name in names if name.isascii()]
    assert plain == sorted(plain)


@pytest.mark.parametrize("park", ["heinenkamp-1", "heinenkamp-2"])
def test_the_print_is_one_page_with_every_company(visitor: FlaskClient, park: str) -> None:
    document = pdf_of(visitor, f"/board.pdf?park={park}&on=2026-06-01&lang=de")
    assert len(document) == 1
    text = "".join(document[0].get_textpage().get_text_range().split())
    for name, numbers in lines(visitor, park, "2026-06-01").items():
        assert "".join(numbers.split()) in text
        assert "".join(name.replace("&amp;", "&").replace("&#39;", "'").split()) in text


def test_bad_input_is_refused_in_words(visitor: FlaskClient) -> None:
    for address, status in (("/board?park=nowhere", 404), ("/board.pdf?on=yesterday", 400)):
        assert visitor.get(f"{address}&lang=en").status_code == status


@pytest.mark.parametrize(
    ("n", "name"),
    [
        (1, "Firma"),
        (60, "Gesellschaft für außergewöhnlich lange Firmennamen und Dienstleistungen mbH & Co"),
        (200, "Werkstatt Beispiel GmbH"),
    ],
)
def test_a_full_park_stays_on_one_page(staffed: Flask, n: int, name: str) -> None:
    with staffed.extensions["engine"].connect() as held:
        board = park_board(held, "heinenkamp-1", date(2026, 6, 1))
    entries = [BoardEntry(f"{name} {k}", (k, k + 1)) for k in range(1, n + 1)]
    document = pypdfium2.PdfDocument(board_pdf(replace(board, entries=entries), "de"))
    assert len(document) == 1
    assert f"Co{n}" in "".join(document[0].get_textpage().get_text_range().split()) or n != 60
