/** What Leaflet's own parts are called for those who come by keyboard or listen. */
import { t } from "#page/i18n";

/** Name the map and its button for layers in the language of the page; Leaflet names none and speaks English. */
export function nameMap(map) {
  const frame = map.getContainer();
  frame.setAttribute("role", "group");
  frame.setAttribute("aria-label", t("Map: the arrow keys move it, plus and minus zoom"));
  const layers = frame.querySelector(".leaflet-control-layers-toggle");
  if (layers) layers.title = t("Layers of the map");
}
