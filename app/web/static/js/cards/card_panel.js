/** The card in its place in the panel: opens, closes, loads the neighbors, copies the link, downloads. */
import {
  collection,
  failureSentence,
  forgetAnswers,
  isEmbedded,
  neighbors,
  pairsOf,
  plannerAddress,
} from "#page/api";
import { cardOf } from "#cards/card";
import { button, copyText, first, h } from "#page/dom";
import { downloadMenu } from "#page/downloads";
import { icon } from "#page/icons";
import { day, t } from "#page/i18n";
import { plotsOf } from "#map/model";
import { thereThen } from "#cards/past";
import { neighborList } from "#neighbors/neighbor_list";
import { IsochronePart } from "#walking/isochrones";

const COLLECTIONS = { company: "companies", plot: "plots", facility: "facilities", tour: "tours" };
const NAMED = { company: "company", plot: "key", facility: "key", tour: "key" };

/** The card of what is selected. */
export class CardPanel {
  /**
   * @param {HTMLElement} place
   * @param {{pick: (sel: object, on?: string) => void, close: () => void, explain: (neighbors: any[], pairs: any) => void,
   *   pointNeighbor: (neighbor: any|null) => void, reach: (areas: any) => void, say: (sentence: string) => void}} actions
   */
  constructor(place, actions) {
    this.place = place;
    this.actions = actions;
    this.turn = 0;
  }

  /** Open the card of a record. */
  open(record, context) {
    const { head, facts, more } = cardOf(record, context);
    const hasNeighbors = ["company", "plot"].includes(record.kind);
    this.neighbors = hasNeighbors
      ? h("section.card-part", { "aria-live": "polite" }, h("h3", t("Neighbors")))
      : null;
    const isWalkedTo = !isEmbedded() && !context.isPast && ["company", "facility"].includes(record.kind);
    this.reach = isWalkedTo ? new IsochronePart(record, context, this.actions.reach) : null;
    this.fill(
      head,
      facts,
      ...(record.kind === "plot" ? more : []),
      this.neighbors,
      ...(record.kind === "plot" ? [] : more),
      this.reach?.place,
      this.buttons(record, context),
    );
    if (hasNeighbors) this.showNeighbors(record, context);
  }

  /** Say that there is no such thing on the day. */
  openMissing(sel, context, name) {
    const sentence = t("On {day}, “{name}” is not recorded.", {
      day: day(context.on),
      name: name ?? sel.key,
    });
    const { then, on } = thereThen(sel, context);
    this.fill(
      h(
        "div.card-head",
        h("span.card-mark", icon("warning")),
        h("div", h("h2.card-name", { tabindex: "-1" }, t("Not there on this day"))),
      ),
      h("p", sentence),
      then,
      this.otherDayButton({ ...sel, name }, on, context),
    );
  }

  otherDayButton(sel, on, context) {
    if (context.isFixed || on === context.on) return null;
    const words = on === context.today ? t("Show today") : t("Show on {day}", { day: day(on) });
    return button(words, () => this.actions.pick(sel, on));
  }

  /** Close the card. */
  close() {
    this.turn += 1;
    this.place.hidden = true;
    this.place.replaceChildren();
  }

  /** Put the focus on the card's heading. */
  focus() {
    first(this.place, ".card-name")?.focus({ preventScroll: true });
  }

  fill(head, ...parts) {
    this.turn += 1;
    const back = button([icon("back"), t("To the list")], () => this.actions.close(), { class: "card-back" });
    const close = button(icon("close"), () => this.actions.close(), {
      class: "card-close",
      "aria-label": t("Close"),
      title: t("Close (Esc)"),
    });
    this.place.replaceChildren(
      h("div.card-bar", back, close),
      h("div.card-body", head, ...parts.filter(Boolean)),
    );
    this.place.hidden = false;
    this.place.querySelector(".card-body").scrollTop = 0;
  }

