/** Decisions of persons on a plot's neighbors: seen on its card, made after a look at what follows, withdrawn. */
import { fetchFrom, json } from "#page/api";
import { DayField } from "#page/day_field";
import { dayBefore } from "#page/days";
import { all, button, first, h } from "#page/dom";
import { day, t } from "#page/i18n";
import { byRelation } from "#neighbors/neighbor_list";

const RELATIONS = ["edge", "corner", "across", "overlap"];

/** What staff may decide on the card of one plot. */
export class Decisions {
  /**
   * @param {{key: string}} plot
   * @param {any} context of the card; `editing` has the addresses and the token of the session
   * @param {(change: {undo: string, sentence: string}) => void} saved what is to be done after a save
   */
  constructor(plot, context, saved) {
    this.plot = plot;
    this.context = context;
    this.saved = saved;
  }

  /** Put all of it beside the neighbors that are listed in a place. */
  async offer(place, neighbors) {
    const { decisions } = await this.send("GET", `/plots/${encodeURIComponent(this.plot.key)}/decisions`);
    const holds = ({ valid_from: from, valid_to: to }) =>
      (!from || from <= this.context.on) && (!to || this.context.on < to);
    const rows = all(place, ".neighbor-group li");
    const shown = byRelation(neighbors).flatMap(([, members]) => members);
    const told = new Set();
    shown.forEach(({ plots: [other] }, i) => {
      const decision = decisions.find((one) => one.other === other && holds(one));
      if (decision) told.add(decision);
      rows[i].append(decision ? this.line(decision) : this.doubt(other));
    });
    const rest = decisions.filter((one) => !told.has(one));
    if (rest.length)
      place.append(h("ul.plain-list.decisions", ...rest.map((one) => h("li", this.rest(one)))));
    place.append(this.missing());
  }

  /** Say what was done last, with its undo. */
  static news({ undo: address, sentence }, context, again) {
    const undo = button(t("Undo"), async () => {
      await fetchFrom(address, { method: "POST", headers: { "X-CSRFToken": context.editing.token } });
      again();
    });
    return h("p.decision-news", { role: "status" }, sentence, " ", undo);
  }

  line(decision) {
    const { decided_by: by, decided_on: on } = decision;
    return h("p.decision", t("Decided by {by}, {day}.", { by, day: day(on) }), this.withdrawing(decision));
  }

  /** A decision that no row shows: that two plots are no neighbors, or one of other days. */
  rest(decision) {
    const { other, relation, reason, valid_from: from, valid_to: to } = decision;
    const what = relation === "none" ? t("no neighbors") : t(this.context.styles.relations[relation].label);
    const days =
      from || to
        ? ` (${[from && day(from), to && day(dayBefore(to))].map((one) => one || "…").join(" – ")})`
        : "";
    return h("div", h("strong", other), ` ${what}${days}: ${reason}`, this.line(decision));
  }

  withdrawing({ number, other }) {
    const act = async () => {
      const { undo } = await this.send("DELETE", `/decisions/${number}`);
      this.saved({ undo, sentence: t("The decision on {plot} is withdrawn.", { plot: other }) });
    };
    return this.acting(t("Withdraw"), act, { name: t("Withdraw the decision on {plot}", { plot: other }) });
  }

  doubt(other) {
    const open = (event) => event.currentTarget.replaceWith(this.form(other));
    return button(t("Not right …"), open, {
      class: "inline-link decision-open",
      "aria-label": t("Not right: {plot}", { plot: other }),
    });
  }

  missing() {
    const open = (event) => event.currentTarget.replaceWith(this.form(null));
    return button(t("A neighbor is missing …"), open);
  }

