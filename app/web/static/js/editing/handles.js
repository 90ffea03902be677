/** Handles: points of the map that are dragged, and moved and removed by keyboard. */
import { h } from "#page/dom";
import { shifted } from "#editing/line";

const L = globalThis.L;
/** Metres east and north of one press of a key; with Shift ten times as far. */
const STEPS = { ArrowUp: [0, 1], ArrowDown: [0, -1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
const FAR = 10;

/**
 * Put a handle on the map.
 * @param {any} map Leaflet map
 * @param {[number, number]} at longitude, latitude
 * @param {{name: string, look?: string, move: (at: [number, number], isOver: boolean, isByKey: boolean) => void,
 *   remove?: () => void, press?: () => void}} options `move` is also called while it is dragged, `isOver` at the end
 */
export function handle(map, at, { name, look = "", move, remove, press }) {
  const mark = h("button", {
    type: "button",
    class: `edit-handle ${look}`.trim(),
    "aria-label": name,
    title: name,
  });
  const icon = L.divIcon({ html: mark, className: "edit-handle-place", iconSize: [24, 24] });
  // Its button is what takes the focus, not the box around it.
  const marker = L.marker([at[1], at[0]], { icon, draggable: true, keyboard: false, zIndexOffset: 1000 });
  const where = () => {
    const { lng, lat } = marker.getLatLng();
    return /** @type {[number, number]} */ ([lng, lat]);
  };
  marker.on("drag", () => move(where(), false, false));
  marker.on("dragend", () => move(where(), true, false));
  mark.addEventListener("click", (event) => {
    // The map would take it for a click of its own, for the handle may be gone by then.
    event.stopPropagation();
    press?.();
  });
  mark.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (!step && !(remove && ["Delete", "Backspace"].includes(event.key))) return;
    // The map would move, too.
    event.preventDefault();
    event.stopPropagation();
    if (!step) return remove();
    const far = event.shiftKey ? FAR : 1;
    const to = shifted(where(), step[0] * far, step[1] * far);
    marker.setLatLng([to[1], to[0]]);
    move(to, true, true);
  });
  return marker.addTo(map);
}
