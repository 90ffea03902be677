/** The card of what is selected: what it is, since when, how sure that is, and what can be done with it. */
import { button, h } from "#page/dom";
import { fact, facts, head, hint, link, sourceFact, webLink } from "#cards/facts";
import { sign } from "#page/icons";
import { day, since, t } from "#page/i18n";
import { addressOf, plotsOf } from "#map/model";
import { pastAndFuture, unsureHint, untilWords } from "#cards/past";
import { facilityCard, plotCard } from "#cards/place_cards";
import { companyTime } from "#cards/time_line";
import { partIn, tourCard } from "#cards/tour_card";
import { facilitiesOf } from "#cards/twins";

/**
 * @typedef {{styles: any, parks: Map<string, string>, model: any, links: any, on: string,
 *   pick: (sel: object, on?: string) => void, tourAddress: ((key: string) => string)|null,
 *   editAddress: Record<string, ((key: string) => string)|null>, isPast: boolean,
 *   correctionAddress: ((key: string) => string)|null,
 *   changesAddress: ((kind: string, key: string) => string)|null}} Context
 */

/**
 * Make the body of a record's card, without its neighbors.
 * @param {any} record
 * @param {Context} context
 * @returns {{head: HTMLElement, facts: HTMLElement, more: HTMLElement[]}}
 */
export function cardOf(record, context) {
  return BODIES[record.kind](record, context);
}

const BODIES = { company: companyCard, plot: plotCard, facility: facilityCard, tour: tourCard };

function companyCard(company, context) {
  const style = context.styles.sectors[company.filter];
  const isApproximate = company.places[0].location_quality === "street";
  const places = company.places.map((place) => placeBlock(place, company.places.length > 1, context));
  const classified = company.wz_code ? `WZ ${company.wz_edition} ${company.wz_code}` : null;
  const body = facts(
    fact(
      t("Sector"),
      // Without a code there is no group, but there may be words.
      (company.filter === "unknown" && company.sector) || t(style.label),
      classified &&
        h("span.quiet", `${classified}${company.wz_basis === "inferred" ? ` (${t("inferred")})` : ""}`),
    ),
    fact(t("Group"), company.group_name && groupPart(company, context)),
    fact(t("Website"), webLink(company.website)),
    fact(
      t("Facility"),
      ...facilitiesOf(company, context.model.facilities, context.styles).map((one) =>
        link(one, one.name, context),
      ),
    ),
    ...successionFacts(company, context),
    ...pastAndFuture(company, plotsOf(company), context, partiesOf(company, context)),
  );
  return {
    head: head(sign(style, { isApproximate }), company.name, company.sector),
    facts: h("div", ...places, body),
    more: [...companyTime(company, context), ...partIn(company, context)],
  };
}

/** Return the keys of those whom a company followed and who followed it. */
function partiesOf({ key }, { links }) {
  const own = links.successions.filter((one) => [one.predecessor.key, one.successor.key].includes(key));
  return new Set(own.flatMap(({ predecessor, successor }) => [predecessor.key, successor.key]));
}

function groupPart(company, context) {
  const others = context.model.companies.filter(
    (one) => one.group_name === company.group_name && one.key !== company.key,
  );
  return [h("span", company.group_name), ...others.map((one) => link(one, one.name, context))];
}

function placeBlock(place, isOneOfMany, context) {
  const plot = place.plot && context.model.find({ kind: "plot", key: place.plot });
  const where = [addressOf(place), context.parks.get(place.park)].filter(Boolean).join(", ");
  const body = facts(
    fact(t("Place"), where, place.location_quality === "street" && hint(t("location approximate"))),
    fact(
      t("Plot"),
      plot && link(plot, plot.name, context),
      plot?.quality === "schematic" && hint(t("schematic, not a cadastre")),
    ),
    fact(
      t("Period"),
      since(place.valid_from, place.starts_precision, place.as_of),
      untilWords(place),
      unsureHint(place.isUncertain, context),
    ),
    fact(t("Note"), place.note),
    sourceFact(place.source, place.valid_from ? place.as_of : null),
    fact(t("On the map"), ...placeLinks(place, context)),
  );
  return h("div", { class: isOneOfMany ? "place is-one-of-many" : "place" }, body);
}

/** Lead staff to where a place is put on a plot, or its point is moved. */
function placeLinks(place, context) {
  const company = context.editAddress?.company?.(place.company);
  if (!company) return [];
  const address = (what) =>
    `${company}/places/${encodeURIComponent(place.key)}/${what}/correct?on=${context.on}`;
  return [
    !place.plot && h("a", { href: address("plot") }, t("Put on a plot")),
    h("a", { href: address("point") }, t("Move the point")),
  ];
}

function successionFacts(company, context) {
  const of = (side) => context.links.successions.filter((one) => one[side].key === company.key);
  const jump = (other, on) =>
    context.isFixed
      ? h("span", other.name)
      : button(other.name, () => context.pick({ kind: "company", key: other.key }, on), {
          class: "inline-link",
        });
  const before = of("successor").map(({ predecessor }) => [
    jump(predecessor, predecessor.last_on),
    predecessor.last_on && h("span.quiet", t("until {when}", { when: day(predecessor.last_on) })),
  ]);
  const after = of("predecessor").map(({ successor, precision }) => [
    jump(successor, successor.first_on),
    successor.first_on && h("span.quiet", since(successor.first_on, precision)),
  ]);
  return [fact(t("Predecessor"), ...before.flat()), fact(t("Successor"), ...after.flat())];
}