  /** Make the form for another plot; null where it is to be chosen, too. */
  form(other) {
    const state = { other: other ?? "", relation: other ? "none" : "edge", reason: "", from: "" };
    const steps = h("div.decision-steps", { "aria-live": "polite" });
    const from = new DayField({ take: (on) => (state.from = on ?? ""), isNeeded: false });
    const form = h(
      "form.decision-form",
      { "aria-label": other ? t("Decision on {plot}", { plot: other }) : t("A neighbor is missing") },
      !other && this.labelled(t("Plot"), this.plotField(state)),
      this.labelled(t("Relation"), this.relationField(state)),
      this.labelled(t("Why?"), this.textField(state, "reason")),
      this.labelled(t("From which day on? (empty: always)"), from.box),
      steps,
    );
    const begin = () =>
      steps.replaceChildren(
        h("button.btn.btn-quiet.btn-sm", { type: "submit" }, t("What follows?")),
        this.cancel(form, other),
      );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.preview(form, steps, state, other);
    });
    // What was typed since is not what was looked at.
    form.addEventListener("input", () => first(steps, ".btn-primary") && begin());
    begin();
    requestAnimationFrame(() => first(form, "input, select")?.focus());
    return form;
  }

  cancel(form, other) {
    return button(t("Cancel"), () => form.replaceWith(other ? this.doubt(other) : this.missing()));
  }

  labelled(words, field) {
    return h("label.decision-field", h("span", words), field);
  }

  textField(state, name) {
    const field = h("input.form-control", {
      name,
      required: true,
      maxlength: 500,
      autocomplete: "off",
      on: { input: () => (state[name] = field.value) },
    });
    return field;
  }

  plotField(state) {
    const field = this.textField(state, "other");
    const options = this.context.model.plots
      .filter(({ key }) => key !== this.plot.key)
      .map((plot) => h("option", { value: plot.key }, [plot.name, plot.street].filter(Boolean).join(", ")));
    field.setAttribute("list", "decision-plots");
    return h("span", field, h("datalist", { id: "decision-plots" }, ...options));
  }

  relationField(state) {
    const words = (one) => t(this.context.styles.relations[one].label);
    const options = [["none", t("no neighbors")], ...RELATIONS.map((one) => [one, words(one)])];
    const field = h(
      "select.form-select",
      { name: "relation", on: { change: () => (state.relation = field.value) } },
      ...options.map(([value, name]) => h("option", { value }, name)),
    );
    field.value = state.relation;
    return field;
  }

  async preview(form, steps, state, other) {
    const address = `/plots/${encodeURIComponent(this.plot.key)}/decisions`;
    const save = async () => {
      const { undo } = await this.send("POST", address, state);
      this.saved({ undo, sentence: t("The decision on {plot} is saved.", { plot: state.other }) });
    };
    try {
      const { neighbors } = await this.send("POST", `${address}?preview=1`, state);
      const told = neighbors.length
        ? h("ul.plain-list", ...neighbors.map((sentence) => h("li", sentence)))
        : h("p", t("All companies keep the neighbors that they have."));
      steps.replaceChildren(
        h("strong", t("What follows")),
        told,
        this.acting(t("Save"), save, { class: "btn btn-primary btn-sm" }),
        this.cancel(form, other),
      );
      first(steps, ".btn-primary").focus();
    } catch (error) {
      this.refuse(steps, error);
    }
  }

  refuse(place, error) {
    first(place, ".decision-refused")?.remove();
    place.prepend(h("p.decision-refused", { role: "alert" }, error.message));
  }

  /** Make a button that asks the service; a refusal is shown before it. */
  acting(words, act, props) {
    const press = async (event) => {
      const pressed = event.currentTarget;
      pressed.disabled = true;
      try {
        await act();
      } catch (error) {
        this.refuse(pressed.parentElement, error);
      }
      pressed.disabled = false;
    };
    return button(words, press, props);
  }

  async send(method, path, body) {
    const { api, token } = this.context.editing;
    const headers = { Accept: "application/json", "X-CSRFToken": token };
    if (body) headers["Content-Type"] = "application/json";
    const options = { method, headers, body: body && JSON.stringify(body) };
    return json(await fetchFrom(api + path, options));
  }
}
