/** Moving a map where another move may be under way. */

/** Lets moves of one map follow one another. */
export class Moves {
  /** @param {any} map Leaflet's */
  constructor(map) {
    this.isZooming = false;
    this.next = null;
    map.on("zoomanim", () => (this.isZooming = true));
    map.on("zoomend", () => this.ended());
  }

  /** Move now, or after the zoom that is under way: Leaflet drops what comes in between. The newest move counts. */
  go(move) {
    if (this.isZooming) this.next = move;
    else move();
  }

  ended() {
    const { next } = this;
    Object.assign(this, { isZooming: false, next: null });
    next?.();
  }
}
