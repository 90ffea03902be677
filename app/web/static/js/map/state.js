/** What the page shows, as one value: read from the address, changed in one place, written back. */
import { formatAddress, formatSelection, parseAddress } from "#map/address";

/**
 * @typedef {{on: string, sel: {kind: string, key: string}|null, tab: string, q: string, park: string|null, only: string[],
 *   by: "marketing"|null, layers: string[]|null}} State
 */

/** Keeps the state and tells one listener of every change. */
export class Store {
  /**
   * @param {{on: string, today: string, isFixed: boolean, known?: string|null}} start
   *   `isFixed`: there are no data of other days; `known`: the instant whose knowledge is shown
   * @param {(state: State, before: State) => void} listen
   */
  constructor(start, listen) {
    this.start = start;
    this.listen = listen;
    this.view = null;
    const { state, view, lang } = this.read(start.on);
    this.state = state;
    this.view = view;
    this.lang = lang;
    window.addEventListener("popstate", () => this.restore());
  }

  read(on) {
    const { view, lang, ...address } = parseAddress(location.search, location.hash);
    return {
      view,
      lang,
      state: {
        ...address,
        on: this.start.isFixed ? this.start.on : (address.on ?? on),
        tab: address.tab ?? tabOf(address.sel),
      },
    };
  }

  /**
   * Change the state.
   * @param {Partial<State>} change
   * @param {{isStep?: boolean}} [options] `isStep`: going back in the browser undoes it
   */
  go(change, { isStep = false } = {}) {
    const before = this.state;
    this.state = { ...before, ...change };
    this.write(isStep);
    this.listen(this.state, before);
  }

  /** Remember where the map is. */
  look(view) {
    this.view = view;
    this.write(false);
  }

  write(isStep) {
    const { on, tab, sel, ...rest } = this.state;
    const address = {
      ...rest,
      sel,
      on: this.start.isFixed || on === this.start.today ? null : on,
      tab: tab === tabOf(sel) ? null : tab,
      view: this.view,
      lang: this.lang,
      known: this.start.known,
    };
    const text = formatAddress(address) || location.pathname;
    try {
      if (isStep) history.pushState(null, "", text);
      else history.replaceState(null, "", text);
    } catch {
      // Browsers may refuse to rewrite the address of a file opened from a disk; the map works without.
    }
  }

  restore() {
    const before = this.state;
    Object.assign(this, this.read(this.start.today));
    this.listen(this.state, before);
  }
}

/** Return the tab a selection belongs to; the companies' without one. */
export function tabOf(sel) {
  return { plot: "plots", facility: "facilities", tour: "tours" }[sel?.kind] ?? "companies";
}

/** Say whether two selections are the same. */
export function isSame(a, b) {
  return (a && formatSelection(a)) === (b && formatSelection(b));
}
