/** What the plan is: its figures, how good it is known to be, what contradicts, what else there is. */
import { failureSentence } from "#page/api";
import { button, h } from "#page/dom";
import { clockSpan, metres, t } from "#page/i18n";
import { courseOf } from "#planner/plan/course";
import { hasFault } from "#planner/stops/faults";
import { glyph } from "#planner/plan/glyphs";
import { drawStrip } from "#planner/plan/strip_view";
import { figures, isOrdered, longWaits, proofSentence } from "#planner/plan/texts";

const PROOF_SIGNS = { "is-open": "bell", "is-kept": "lock", "is-proved": "check" };

/** The parts of the page that tell the plan. */
export class Results {
  /**
   * @param {{summary: HTMLElement, strip: HTMLElement, course: HTMLElement, notices: HTMLElement,
   *   alternatives: HTMLElement}} places
   * @param {{again: () => void, undo: () => void, take: (alternative: any) => void, point: (at: any) => void}} actions
   */
  constructor(places, actions) {
    this.places = places;
    this.actions = actions;
    new ResizeObserver(() => this.redraw()).observe(places.strip);
  }

  /** Show what is known of a request's plan. */
  update(request, state) {
    this.request = request;
    this.state = state;
    const plan = state.answer?.status === "planned" ? state.answer : null;
    this.places.summary.replaceChildren(...this.summary(plan));
    this.places.notices.replaceChildren(...this.notices());
    this.drawCourse(plan);
    this.places.alternatives.replaceChildren(...this.alternatives());
    this.redraw();
  }

  /** Draw the course unless it is the one shown, so that directions which somebody opened stay open. */
  drawCourse(plan) {
    const course = plan && JSON.stringify([plan.meeting, plan.visits, plan.legs, plan.ends_at]);
    if (course === this.course) return;
    this.course = course;
    this.places.course.replaceChildren(
      ...(plan ? [h("h2", t("Schedule")), courseOf(plan, this.actions)] : []),
    );
  }

  redraw() {
    const isShown = Boolean(this.request?.stops.length);
    this.places.strip.hidden = !isShown;
    if (isShown) drawStrip(this.places.strip, this.state.answer, this.request);
  }

  summary(plan) {
    if (!this.request.stops.length) return [];
    if (!plan)
      return this.state.answer || this.state.error || hasFault(this.request)
        ? []
        : [h("p.loading", t("Planning …"))];
    const rows = figures(plan).map(([name, value]) => h("div", h("dt", name), h("dd", value)));
    return [h("dl.figures", ...rows), this.proof(plan)];
  }

  proof(plan) {
    const look = !plan.is_proved ? "is-open" : isOrdered(this.state.subject) ? "is-kept" : "is-proved";
    return h("p", { class: `proof ${look}` }, glyph(PROOF_SIGNS[look]), h("span", this.proofWords(plan)));
  }

  proofWords(plan) {
    const proof = proofSentence(plan, this.state.subject);
    return this.state.isAsking && !plan.is_proved ? t("{proof}; still searching …", { proof }) : proof;
  }

  notices() {
    const { answer, error, explanation, isExplaining } = this.state;
    const parts = [];
    if (hasFault(this.request))
      parts.push(box("is-wrong", t("Not planned: please correct the marked times."), this.isOld()));
    if (error) parts.push(this.failure(error));
    const isImpossible = answer?.status === "infeasible" || Boolean(explanation?.conflict.length);
    if (isImpossible) parts.push(this.conflict(explanation, isExplaining));
    else if (answer?.status === "unknown")
      parts.push(box("is-wrong", t("No tour was found in the time allowed."), []));
    return [...parts, ...this.advice()];
  }

  /** What would make the tour better. */
  advice() {
    const { answer, explanation } = this.state;
    const waits = answer?.status === "planned" ? longWaits(answer, this.request) : [];
    const gates = explanation?.leaves ?? [];
    return [
      waits.length && box("is-calm", t("Optional stops cost a lot of waiting:"), waits),
      gates.length && box("is-calm", t("With permission to cross, the walk would be shorter:"), gates),
    ].filter(Boolean);
  }

  isOld() {
    return this.state.answer?.status === "planned" ? [t("The previous plan is shown.")] : [];
  }

  failure(error) {
    // Asked again, a request that was refused is refused again.
    const next = error.isRefused
      ? button(t("Undo the last step"), () => this.actions.undo())
      : button(t("Try again"), () => this.actions.again());
    return box(
      "is-wrong",
      t("This tour request could not be planned."),
      [failureSentence(error), ...this.isOld()],
      next,
    );
  }

  conflict(explanation, isExplaining) {
    const sentences = explanation?.conflict ?? [];
    const searching = isExplaining && t("Finding out which requirements conflict …");
    return box("is-wrong", t("No tour meets these requirements."), searching ? [searching] : sentences);
  }

  alternatives() {
    const found = this.state.explanation?.alternatives ?? [];
    if (!found.length) return [];
    return [h("h2", t("Other tours")), h("ul.alternatives", ...found.map((one) => this.alternative(one)))];
  }

  alternative(one) {
    const names = one.ids
      .map((id) => this.request.stops.find((stop) => stop.id === id)?.name)
      .filter(Boolean);
    const take = button(t("Use this one"), () => this.actions.take(one));
    return h(
      "li.alternative",
      h("p.alternative-title", one.title),
      h("p.quiet", `${clockSpan(one.starts_at, one.ends_at)} · ${metres(one.length_m)}`),
      h("p.quiet.stop-names", names.join(" → ")),
      take,
    );
  }
}

function box(look, title, sentences, ...more) {
  const list =
    sentences.length > 1
      ? h("ul", ...sentences.map((text) => h("li", text)))
      : sentences.map((text) => h("p", text));
  return h(
    "div",
    { class: `notice ${look}` },
    glyph("warn"),
    h("div", h("p.notice-title", title), ...[list].flat(), ...more),
  );
}
