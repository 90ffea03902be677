/** The cards of plots and facilities. */
import { h } from "#page/dom";
import { fact, facts, head, hint, link, sourceFact, webLink } from "#cards/facts";
import { icon, sign, swatch } from "#page/icons";
import { day, N_, number, since, squareMetres, t, tn } from "#page/i18n";
import { pastAndFuture, unsureHint, untilWords } from "#cards/past";
import { plotTime } from "#cards/time_line";
import { partIn } from "#cards/tour_card";
import { firmOf } from "#cards/twins";

/** Make the card of a plot. */
export function plotCard(plot, context) {
  const style = context.styles.plots[plot.use_status];
  const firms = plot.firms.map((firm) =>
    h(
      "li",
      sign(context.styles.sectors[firm.filter]),
      link(firm, firm.name, context),
      firm.isUncertain && hint(t("not certain on this day")),
    ),
  );
  const facility = context.model.facilities.find((one) => one.plot === plot.key);
  const body = facts(
    fact(
      t("Use"),
      h("span.with-swatch", swatch(plot.use_status, style), t(style.label)),
      plot.isUncertain && hint(t("not certain on this day")),
    ),
    marketingFact(plot, context.styles.marketing),
    fact(
      t("Area"),
      squareMetres(plot.official_area_m2 ?? plot.area_m2),
      !plot.official_area_m2 && h("span.quiet", t("computed")),
    ),
    fact(t("Parcel"), plot.parcel_number),
    fact(
      t("Boundary"),
      plot.quality === "schematic"
        ? hint(t("schematic, not a cadastre"))
        : t(QUALITIES[plot.quality] ?? "surveyed"),
    ),
    fact(
      t("Period"),
      plot.valid_from ? since(plot.valid_from, plot.starts_precision ?? "day") : t("as far back as is known"),
      untilWords(plot),
    ),
    fact(t("Facility"), facility && link(facility, facility.name, context)),
    ...pastAndFuture(plot, [plot.key], context),
    sourceFact(plot.source, null),
  );
  const where = [plot.street, context.parks.get(plot.park)].filter(Boolean).join(", ");
  const companies = h(
    "section.card-part",
    h("h3", companiesTitle(context), h("span.count", number(firms.length))),
    firms.length ? h("ul.plain-list", ...firms) : h("p.quiet", t("None known on this day.")),
  );
  return {
    head: head(icon("plot"), plot.name, where),
    facts: body,
    more: [companies, ...plotTime(plot, context)],
  };
}

/** A card of another day says so where it counts who is there. */
function companiesTitle({ on, today }) {
  return on === today ? t("Companies on this plot") : t("Companies on this plot on {day}", { day: day(on) });
}

function marketingFact(plot, styles) {
  const { marketing_status: status, marketing_from: first, marketing_note: note } = plot;
  if (!status) return null;
  const mark = h("span.with-swatch", swatch(status, styles[status]), t(styles[status].label));
  return fact(t("Marketing"), mark, first && h("span.quiet", since(first, plot.marketing_precision)), note);
}

const QUALITIES = { cadastre: N_("from the cadastre"), surveyed: N_("surveyed") };

/** Make the card of a facility. */
export function facilityCard(facility, context) {
  const style = context.styles.facilities[facility.facilityKind];
  const plot = facility.plot && context.model.find({ kind: "plot", key: facility.plot });
  const reserve = facility.capacity_reserve
    ? ` + ${tn(facility.capacity_reserve, "{n} in reserve", "{n} in reserve")}`
    : "";
  const firm = firmOf(facility, context.model.companies, context.styles);
  const body = facts(
    fact(
      t("Capacity"),
      facility.capacity && h("strong", tn(facility.capacity, "{n} space", "{n} spaces") + reserve),
    ),
    fact(t("Company"), firm && link(firm, firm.name, context)),
    fact(
      t("In operation"),
      facility.valid_from && since(facility.valid_from, "day"),
      untilWords(facility),
      unsureHint(facility.isUncertain, context),
    ),
    fact(t("Amenities"), chips(facility.amenities)),
    fact(t("Fee"), facility.fee),
    fact(t("Security"), facility.security_level),
    fact(t("Plot"), plot && link(plot, plot.name, context)),
    fact(
      t("Place"),
      context.parks.get(facility.park),
      facility.location_quality === "street" && hint(t("location approximate")),
      facility.location_quality === "schematic" && hint(t("outline schematic")),
    ),
    fact(t("Website"), webLink(facility.url)),
    ...pastAndFuture(facility, [facility.plot].filter(Boolean), context, new Set([firm?.key])),
    sourceFact(facility.source, null),
  );
  return {
    head: head(
      sign(style, { shape: "square", letter: Boolean(style.letter) }),
      facility.name,
      t(style.label),
    ),
    facts: body,
    more: partIn(facility, context),
  };
}

/** Return the parts of a list in one text; null for none. */
function chips(text) {
  const parts = (text ?? "").split(/[,;]\s*/).filter(Boolean);
  return parts.length ? h("span.chips", ...parts.map((part) => h("span.chip", part))) : null;
}
