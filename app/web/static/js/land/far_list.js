/** The list of plots that come from the service page by page, as far as it was asked for. */

const PAUSE_MS = 200;

/** What is known of the plots wanted; `changed` is called when more is, `fail` when it cannot be had. */
export class FarList {
  /**
   * @param {() => void} changed
   * @param {(error: Error) => void} fail
   */
  constructor(changed, fail) {
    this.changed = changed;
    this.fail = fail;
    this.asked = null;
    /** @type {import("#land/far_plots").FarPlots|null} */
    this.far = null;
    this.empty(new Map());
  }

  empty(counts) {
    this.counts = counts;
    this.records = [];
    this.page = null;
    this.n = null;
    this.isWaiting = false;
  }

  /** How many plots the words and the park leave, of whatever state. */
  get total() {
    return [...this.counts.values()].reduce((sum, n) => sum + n, 0);
  }

  /** Whether there are plots wanted that are not listed yet. */
  get hasMore() {
    return this.n !== null && this.records.length < this.n;
  }

  /**
   * Ask for plots, a little later while somebody writes; what was asked for before is void then.
   * @param {import("#land/far_plots").FarPlots} far
   * @param {{q: string, park: string|null, only: string[]}} wanted
   * @param {boolean} isListed whether the plots themselves are wanted, or only their number
   */
  want(far, { q, park, only }, isListed) {
    const asked = JSON.stringify([far.on, q, park, isListed ? only : [], isListed]);
    if (asked === this.asked && far === this.far) return;
    const isNew = far !== this.far;
    this.asked = asked;
    this.far = far;
    this.empty(isNew ? new Map() : this.counts);
    this.isWaiting = isListed;
    clearTimeout(this.pause);
    this.pause = setTimeout(() => this.fetch({ q, park, only }, isListed), isNew ? 0 : PAUSE_MS);
  }

  async fetch(wanted, isListed) {
    await this.settle(async () => {
      const [counts, first] = await Promise.all([
        this.far.counts(wanted),
        isListed && this.far.first(wanted),
      ]);
      return () => void Object.assign(this, { counts, isWaiting: false }, first);
    });
  }

  /** Ask for the next page. */
  async more() {
    await this.settle(async () => {
      const next = await this.far.after(this.page);
      return () => next && void Object.assign(this, next, { records: [...this.records, ...next.records] });
    });
  }

  /** Take what comes, unless something else was asked for meanwhile. */
  async settle(get) {
    const { asked, far } = this;
    const isStill = () => asked === this.asked && far === this.far;
    try {
      const take = await get();
      if (!isStill()) return;
      take();
      this.changed();
    } catch (error) {
      if (!isStill()) return;
      this.asked = null;
      this.isWaiting = false;
      this.fail(error);
    }
  }
}
