/** What is seldom said of a stop: whether it may be left out, its place in the order, a note. */
import { button, h } from "#page/dom";
import { t } from "#page/i18n";
import { labeled, numberField, show, tick } from "#planner/stops/fields";

const LONGEST_TEXT = 200;

/** The fields behind a stop's row. */
export class StopMore {
  /**
   * @param {string} id
   * @param {{change: (id: string, change: object, mark: string) => void, end: (end: string, id: string|null) => void,
   *   reveal: (id: string) => void, meetAt: (id: string) => void}} actions
   * @param {{isPoint: boolean}} kind
   */
  constructor(id, actions, { isPoint }) {
    this.id = id;
    this.actions = actions;
    const change = (value, mark) => actions.change(id, value, mark);
    this.optional = tick(t("may be left out"), (isOptional) => change({ is_optional: isOptional }));
    this.value = numberField(t("Value"), (value) => change({ value }, "value"), { min: 1, max: 100 });
    this.valueLabel = labeled(t("Value"), this.value, { class: "field is-inline" });
    const when = t(
      "Visited whenever the time allows; if it is too short for all, the value decides. Only then is the tour made as short as possible.",
    );
    this.whenVisited = h("p.quiet.when-visited", { id: `when-visited-${id}` }, when);
    this.optional.box.setAttribute("aria-describedby", this.whenVisited.id);
    this.first = tick(t("first stop"), (isFirst) => actions.end("first", isFirst ? id : null));
    this.last = tick(t("last stop"), (isLast) => actions.end("last", isLast ? id : null));
    this.place = tick(t("keep this place in the order"), (isKept) =>
      change({ position: isKept ? this.position : null }),
    );
    this.note = this.text("note", t("Note, public"), t("What there is to see here"));
    this.name = isPoint ? this.text("name", t("Name"), "") : null;
    this.element = h(
      "div.more",
      h(
        "div.more-ticks",
        this.optional.label,
        this.valueLabel,
        this.first.label,
        this.last.label,
        this.place.label,
      ),
      this.whenVisited,
      this.name && labeled(t("Name"), this.name),
      labeled(t("Note, public"), this.note, {
        after: h(
          "span.field-public",
          t(
            "Everybody can read this: page, sheet, calendar, downloads. Please do not enter names of persons.",
          ),
        ),
      }),
      this.buttons(),
    );
  }

  text(member, name, placeholder) {
    const tell = () => this.change(member, field);
    const field = h("input.input", {
      type: "text",
      maxlength: LONGEST_TEXT,
      placeholder,
      "aria-label": name,
      on: { input: tell },
    });
    return field;
  }

  change(member, field) {
    const text = field.value.trim();
    if (member === "name" && !text) return;
    this.actions.change(this.id, { [member]: text || null }, member);
  }

  buttons() {
    const reveal = button(t("Show on the map"), () => this.actions.reveal(this.id));
    const meet = button(t("Meet here, without a visit"), () => this.actions.meetAt(this.id));
    return h("div.more-buttons", reveal, meet);
  }

  /** Show what is wished of the stop; `position` is its place in the plan, from 0, null when it has none. */
  update(stop, request, position) {
    this.position = stop.position ?? position;
    show(this.optional.box, stop.is_optional);
    show(this.value, stop.value);
    this.valueLabel.hidden = !stop.is_optional;
    this.whenVisited.hidden = !stop.is_optional;
    show(this.first.box, request.first === stop.id);
    show(this.last.box, request.last === stop.id);
    this.last.box.disabled = request.is_round;
    show(this.place.box, stop.position !== null);
    this.place.box.disabled = this.position === null;
    show(this.note, stop.note);
    if (this.name) show(this.name, stop.name);
  }
}
