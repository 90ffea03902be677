"""What is logged: one line an event, whatever was sent."""

from __future__ import annotations

import io
import logging
import re
import sys
from collections.abc import Callable
from logging.config import dictConfig

import pytest
from flask.testing import FlaskClient

from app.machine.logs import LineFormatter, escaped, log_settings

FORGED = "/x\n2026-01-01 00:00:00,000 ERROR app [1] forged\r\x1b[2J\x85\u2028\u202e"
BEGINS = re.compile(r"[\d-]+ [\d:,]+ [A-Z]+ [\w.]+ \[\d+\] ")

Written = Callable[[], list[str]]


@pytest.fixture
def logger() -> logging.Logger:
    return logging.getLogger("tests.logs")


@pytest.fixture
def written(logger: logging.Logger, monkeypatch: pytest.MonkeyPatch) -> Written:
    """A function that returns the lines written since."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LineFormatter())
    monkeypatch.setattr(logger, "handlers", [handler])
    return lambda: re.split(r"[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", stream.getvalue().rstrip("\n"))


def test_an_event_is_one_line(logger: logging.Logger, written: Written) -> None:
    logger.error("at %s", FORGED)
    logger.error("at " + FORGED)
    for line in written():
        assert BEGINS.match(line)
        assert line.endswith(r"app [1] forged\r\x1b[2J\x85\u2028\u202e")
    assert len(written()) == 2


def test_a_trace_is_set_in_and_its_words_begin_no_line(logger: logging.Logger, written: Written) -> None:
    try:
        raise ValueError(FORGED)
    except ValueError:
        logger.exception("broken")
    first, *trace = written()
    assert BEGINS.match(first)
    assert len(trace) > 3
    assert all(line.startswith("  ") for line in trace)


def test_what_can_be_read_stays(logger: logging.Logger, written: Written) -> None:
    logger.error("Straße “Köln” → 5\u00a0m²\t日本")
    assert written()[0].endswith("Straße “Köln” → 5\u00a0m²\t日本")
    assert escaped("") == ""


def test_every_logger_of_a_process_writes_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also gunicorn's, which bring handlers of their own, and those of libraries."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    root = logging.getLogger()
    kept = root.handlers[:], root.level
    own = logging.getLogger("gunicorn.error")
    own.addHandler(logging.StreamHandler(stream))
    try:
        dictConfig(log_settings())
        for name in ("gunicorn.error", "waitress", "app", "sqlalchemy.pool"):
            logging.getLogger(name).error("at %s", FORGED)
    finally:
        root.handlers[:], _ = kept
        root.setLevel(kept[1])
    lines = stream.getvalue().splitlines()
    assert len(lines) == 4
    assert all(BEGINS.match(line) for line in lines)


def test_an_unforeseen_error_names_its_path_in_one_line(
    client: FlaskClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise RuntimeError(FORGED)

    monkeypatch.setattr("app.request._reading_engine", fail)
    monkeypatch.setitem(client.application.config, "PROPAGATE_EXCEPTIONS", False)
    response = client.get("/api/collections/plots/items/%0a2026-01-01%2000:00:00,000%20ERROR%20app%20[1]%20x")
    assert response.status_code == 500
    assert "forged" not in response.text
    [record] = [record for record in caplog.records if record.levelno >= logging.ERROR]
    # What the tests' own handler has made of it.
    record.exc_text = None
    first, *trace = LineFormatter().format(record).splitlines()
    assert BEGINS.match(first)
    assert all(line.startswith("  ") for line in trace)
