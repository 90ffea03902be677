/** Starts the planner's page. */
import { connect } from "#page/api";
import { embedded } from "#page/dom";
import { speak } from "#page/i18n";
import { mapSheet } from "#planner/plan/map_sheet";
import { PlannerPage } from "#planner/page";

const config = embedded("map-config");
speak(config.language, embedded("messages") ?? {});
connect(config.service);
mapSheet(document.getElementById("map-toggle"), document.getElementById("planner"));
new PlannerPage(config).start();
