"""The planner with all the time it takes, so that what it can prove is proved on a busy machine, too."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.tours.tour_problems import LONG_S


@pytest.fixture(scope="module", autouse=True)
def unhurried_planner() -> Iterator[None]:
    """Raise the service's limits in this process; a server that runs beside it keeps its own."""
    from app.api.tours import planning as answering
    from app.services.tours.planning import plans, reasons

    with pytest.MonkeyPatch.context() as patch:
        for name in ("FIRST_LIMIT_S", "PLAN_LIMIT_S", "EXPLAIN_LIMIT_S"):
            patch.setattr(answering, name, LONG_S)
        patch.setattr(reasons, "PLAN_LIMIT_S", LONG_S)
        patch.setitem(plans.solve_task.__kwdefaults__, "limit_s", LONG_S)
        yield