  async showNeighbors(record, context, news = null) {
    const turn = this.turn;
    const place = this.neighbors;
    const title = first(place, "h3");
    first(title, ".count")?.remove();
    place.replaceChildren(title, h("p.loading", { role: "status" }, t("Finding the neighbors …")));
    try {
      const [found, pairs] = await Promise.all([
        neighbors(record.kind, record.key, context.on),
        pairsOf(plotsOf(record), context.on),
      ]);
      await context.need(found.neighbors.flatMap((neighbor) => neighbor.plots));
      if (turn !== this.turn) return;
      place.replaceChildren(title, this.neighborPart(found, context));
      if (found.neighbors.length) title.append(h("span.count", String(found.neighbors.length)));
      this.actions.explain(found.neighbors, pairs);
      if (record.kind === "plot" && context.editing)
        await this.offerDecisions(place, record, context, found.neighbors, news);
    } catch (error) {
      if (turn === this.turn)
        place.replaceChildren(
          title,
          this.failure(error, () => this.showNeighbors(record, context)),
        );
    }
  }

  /** Let staff decide on neighbors; `news` is what was decided last. */
  async offerDecisions(place, record, context, found, news) {
    const { Decisions } = await import("#editing/decisions");
    const again = (made = null) => {
      forgetAnswers();
      this.showNeighbors(record, context, made);
    };
    const decisions = new Decisions(record, context, again);
    await decisions.offer(place, found);
    if (!news) return;
    const told = Decisions.news(news, context, () => again());
    first(place, "h3").after(told);
    // What was pressed is gone.
    first(told, "button").focus({ preventScroll: true });
  }

  neighborPart(found, context) {
    if (!found.neighbors.length) return h("p.quiet", found.note ?? t("No neighbors found on this day."));
    return neighborList(found.neighbors, {
      styles: context.styles,
      isKnown: (sel) => Boolean(context.model.find(sel)),
      pick: this.actions.pick,
      point: this.actions.pointNeighbor,
    });
  }

  failure(error, again) {
    return h("div.failure", { role: "alert" }, h("p", failureSentence(error)), button(t("Try again"), again));
  }

  buttons(record, context) {
    const copy = isEmbedded() ? null : button([icon("link"), t("Copy link")], () => this.copyLink());
    const name = COLLECTIONS[record.kind];
    const download = isEmbedded()
      ? this.saveButton(name, context)
      : downloadMenu(name, { on: context.on, [NAMED[record.kind]]: record.key });
    const href = context.editAddress?.[record.kind]?.(record.key);
    const edit = href && h("a.btn.btn-quiet.btn-sm", { href }, t("Edit"));
    const story =
      ["plot", "facility"].includes(record.kind) && context.changesAddress?.(record.kind, record.key);
    const changes = story && h("a.btn.btn-quiet.btn-sm", { href: story }, t("Who changed what"));
    const form = record.kind === "company" && context.correctionAddress?.(record.key);
    const wrong = form && h("a.btn.btn-quiet.btn-sm", { href: form, rel: "nofollow" }, t("Something wrong?"));
    return h("div.card-buttons", ...this.walkButtons(record, context), edit, changes, copy, download, wrong);
  }

  saveButton(name, { on }) {
    const title = t("All of this kind on {day}, as GeoJSON", { day: day(on) });
    const save = () => saveEmbedded(name, on);
    return button([icon("download"), t("Download GeoJSON")], save, { title });
  }

  walkButtons(record, context) {
    if (!this.reach) return [];
    const href = plannerAddress(record.kind, record.key, context.on);
    return [h("a.btn.btn-quiet.btn-sm", { href }, icon("tour"), t("Tour to here")), this.reach.button];
  }

  async copyLink() {
    const field = h("input.visually-hidden", { value: location.href, readonly: true });
    document.body.append(field);
    await copyText(field);
    field.remove();
    this.actions.say(t("Link copied."));
  }
}

async function saveEmbedded(name, on) {
  const file = new Blob([JSON.stringify(await collection(name, on))], { type: "application/geo+json" });
  const address = URL.createObjectURL(file);
  const link = h("a", { href: address, download: `${name}-${on}.geojson` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
