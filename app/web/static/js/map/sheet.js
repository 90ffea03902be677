/** The panel as a sheet on a phone: three heights, by dragging, by button, by arrow keys. */
import { isNarrow } from "#page/dom";

const HEIGHTS = ["peek", "half", "full"];

/**
 * Return the height nearest to where a drag ended; a quick flick goes one further in its direction.
 * @param {number} top pixels from the top of the window
 * @param {number} speed pixels per millisecond, down positive
 * @param {Record<string, number>} tops where the sheet's top is at each height
 * @returns {string}
 */
export function settle(top, speed, tops) {
  const nearest = HEIGHTS.reduce((best, name) =>
    Math.abs(tops[name] - top) < Math.abs(tops[best] - top) ? name : best,
  );
  if (Math.abs(speed) < 0.5) return nearest;
  const further =
    speed > 0 ? HEIGHTS.findLast((name) => tops[name] > top) : HEIGHTS.find((name) => tops[name] < top);
  return further ?? nearest;
}

/** Lets a panel be pulled up and down by its grip. */
export class Sheet {
  /**
   * @param {HTMLElement} panel
   * @param {HTMLButtonElement} grip
   */
  constructor(panel, grip) {
    this.panel = panel;
    this.grip = grip;
    this.set("half");
    grip.addEventListener(
      "click",
      () =>
        this.wasDragged ||
        this.set(this.height === "full" ? "peek" : HEIGHTS[HEIGHTS.indexOf(this.height) + 1]),
    );
    grip.addEventListener("keydown", (event) => this.byKey(event));
    grip.addEventListener("pointerdown", (event) => this.start(event));
    grip.addEventListener("pointermove", (event) => this.drag(event));
    for (const end of ["pointerup", "pointercancel"]) grip.addEventListener(end, () => this.end());
  }

  /** Take a height. */
  set(height) {
    this.height = height;
    this.panel.dataset.height = height;
    this.panel.parentElement.dataset.sheet = height;
    this.grip.setAttribute("aria-expanded", String(height !== "peek"));
  }

  /** Rise to at least half, so that what is in it can be read. */
  show() {
    if (isNarrow() && this.height !== "half") this.set("half");
  }

  byKey(event) {
    const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!step) return;
    this.set(HEIGHTS[Math.min(2, Math.max(0, HEIGHTS.indexOf(this.height) + step))]);
    event.preventDefault();
  }

  start(event) {
    this.wasDragged = false;
    this.from = { y: event.clientY, top: this.panel.getBoundingClientRect().top };
    this.last = { y: event.clientY, at: event.timeStamp, speed: 0 };
    this.grip.setPointerCapture(event.pointerId);
  }

  drag(event) {
    if (!this.from) return;
    const moved = event.clientY - this.from.y;
    if (Math.abs(moved) < 5 && !this.wasDragged) return;
    this.wasDragged = true;
    const speed = (event.clientY - this.last.y) / Math.max(1, event.timeStamp - this.last.at);
    this.last = { y: event.clientY, at: event.timeStamp, speed };
    this.panel.classList.add("is-dragged");
    this.panel.style.setProperty("--sheet-top", `${Math.max(60, this.from.top + moved)}px`);
  }

  end() {
    if (this.wasDragged)
      this.set(settle(this.panel.getBoundingClientRect().top, this.last.speed, this.tops()));
    this.from = null;
    this.panel.classList.remove("is-dragged");
    this.panel.style.removeProperty("--sheet-top");
  }

  /** Return how many pixels of the window the sheet covers at its height. */
  covered() {
    return window.innerHeight - this.tops()[this.height];
  }

  tops() {
    const whole = window.innerHeight;
    const peek = parseFloat(getComputedStyle(this.panel).getPropertyValue("--peek")) || 118;
    return { peek: whole - peek, half: whole * 0.52, full: whole * 0.1 };
  }
}
