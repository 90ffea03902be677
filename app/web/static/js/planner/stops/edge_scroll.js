/** Scrolling while something is dragged near the edge of what it lies in. */

// So near the edge it scrolls, so fast at the edge itself and beyond.
const EDGE_PX = 56;
const FASTEST_PX_S = 900;
// After a pause of the browser it goes on, but does not leap.
const LONGEST_STEP_MS = 50;

/**
 * Return how fast to scroll for a pointer at a height: negative upwards, nothing away from the edges.
 * @param {number} y
 * @param {{top: number, bottom: number}} frame in which the pointer moves
 * @returns {number} pixels in a second
 */
export function scrollSpeed(y, { top, bottom }) {
  const edge = Math.min(EDGE_PX, (bottom - top) / 3);
  const above = Math.max(top + edge - y, 0);
  const below = Math.max(y - (bottom - edge), 0);
  return (Math.min(below / edge, 1) - Math.min(above / edge, 1)) * FASTEST_PX_S;
}

/** Scrolls what an element lies in, from the first `at` until `stop`. */
export class EdgeScroll {
  /**
   * @param {HTMLElement} element that is dragged
   * @param {(y: number) => void} scrolled told the pointer's height whenever what is under it has moved
   */
  constructor(element, scrolled) {
    this.box = boxAround(element);
    this.scrolled = scrolled;
    this.y = null;
    this.frame = null;
  }

  /** The pointer is at a height of the window. */
  at(y) {
    this.y = y;
    this.frame ??= requestAnimationFrame((now) => this.step(now, now));
  }

  step(now, before) {
    const { top, bottom } = this.visible();
    const stepPx = (scrollSpeed(this.y, { top, bottom }) * Math.min(now - before, LONGEST_STEP_MS)) / 1000;
    const was = this.box.scrollTop;
    if (stepPx) this.box.scrollTop = was + (stepPx > 0 ? Math.ceil(stepPx) : Math.floor(stepPx));
    if (this.box.scrollTop !== was) this.scrolled(this.y);
    this.frame = requestAnimationFrame((next) => this.step(next, now));
  }

  /** The part of the box that is seen. */
  visible() {
    if (this.box === document.scrollingElement) return { top: 0, bottom: window.innerHeight };
    const { top, bottom } = this.box.getBoundingClientRect();
    return { top: Math.max(top, 0), bottom: Math.min(bottom, window.innerHeight) };
  }

  /** Scroll no more. */
  stop() {
    cancelAnimationFrame(this.frame);
    this.frame = null;
  }
}

function boxAround(element) {
  for (let box = element.parentElement; box; box = box.parentElement) {
    const scrolls = /auto|scroll/.test(getComputedStyle(box).overflowY);
    if (scrolls && box.scrollHeight > box.clientHeight) return box;
  }
  return document.scrollingElement;
}
