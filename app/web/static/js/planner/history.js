/** Going back and forth between values; typing in one place counts as one step. */

const MOST_STEPS = 200;
const ONE_STEP_MS = 1200;

/** What was, is, and was undone. */
export class History {
  /**
   * @param {any} start
   * @param {() => number} [clock] milliseconds
   */
  constructor(start, clock = () => Date.now()) {
    this.now = start;
    this.past = [];
    this.future = [];
    this.clock = clock;
    this.mark = null;
    this.at = 0;
  }

  /**
   * Go on to another value.
   * @param {any} value the same as now changes nothing
   * @param {string|null} [mark] what is being changed; quick changes with the same mark are one step
   * @returns {boolean} whether anything changed
   */
  go(value, mark = null) {
    if (value === this.now) return false;
    const isSameStep = mark !== null && mark === this.mark && this.clock() - this.at < ONE_STEP_MS;
    if (!isSameStep) this.past = [...this.past, this.now].slice(-MOST_STEPS);
    Object.assign(this, { now: value, future: [], mark, at: this.clock() });
    return true;
  }

  /** Take the last step back; false when there is none. */
  undo() {
    return this.step("past", "future");
  }

  /** Take back the last `undo`; false when there is none. */
  redo() {
    return this.step("future", "past");
  }

  step(from, to) {
    if (!this[from].length) return false;
    this[to] = [...this[to], this.now];
    this.now = this[from].at(-1);
    this[from] = this[from].slice(0, -1);
    this.mark = null;
    return true;
  }
}
