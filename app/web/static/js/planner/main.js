/** Starts the planner's page. */
import { startPage } from "#page/api";
import { byId } from "#page/dom";
import { mapSheet } from "#planner/plan/map_sheet";
import { PlannerPage } from "#planner/page";

const config = startPage();
mapSheet(byId("map-toggle", HTMLButtonElement), byId("planner"));
new PlannerPage(config).start();
