/**
 * A field for a day, written as the page speaks (`24.04.2024`, `24 Apr 2024`) whatever the browser speaks: typed, or
 * picked from the browser's calendar.
 */
import { button, h } from "#page/dom";
import { parseDay } from "#page/days";
import { day, spoken, t } from "#page/i18n";
import { icon } from "#page/icons";

/** The field with its calendar; `box` is the element to be placed. */
export class DayField {
  /**
   * @param {{take: (on: string|null) => void, isNeeded?: boolean, refuse?: (sentence: string) => void,
   *   picker?: HTMLInputElement, box?: Record<string, any>, props?: Record<string, any>}} options
   *   `take` gets the ISO day, or null for an emptied field; `refuse` shows what is wrong with what was typed, an
   *   empty sentence takes that away; `picker` is the browser's own field, if the page has it already
   */
  constructor({ take, isNeeded = true, refuse = null, picker = null, box = {}, props = {} }) {
    this.take = take;
    this.isNeeded = isNeeded;
    this.on = null;
    this.refuse = refuse ?? ((sentence) => this.field.setCustomValidity(sentence));
    this.picker = picker ?? h("input", { type: "date" });
    this.hidePicker();
    this.field = h("input", {
      type: "text",
      autocomplete: "off",
      spellcheck: "false",
      // The names of English months need letters.
      inputmode: spoken() === "de" ? "decimal" : "text",
      required: isNeeded,
      ...props,
      class: `day-text ${props.class ?? ""}`.trim(),
      on: { change: () => this.typed(), focus: () => this.field.select() },
    });
    this.box = h(
      "span",
      { ...box, class: `day-box ${box.class ?? ""}`.trim() },
      this.field,
      this.calendar(),
      this.picker,
    );
  }

  /** The browser's field keeps the day and opens the calendar; nobody meets it otherwise. */
  hidePicker() {
    this.picker.className = "day-picker";
    this.picker.tabIndex = -1;
    this.picker.setAttribute("aria-hidden", "true");
    this.picker.addEventListener("change", () => this.picked());
  }

  calendar() {
    const words = t("Open the calendar");
    return button(icon("calendar"), () => this.open(), { class: "day-calendar", name: words });
  }

  /** Show a day, null for none. */
  show(on) {
    this.on = on;
    this.field.value = on ? day(on) : "";
    this.picker.value = on ?? "";
    this.say("");
  }

  typed() {
    const text = this.field.value.trim();
    const on = parseDay(text);
    if (on || (!text && !this.isNeeded)) this.choose(on);
    else this.say(t("Please write the day as {day}.", { day: day("2024-04-24") }));
  }

  picked() {
    // Browsers let people empty their own field, too.
    if (this.picker.value || !this.isNeeded) this.choose(this.picker.value || null);
    else this.picker.value = this.on ?? "";
  }

  choose(on) {
    this.show(on);
    this.take(on);
  }

  say(sentence) {
    this.field.setAttribute("aria-invalid", String(Boolean(sentence)));
    this.refuse(sentence);
  }

  open() {
    this.picker.showPicker();
  }
}
