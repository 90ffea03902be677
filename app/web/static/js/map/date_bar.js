/**
 * The day shown (Stand): typed, picked, today, or stepped through the days on which something changed, by hand or by
 * themselves.
 */
import { button, h } from "#page/dom";
import { DayField } from "#page/day_field";
import { nextStep, previousStep, stepAt, steps, yearMarks } from "#page/days";
import { icon } from "#page/icons";
import { day, t } from "#page/i18n";
import { Player } from "#map/player";

// What a year's four digits take, with a gap; how long the line is before it is drawn.
const YEAR_PX = 38;
const LINE_PX = 240;

/** The control for the day. */
export class DateBar {
  /**
   * @param {HTMLElement} place the element to fill
   * @param {{on: string, today: string, isFixed: boolean, isQuick: () => boolean,
   *   choose: (on: string, isStep: boolean) => void}} options
   *   `isFixed`: the data holds for one day only, so the day is shown and not offered; `isQuick`: the map follows the
   *   slider while it is drawn; `choose` gets whether going back in the browser shall undo it
   */
  constructor(place, { on, today, isFixed, isQuick, choose }) {
    this.place = place;
    this.on = on;
    this.today = today;
    this.isQuick = isQuick;
    this.isSliding = false;
    this.choose = (chosen, isStep = true) => {
      this.player.stop();
      choose(chosen, isStep);
    };
    this.player = new Player(
      () => this.playOn(choose),
      (isPlaying) => this.showPlaying(isPlaying),
    );
    this.days = [today];
    place.replaceChildren(...(isFixed ? this.fixed() : this.parts()));
    this.isFixed = isFixed;
    this.show(on);
  }

  fixed() {
    this.shown = h("strong");
    return [h("span.date-word", t("As of")), this.shown];
  }

  parts() {
    this.wrong = h("span.date-wrong", { id: "on-wrong", role: "alert" });
    this.day = new DayField({
      take: (on) => this.choose(on),
      refuse: (sentence) => void (this.wrong.textContent = sentence),
      box: { class: "date-box" },
      props: { id: "on", class: "date-field", "aria-describedby": "on-wrong" },
    });
    this.before = this.button("previous", t("To the previous change"), () =>
      previousStep(this.days, this.on),
    );
    this.after = this.button("next", t("To the next change"), () => nextStep(this.days, this.on));
    this.now = button(t("today"), () => this.choose(this.today), { class: "date-today" });
    this.slider = h("input.date-slider", {
      type: "range",
      min: 0,
      max: 0,
      step: 1,
      "aria-label": t("Days on which something changed"),
      on: { input: () => this.slid(), change: () => this.released() },
    });
    this.play = button("", () => this.player.toggle(), { class: "date-step date-play" });
    this.showPlaying(false);
    this.news = h("p.date-news");
    this.ends = h("span.date-ends", { "aria-hidden": "true" });
    return [
      h(
        "div.date-row",
        h("label.date-word", { for: "on" }, t("As of")),
        this.before,
        this.day.box,
        this.after,
        this.now,
      ),
      h("div.date-line", this.play, h("div.date-track", this.slider, this.ends)),
      this.news,
      this.wrong,
    ];
  }

  button(name, label, target) {
    const choose = () => target() && this.choose(target());
    return button(icon(name), choose, { class: "date-step", name: label });
  }

  /** Offer the days on which something changed. */
  offer(changes) {
    if (this.isFixed) return;
    this.days = steps(changes, this.today);
    this.slider.max = String(this.days.length - 1);
    const ticks = this.days.map((one, index) =>
      h("i", {
        class: one === this.today ? "is-today" : null,
        style: { "--at": String(index / Math.max(1, this.days.length - 1)) },
      }),
    );
    const least = YEAR_PX / (this.ends.clientWidth || LINE_PX);
    const years = yearMarks(this.days, least).map(({ year, at }) =>
      h("span.date-year", { style: { "--at": String(at) } }, year),
    );
    this.ends.replaceChildren(...ticks, ...years);
    this.show(this.on);
  }

  /** Show the day. */
  show(on) {
    this.on = on;
    if (this.isFixed) {
      this.shown.textContent = day(on);
      return;
    }
    this.day.show(on);
    this.slider.value = String(stepAt(this.days, on));
    this.slider.setAttribute("aria-valuetext", day(on));
    this.before.disabled = previousStep(this.days, on) === null;
    this.after.disabled = nextStep(this.days, on) === null;
    this.now.hidden = on === this.today;
  }

  /** Say what changed on the way to the day shown, now that it is; a step that is played goes on from here. */
  showNews(news) {
    if (this.isFixed) return;
    this.news.textContent = news;
    this.player.shown();
  }

  /** Play no further. */
  stop() {
    this.player.stop();
  }

  slid() {
    const on = this.days[this.slider.valueAsNumber];
    this.player.stop();
    if (!this.isQuick()) return this.day.show(on);
    // One pull is one step back in the browser.
    const isFirst = !this.isSliding;
    this.isSliding = true;
    if (on !== this.on) this.choose(on, isFirst);
  }

  released() {
    const on = this.days[this.slider.valueAsNumber];
    this.isSliding = false;
    if (on !== this.on) this.choose(on);
  }

  /** Show the next step, after the last one the first; false where the line ends. */
  playOn(choose) {
    const isBeginning = !this.wasPlaying;
    this.wasPlaying = true;
    const next = nextStep(this.days, this.on) ?? (isBeginning && this.days.length > 1 ? this.days[0] : null);
    if (next) choose(next, isBeginning);
    return next !== null;
  }

  showPlaying(isPlaying) {
    const name = isPlaying ? t("Pause") : t("Play");
    if (!isPlaying) this.wasPlaying = false;
    this.play.replaceChildren(icon(isPlaying ? "pause" : "play"));
    this.play.title = name;
    this.play.setAttribute("aria-label", name);
  }
}
