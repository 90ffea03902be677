/** Going from step to step by itself: the next one comes a while after the last was shown. */
import { isCalm } from "#page/dom";

/** Long enough to read what changed; longer for who asked for little motion. */
const PAUSE_MS = 2500;
const CALM_PAUSE_MS = 5000;

/** Plays until it is stopped or no step is left. */
export class Player {
  /**
   * @param {() => boolean} next goes to the next step; false where there is none
   * @param {(isPlaying: boolean) => void} changed
   */
  constructor(next, changed) {
    this.next = next;
    this.changed = changed;
    this.isPlaying = false;
  }

  /** Begin at once, or stop. */
  toggle() {
    if (this.isPlaying) return this.stop();
    this.isPlaying = true;
    this.changed(true);
    this.step();
  }

  /** Go on after a pause, now that a step is shown. */
  shown() {
    clearTimeout(this.waiting);
    if (this.isPlaying) this.waiting = setTimeout(() => this.step(), isCalm() ? CALM_PAUSE_MS : PAUSE_MS);
  }

  step() {
    if (!this.next()) this.stop();
  }

  /** Stop; does nothing where nothing is played. */
  stop() {
    clearTimeout(this.waiting);
    if (!this.isPlaying) return;
    this.isPlaying = false;
    this.changed(false);
  }
}
