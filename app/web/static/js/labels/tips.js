/** Tips that follow the pointer over shapes of the map. */

/**
 * Give a shape, or a group of shapes, a tip.
 *
 * Leaflet listens for the focus of what has a tip, and browsers then take every such shape for a stop of the Tab
 * key, the unseen ones too. The lists lead to the same places, so the shapes stay out of its way.
 * @param {any} layer Leaflet's
 * @param {() => HTMLElement} make
 */
export function bindTip(layer, make) {
  layer.bindTooltip(make, { sticky: true, className: "tip", opacity: 1 });
  for (const shape of layer.getLayers?.() ?? [layer]) {
    shape.on("add", () => shape.getElement().setAttribute("tabindex", "-1"));
  }
}
