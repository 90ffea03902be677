/**
 * Starts the planner's page.
 */
import { connect } from "#map/api";
import { embedded } from "#map/dom";
import { speak } from "#map/i18n";
import { mapSheet } from "#planner/map_sheet";
import { PlannerPage } from "#planner/page";

const config = embedded("map-config");
speak(config.language, embedded("messages") ?? {});
connect(config.service);
mapSheet(document.getElementById("map-toggle"), document.getElementById("planner"));
new PlannerPage(config).start();
