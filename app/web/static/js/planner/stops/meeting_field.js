/**
 * Where people meet before the first visit: nowhere, at a company or facility, or at a place named among the stops.
 */
import { h } from "#page/dom";
import { idOf, parksOf } from "#map/model";
import { t } from "#page/i18n";

const HERE = "here";

/** The list to choose from. */
export class MeetingField {
  /** @param {(record: any) => void} choose gets a company or facility, null for none */
  constructor(choose) {
    this.field = h("select.input", { "aria-label": t("Meeting point") });
    this.field.addEventListener(
      "change",
      () => this.field.value !== HERE && choose(this.records.get(this.field.value) ?? null),
    );
  }

  /** Show where a request lets people meet; `met` is the company or facility, null for any other place. */
  update(request, offered, met) {
    const print = [offered.length, request.park, met ? "" : request.meeting?.name].join();
    if (print !== this.print) this.offer(offered, request, met);
    this.print = print;
    this.field.value = met ? idOf(met) : request.meeting ? HERE : "";
  }

  offer(offered, { park, meeting }, met) {
    this.records = new Map(offered.map((record) => [idOf(record), record]));
    const of = (kind) =>
      offered
        .filter((record) => record.kind === kind && parksOf(record).includes(park))
        .sort((a, b) => a.name.localeCompare(b.name, "de"));
    const group = (label, kind) => h("optgroup", { label }, ...of(kind).map(option));
    this.field.replaceChildren(
      h("option", { value: "" }, t("none: start at the first stop")),
      ...(meeting && !met ? [h("option", { value: HERE }, meeting.name)] : []),
      group(t("Facilities"), "facility"),
      group(t("Companies"), "company"),
    );
    if (met && !parksOf(met).includes(park)) this.field.append(option(met));
  }
}

const option = (record) => h("option", { value: idOf(record) }, record.name);
