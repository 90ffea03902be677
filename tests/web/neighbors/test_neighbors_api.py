"""Neighbors and change days as JSON."""

from __future__ import annotations

from datetime import date

import pytest

from app.db.changes import change_days


def answer(client, path: str, status: int = 200) -> dict:
    got = client.get(path)
    assert got.status_code == status, got.text
    assert got.mimetype == "application/json"
    return got.get_json()


def test_company_with_plot_has_neighbors_in_german(client):
    told = answer(client, "/api/companies/kaufland/neighbors?on=2024-04-24")
    assert told["subject"] == {"kind": "company", "key": "kaufland", "name": "Kaufland", "plots": ["HK1-001"]}
    by_relation = {group["relation"]: group["label"] for group in told["groups"]}
    assert by_relation["same_plot"] == "Auf demselben Grundstück"
    assert by_relation["edge"] == "Gemeinsame Grenze"
    reasons = {neighbor["name"]: neighbor["reason"] for neighbor in told["neighbors"]}
    assert reasons["Phönix-Apotheke"] == "auf demselben Grundstück, HK1-001"
    assert reasons["Sumitomo Electric Bordnetze"].startswith("grenzt im Norden auf ")


def test_english_on_request(client):
    told = answer(client, "/api/companies/kaufland/neighbors?on=2024-04-24&lang=en")
    assert {group["label"] for group in told["groups"]} >= {"On the same plot", "Common border"}


def test_neighbors_are_those_of_the_day(client):
    on_the_day = answer(client, "/api/companies/phoenix-apotheke/neighbors?on=2021-01-01")
    names = {neighbor["name"] for neighbor in on_the_day["neighbors"]}
    assert "real" in names
    assert "Kaufland" not in names


def test_every_neighborhood_is_mutual(client):
    for key in ("kaufland", "hornbach", "mediamarkt", "lear-corporation"):
        for neighbor in answer(client, f"/api/companies/{key}/neighbors?on=2024-04-24")["neighbors"]:
            for member in neighbor["members"]:
                back = answer(client, f"/api/companies/{member['key']}/neighbors?on=2024-04-24")
                known = [m["key"] for n in back["neighbors"] for m in n["members"]]
                assert key in known


def test_plot_neighbors(client):
    told = answer(client, "/api/plots/HK1-001/neighbors?on=2024-04-24")
    assert told["subject"]["kind"] == "plot"
    assert {neighbor["kind"] for neighbor in told["neighbors"]} == {"plot"}
    assert "HK1-002" in {neighbor["key"] for neighbor in told["neighbors"]}


def test_changes_are_the_days_of_the_tables(client, loaded_connection):
    told = answer(client, "/api/changes")
    assert told["days"] == [day.isoformat() for day in change_days(loaded_connection)]
    assert {"2021-07-25", "2021-11-18", "2023-09-26"} <= set(told["days"])
    assert date.fromisoformat(told["today"])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/companies/kaufland/neighbors?on=2024-02-30", 400),
        ("/api/companies/kaufland/neighbors?on=2021-01-01", 404),
        ("/api/companies/nobody/neighbors", 404),
        ("/api/plots/HK9-999/neighbors", 404),
        ("/api/nothing", 404),
    ],
)
def test_refusals_are_one_sentence(client, path, status):
    told = answer(client, path, status)
    assert set(told) == {"code", "description", "error"}
    assert told["description"] == told["error"]
    assert "Traceback" not in told["error"]
    assert told["error"].endswith(".")
