/**
 * What the plan is: its figures, how good it is known to be, what contradicts, what else there is.
 */
import { h } from "#page/dom";
import { clockSpan, metres, t } from "#page/i18n";
import { courseOf } from "#planner/plan/course";
import { hasFault } from "#planner/stops/faults";
import { button } from "#planner/stops/fields";
import { glyph } from "#planner/plan/glyphs";
import { drawStrip } from "#planner/plan/strip_view";
import { failureSentence, figures, isOrdered, longWaits, proofSentence } from "#planner/plan/texts";

/** The parts of the page that tell the plan. */
export class Results {
  /**
   * @param {{summary: HTMLElement, strip: HTMLElement, course: HTMLElement, notices: HTMLElement,
   *   alternatives: HTMLElement}} places
   * @param {{again: () => void, undo: () => void, take: (alternative: any) => void, point: (at: any) => void}} actions
   */
  constructor(places, actions) {
    Object.assign(this, { places, actions });
    new ResizeObserver(() => this.redraw()).observe(places.strip);
  }

  /** Show what is known of a wish's plan. */
  update(wish, told) {
    Object.assign(this, { wish, told });
    const plan = told.answer?.status === "planned" ? told.answer : null;
    this.places.summary.replaceChildren(...this.summary(plan));
    this.places.notices.replaceChildren(...this.notices());
    this.places.course.replaceChildren(...(plan ? [h("h2", { text: t("Schedule") }), courseOf(plan, this.actions)] : []));
    this.places.alternatives.replaceChildren(...this.alternatives());
    this.redraw();
  }

  redraw() {
    const isShown = Boolean(this.wish?.stops.length);
    this.places.strip.hidden = !isShown;
    if (isShown) drawStrip(this.places.strip, this.told.answer, this.wish);
  }

  summary(plan) {
    if (!this.wish.stops.length) return [];
    if (!plan) return this.told.answer || this.told.error || hasFault(this.wish) ? [] : [h("p", { class: "loading", text: t("Planning …") })];
    const rows = figures(plan).map(([name, value]) => h("div", {}, h("dt", { text: name }), h("dd", { text: value })));
    return [h("dl", { class: "figures" }, ...rows), this.proof(plan)];
  }

  proof(plan) {
    const [look, mark] = !plan.is_proved ? ["is-open", "bell"] : isOrdered(this.told.subject) ? ["is-kept", "lock"] : ["is-proved", "check"];
    return h("p", { class: `proof ${look}` }, glyph(mark), h("span", { text: this.proofWords(plan) }));
  }

  proofWords(plan) {
    const proof = proofSentence(plan, this.told.subject);
    return this.told.isAsking && !plan.is_proved ? t("{proof}; still searching …", { proof }) : proof;
  }

  notices() {
    const { answer, error, explanation, isExplaining } = this.told;
    const parts = [];
    if (hasFault(this.wish)) parts.push(box("is-wrong", t("Not planned: please correct the marked times."), this.isOld()));
    if (error) parts.push(this.failure(error));
    const isImpossible = answer?.status === "infeasible" || Boolean(explanation?.conflict.length);
    if (isImpossible) parts.push(this.conflict(explanation, isExplaining));
    else if (answer?.status === "unknown") parts.push(box("is-wrong", t("No tour was found in the time allowed."), []));
    const waits = answer?.status === "planned" ? longWaits(answer, this.wish) : [];
    if (waits.length) parts.push(box("is-calm", t("Optional stops cost a lot of waiting:"), waits));
    if (explanation?.leaves.length) parts.push(box("is-calm", t("With permission to cross, the walk would be shorter:"), explanation.leaves));
    return parts;
  }

  isOld() {
    return this.told.answer?.status === "planned" ? [t("The previous plan is shown.")] : [];
  }

  failure(error) {
    const look = { class: "btn btn-quiet btn-sm" };
    // Asked again, a wish that was refused is refused again.
    const next = error.isRefused
      ? button(t("Undo the last step"), () => this.actions.undo(), look)
      : button(t("Try again"), () => this.actions.again(), look);
    return box("is-wrong", t("This tour request could not be planned."), [failureSentence(error), ...this.isOld()], next);
  }

  conflict(explanation, isExplaining) {
    const sentences = explanation?.conflict ?? [];
    const searching = isExplaining && t("Finding out which requirements conflict …");
    return box("is-wrong", t("No tour meets these requirements."), searching ? [searching] : sentences);
  }

  alternatives() {
    const found = this.told.explanation?.alternatives ?? [];
    if (!found.length) return [];
    return [h("h2", { text: t("Other tours") }), h("ul", { class: "alternatives" }, ...found.map((one) => this.alternative(one)))];
  }

  alternative(one) {
    const names = one.ids.map((id) => this.wish.stops.find((stop) => stop.id === id)?.name).filter(Boolean);
    const take = button(t("Use this one"), () => this.actions.take(one), { class: "btn btn-quiet btn-sm" });
    return h(
      "li",
      { class: "alternative" },
      h("p", { class: "alternative-title", text: one.title }),
      h("p", { class: "quiet", text: `${clockSpan(one.starts_at, one.ends_at)} · ${metres(one.length_m)}` }),
      h("p", { class: "quiet stop-names", text: names.join(" → ") }),
      take,
    );
  }
}

function box(look, title, sentences, ...more) {
  const list = sentences.length > 1 ? h("ul", {}, ...sentences.map((text) => h("li", { text }))) : sentences.map((text) => h("p", { text }));
  return h("div", { class: `notice ${look}` }, glyph("warn"), h("div", {}, h("p", { class: "notice-title", text: title }), ...[list].flat(), ...more));
}
