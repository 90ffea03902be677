/** The table of stops, in the order walked; works by keyboard alone. */
import { focused } from "#page/dom";
import { letRowsBeDragged } from "#planner/stops/drag";
import { StopRow } from "#planner/stops/stop_row";
import { moved } from "#planner/tour_request";

/** The table. */
export class StopTable {
  /**
   * @param {HTMLElement} body
   * @param {{change: (id: string, change: object, mark?: string) => void, order: (ids: string[], id: string) => void,
   *   remove: (id: string) => void, end: (end: string, id: string|null) => void, addNeighbors: (id: string) => void,
   *   reveal: (id: string) => void, meetAt: (id: string) => void, point: (id: string|null) => void}} actions
   */
  constructor(body, actions) {
    this.body = body;
    this.ids = [];
    this.rows = new Map();
    this.actions = { ...actions, move: (id, step) => this.move(id, step) };
    letRowsBeDragged(body, {
      rows: () => this.ids.map((id) => this.rows.get(id).row),
      drop: (row, to) => this.reorder(row.dataset.id, to),
    });
    body.addEventListener("pointerover", (event) => actions.point(idAt(event.target)));
    body.addEventListener("pointerleave", () => actions.point(null));
  }

  /**
   * Show the stops.
   * @param {any} request
   * @param {string[]} ids in the order shown
   * @param {{visits: Map<string, any>, leftOut: Set<string>, reasons: Map<string, string[]>}} plan
   */
  update(request, ids, { visits, leftOut, reasons }) {
    const stops = new Map(request.stops.map((stop) => [stop.id, stop]));
    for (const [id, row] of this.rows) if (!stops.has(id)) this.take(id, row);
    for (const id of ids) if (!this.rows.has(id)) this.rows.set(id, new StopRow(stops.get(id), this.actions));
    ids.forEach((id, i) =>
      this.rows
        .get(id)
        .update(stops.get(id), {
          request,
          visit: visits.get(id) ?? null,
          isLeftOut: leftOut.has(id),
          reasons: reasons.get(id) ?? [],
          isFirst: i === 0,
          isLast: i === ids.length - 1,
        }),
    );
    if (String(ids) !== String(this.ids)) this.arrange(ids);
  }

  take(id, row) {
    row.elements.forEach((element) => element.remove());
    this.rows.delete(id);
  }

  /** Put the rows in order; who moves keeps the focus. */
  arrange(ids) {
    const before = this.body.contains(document.activeElement) ? focused() : null;
    this.ids = ids;
    this.body.append(...ids.flatMap((id) => this.rows.get(id).elements));
    if (before && before !== document.activeElement) before.focus({ preventScroll: true });
  }

  move(id, step) {
    const pressed = focused();
    this.reorder(id, this.ids.indexOf(id) + step);
    // The button at the end of the way is off: its neighbor goes on.
    if (pressed?.matches(":disabled")) this.rows.get(id).handle.focus();
  }

  reorder(id, to) {
    const ids = moved(this.ids, id, to);
    if (String(ids) !== String(this.ids)) this.actions.order(ids, id);
  }

  /** Bring a stop's row into view and mark it. */
  reveal(id) {
    const row = this.rows.get(id)?.row;
    row?.scrollIntoView({ block: "nearest", behavior: "smooth" });
    this.point(id);
  }

  /** Mark the row of the stop that is pointed at elsewhere. */
  point(id) {
    for (const [one, { row }] of this.rows) row.classList.toggle("is-pointed", one === id);
  }

  /** Put the focus where the removed stop was. */
  focusAfter(place) {
    const id = this.ids[Math.min(place, this.ids.length - 1)];
    this.rows.get(id)?.gone.focus();
    return Boolean(id);
  }
}

function idAt(target) {
  return target.closest("tr[data-id]")?.dataset.id ?? null;
}
