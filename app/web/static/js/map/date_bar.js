/** The day shown (Stand): typed, picked, today, or stepped through the days on which something changed. */
import { button, h } from "#page/dom";
import { DayField } from "#page/day_field";
import { nextStep, previousStep, stepAt, steps, yearMarks } from "#page/days";
import { icon } from "#page/icons";
import { day, t } from "#page/i18n";

// The share of the line that a year's four digits take, with a gap.
const YEAR_SHARE = 0.135;

/** The control for the day. */
export class DateBar {
  /**
   * @param {HTMLElement} place the element to fill
   * @param {{on: string, today: string, isFixed: boolean, choose: (on: string) => void}} options
   *   `isFixed`: the data holds for one day only, so the day is shown and not offered
   */
  constructor(place, { on, today, isFixed, choose }) {
    this.place = place;
    this.on = on;
    this.today = today;
    this.choose = choose;
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
      on: { input: () => this.slid(), change: () => this.choose(this.days[this.slider.valueAsNumber]) },
    });
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
      h("div.date-track", this.slider, this.ends),
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
    const years = yearMarks(this.days, YEAR_SHARE).map(({ year, at }) =>
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

  slid() {
    this.day.show(this.days[this.slider.valueAsNumber]);
  }
}
