/** Lists of records: buttons, walked through with the arrow keys. */
import { all, focused, h } from "#page/dom";
import { sign, swatch, tourSign } from "#page/icons";
import { asKnown, clock, day, metres, minutes, squareMetres, t, tn } from "#page/i18n";
import { addressOf, idOf } from "#map/model";

/**
 * Make the list of records.
 * @param {any[]} records
 * @param {{styles: any, parks: Map<string, string>, selected: string|null,
 *   pick: (record: any) => void, point: (record: any|null) => void}} context
 * @returns {HTMLElement}
 */
export function recordList(records, context) {
  return h("ul.records", ...records.map((record) => h("li", recordButton(record, context))));
}

function recordButton(record, { styles, parks, selected, pick, point }) {
  const [mark, sub, aside] = LOOKS[record.kind](record, styles, parks);
  const id = idOf(record);
  const when = record.otherDay && [" ", h("span.tag", whenOf(record))];
  return h(
    "button.record",
    {
      type: "button",
      class: record.isUncertain ? "record is-uncertain" : null,
      dataset: { id },
      "aria-current": id === selected ? "true" : null,
      on: {
        click: () => pick(record),
        mouseenter: () => point(record),
        mouseleave: () => point(null),
        focus: () => point(record),
        blur: () => point(null),
      },
    },
    h("span.record-mark", mark),
    h("span.record-words", h("span.record-name", record.name, ...(when ?? [])), h("span.record-sub", sub)),
    aside && h("span.record-aside", aside),
  );
}

const LOOKS = {
  company: (company, styles, parks) => {
    const [place] = company.places;
    const isApproximate = place.location_quality === "street";
    const more = company.places.length > 1 ? tn(company.places.length, "{n} place", "{n} places") : null;
    const words = [company.sector, more ?? addressOf(place) ?? parks.get(place.park)].filter(Boolean);
    return [
      sign(styles.sectors[company.filter], { isApproximate }),
      words.join(" · "),
      more ? null : (place.plot ?? null),
    ];
  },
  plot: (plot, styles) => {
    const firms = plot.firms.length
      ? plot.firms.map((firm) => firm.name).join(", ")
      : t(styles.plots[plot.use_status].label);
    return [
      swatch(plot.use_status, styles.plots[plot.use_status]),
      [plot.street, firms, offerOf(plot, styles)].filter(Boolean).join(" · "),
      squareMetres(plot.area_m2),
    ];
  },
  facility: (facility, styles) => {
    const style = styles.facilities[facility.facilityKind];
    const places = facility.capacity ? tn(facility.capacity, "{n} space", "{n} spaces") : null;
    return [
      sign(style, { shape: "square", letter: Boolean(style.letter) }),
      [t(style.label), places].filter(Boolean).join(" · "),
      null,
    ];
  },
  tour: (tour) => {
    const when = [day(tour.toured_on), tour.time_basis !== "assumed" ? clock(tour.starts_at) : null]
      .filter(Boolean)
      .join(", ");
    const words = [when, tn(tour.n_stops, "{n} stop", "{n} stops"), metres(tour.length_m)];
    return [tourSign(tour), words.join(" · "), minutes(tour.total_min)];
  },
};

function offerOf({ marketing_status: status }, styles) {
  return status && `${t("Marketing")}: ${t(styles.marketing[status].label)}`;
}

/** Say when something is there that is not there on the day shown. */
function whenOf({ otherDay: { on, isLater }, starts_precision: precision }) {
  return isLater
    ? t("later, from {when}", { when: asKnown(on, precision) })
    : t("earlier, until {when}", { when: day(on) });
}

/** Walk through the records below what hears the key. */
export function walk(event) {
  const steps = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity };
  const step = steps[event.key];
  const buttons = all(event.currentTarget, ".record");
  const at = buttons.indexOf(focused());
  if (!step || at < 0) return;
  buttons[Math.min(buttons.length - 1, Math.max(0, at + step))]?.focus();
  event.preventDefault();
}
