/**
 * The card of what is selected: what it is, since when, how sure that is, and what can be done with it.
 */
import { h, webAddress } from "#map/dom";
import { icon, sign, swatch } from "#map/icons";
import { clock, clockAfter, day, metres, minutes, number, since, squareMetres, t, tn } from "#map/i18n";
import { address } from "#map/list";

/**
 * @typedef {{styles: any, parks: Map<string, string>, model: any, links: any, on: string,
 *   pick: (sel: object, on?: string) => void, tourAddress: ((key: string) => string)|null}} Context
 */

/**
 * Make the body of a record's card, without its neighbors.
 *
 * @param {any} record
 * @param {Context} context
 * @returns {{head: HTMLElement, facts: HTMLElement, more: HTMLElement[]}}
 */
export function cardOf(record, context) {
  return BODIES[record.kind](record, context);
}

const BODIES = { company: companyCard, plot: plotCard, facility: facilityCard, tour: tourCard };

function head(mark, name, sub) {
  return h("div", { class: "card-head" }, h("span", { class: "card-mark" }, mark), h("div", {}, h("h2", { class: "card-name", tabindex: "-1", text: name }), sub && h("p", { class: "card-sub", text: sub })));
}

function facts(...rows) {
  const list = h("dl", { class: "facts" });
  for (const row of rows.filter(Boolean)) list.append(h("dt", { text: row[0] }), h("dd", {}, ...row.slice(1)));
  return list;
}

function fact(name, ...parts) {
  const shown = parts
    .flat()
    .filter((part) => part !== null && part !== undefined && part !== "" && part !== false)
    .map((part) => (typeof part === "string" ? h("span", { text: part }) : part));
  return shown.length ? [name, ...shown] : null;
}

function hint(text) {
  return h("span", { class: "hint", text });
}

function link(record, name, context) {
  return h("button", { type: "button", class: "inline-link", text: name, on: { click: () => context.pick(record) } });
}

function webLink(text) {
  const address = webAddress(text);
  if (!address) return null;
  const shown = new URL(address).hostname.replace(/^www\./, "");
  return h("a", { href: address, rel: "noopener noreferrer", target: "_blank" }, shown, icon("external"), h("span", { class: "visually-hidden", text: t("(opens in a new window)") }));
}

function sourceFact(source, asOf) {
  if (!source) return null;
  const text = webAddress(source) ? webLink(source) : h("span", { text: source });
  return fact(t("Source"), text, asOf && h("span", { class: "quiet", text: t("as of {asOf}", { asOf }) }));
}

function companyCard(company, context) {
  const style = context.styles.sectors[company.filter];
  const isApproximate = company.places[0].location_quality === "street";
  const places = company.places.map((place) => placeBlock(place, company.places.length > 1, context));
  const classified = company.wz_code ? `WZ ${company.wz_edition} ${company.wz_code}` : null;
  const body = facts(
    fact(t("Sector"), t(style.label), classified && h("span", { class: "quiet", text: `${classified}${company.wz_basis === "inferred" ? ` (${t("inferred")})` : ""}` })),
    fact(t("Group"), company.group_name && groupPart(company, context)),
    fact(t("Website"), webLink(company.website)),
    ...successionFacts(company, context),
  );
  return { head: head(sign(style, { isApproximate }), company.name, company.sector), facts: h("div", {}, ...places, body), more: partIn(company, context) };
}

function groupPart(company, context) {
  const others = context.model.companies.filter((one) => one.group_name === company.group_name && one.key !== company.key);
  return [h("span", { text: company.group_name }), ...others.map((one) => link(one, one.name, context))];
}

function placeBlock(place, isOneOfMany, context) {
  const plot = place.plot && context.model.find({ kind: "plot", key: place.plot });
  const where = [address(place), context.parks.get(place.park)].filter(Boolean).join(", ");
  const body = facts(
    fact(t("Place"), where, place.location_quality === "street" && hint(t("place approximate"))),
    fact(t("Plot"), plot && link(plot, plot.name, context), plot?.quality === "schematic" && hint(t("schematic, not a cadastre"))),
    fact(t("Period"), since(place.valid_from, place.starts_precision, place.as_of), place.valid_to && t("until {when}", { when: day(lastDay(place.valid_to)) })),
    fact(t("Note"), place.note),
    sourceFact(place.source, place.valid_from ? place.as_of : null),
  );
  return h("div", { class: isOneOfMany ? "place is-one-of-many" : "place" }, body);
}

/** Return the last day of a period that ends before `end`. */
function lastDay(end) {
  return new Date(Date.parse(`${end}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);
}

function successionFacts(company, context) {
  const of = (side) => context.links.successions.filter((one) => one[side].key === company.key);
  const jump = (other, on) => (context.isFixed ? h("span", { text: other.name }) : h("button", { type: "button", class: "inline-link", on: { click: () => context.pick({ kind: "company", key: other.key }, on) } }, other.name));
  const before = of("successor").map(({ predecessor }) => [jump(predecessor, predecessor.last_on), predecessor.last_on && h("span", { class: "quiet", text: t("until {when}", { when: day(predecessor.last_on) }) })]);
  const after = of("predecessor").map(({ successor, precision }) => [jump(successor, successor.first_on), successor.first_on && h("span", { class: "quiet", text: since(successor.first_on, precision) })]);
  return [fact(t("Predecessor"), ...before.flat()), fact(t("Successor"), ...after.flat())];
}

function partIn(record, context) {
  const stopsHere = (stop) => (record.kind === "company" ? record.places.some((place) => place.key === stop.company) : stop.facility === record.key);
  const tours = context.model.tours.filter((tour) => tour.stops.some(stopsHere));
  const roleIn = (meeting) => meeting.parts.find((part) => record.kind === "company" && part.company === record.key)?.role ?? (tours.some((tour) => tour.key === meeting.tour) ? "visited" : null);
  const meetings = context.links.meetings.map((meeting) => [meeting, roleIn(meeting)]).filter(([, role]) => role);
  if (!tours.length && !meetings.length) return [];
  const rows = [
    ...tours.map((tour) => h("li", {}, icon("walk"), h("span", {}, link(tour, tour.name, context), quiet(` ${day(tour.toured_on)}`)))),
    ...meetings.map(([meeting, role]) => h("li", {}, icon("group"), h("span", {}, meeting.title, quiet(` ${day(meeting.held_on)}, ${t(ROLES[role] ?? role)}`)))),
  ];
  return [h("section", { class: "card-part" }, h("h3", { text: t("Tours and meetings") }), h("ul", { class: "plain-list" }, ...rows))];
}

const ROLES = { hosted: "host", invited: "invited", accepted: "accepted", declined: "declined", attended: "took part", absent: "absent", visited: "visited on the tour" };

function quiet(text) {
  return h("span", { class: "quiet", text });
}

function plotCard(plot, context) {
  const style = context.styles.plots[plot.use_status];
  const firms = plot.firms.map((firm) => h("li", {}, sign(context.styles.sectors[firm.filter]), link(firm, firm.name, context)));
  const facility = context.model.facilities.find((one) => one.plot === plot.key);
  const body = facts(
    fact(t("Use"), h("span", { class: "with-swatch" }, swatch(plot.use_status, style), t(style.label))),
    fact(t("Area"), squareMetres(plot.official_area_m2 ?? plot.area_m2), !plot.official_area_m2 && h("span", { class: "quiet", text: t("computed") })),
    fact(t("Parcel"), plot.parcel_number),
    fact(t("Boundary"), plot.quality === "schematic" ? hint(t("schematic, not a cadastre")) : t(QUALITIES[plot.quality] ?? "surveyed")),
    fact(t("Period"), plot.valid_from ? since(plot.valid_from, "day") : t("as far back as is known"), plot.valid_to && t("until {when}", { when: day(lastDay(plot.valid_to)) })),
    fact(t("Facility"), facility && link(facility, facility.name, context)),
    sourceFact(plot.source, null),
  );
  const where = [plot.street, context.parks.get(plot.park)].filter(Boolean).join(", ");
  const companies = h("section", { class: "card-part" }, h("h3", {}, t("Companies on this plot"), h("span", { class: "count", text: number(firms.length) })), firms.length ? h("ul", { class: "plain-list" }, ...firms) : h("p", { class: "quiet", text: t("None known on this day.") }));
  return { head: head(icon("plot"), plot.name, where), facts: body, more: [companies] };
}

const QUALITIES = { cadastre: "from the cadastre", surveyed: "surveyed" };

function facilityCard(facility, context) {
  const style = context.styles.facilities[facility.facilityKind];
  const plot = facility.plot && context.model.find({ kind: "plot", key: facility.plot });
  const reserve = facility.capacity_reserve ? ` + ${tn(facility.capacity_reserve, "{n} in reserve", "{n} in reserve")}` : "";
  const amenities = (facility.amenities ?? "").split(/[,;]\s*/).filter(Boolean);
  const body = facts(
    fact(t("Capacity"), facility.capacity && h("strong", { text: tn(facility.capacity, "{n} space", "{n} spaces") + reserve })),
    fact(t("In operation"), facility.valid_from && since(facility.valid_from, "day")),
    fact(t("Amenities"), amenities.length ? h("span", { class: "chips" }, ...amenities.map((text) => h("span", { class: "chip", text }))) : null),
    fact(t("Fee"), facility.fee),
    fact(t("Security"), facility.security_level),
    fact(t("Plot"), plot && link(plot, plot.name, context)),
    fact(t("Place"), context.parks.get(facility.park), facility.location_quality === "street" && hint(t("place approximate")), facility.location_quality === "schematic" && hint(t("outline schematic"))),
    fact(t("Website"), webLink(facility.url)),
    sourceFact(facility.source, null),
  );
  return { head: head(sign(style, { shape: "square", letter: Boolean(style.letter) }), facility.name, t(style.label)), facts: body, more: partIn(facility, context) };
}

function tourCard(tour, context) {
  const assumed = tour.time_basis === "assumed" && hint(t("assumed"));
  const body = facts(
    fact(t("Date"), day(tour.toured_on), clock(tour.starts_at), assumed),
    fact(t("Walk"), `${metres(tour.length_m)} · ${minutes(tour.walk_min)}`, tour.off_network_m > 0.5 && h("span", { class: "quiet", text: t("of this {length} off the paths", { length: metres(tour.off_network_m) }) })),
    fact(t("In all"), h("strong", { text: minutes(tour.total_min) }), h("span", { class: "quiet", text: t("{time} of it at the stops", { time: minutes(tour.dwell_min) }) })),
    fact(t("Note"), tour.note),
    sourceFact(tour.source, null),
  );
  const page = context.tourAddress?.(tour.key);
  const stops = h("ol", { class: "stops" }, ...tour.stops.map((stop) => stopRow(stop, tour, context)), isRound(tour) && backRow(tour));
  const more = [h("section", { class: "card-part" }, h("h3", { text: t("Stops") }), stops, page && h("p", {}, h("a", { href: page, text: t("Timetable and print") })))];
  return { head: head(h("span", { class: "sign sign-stop" }, icon("walk")), tour.name, context.parks.get(tour.park)), facts: body, more };
}

/** A round has a leg after its last stop. */
function isRound(tour) {
  return tour.legs.some((leg) => leg.properties.position >= tour.stops.length);
}

function backRow(tour) {
  return h("li", {}, h("b", { class: "stop-number", text: number(1) }), h("span", { class: "stop-words" }, t("Back at the start"), quiet(clockAfter(tour.starts_at, tour.total_min))));
}

function stopRow(stop, tour, context) {
  const place = stop.facility ? context.model.find({ kind: "facility", key: stop.facility }) : context.model.companies.find((one) => one.places.some((p) => p.key === stop.company));
  const name = place ? link(place, stop.name, context) : h("span", { text: stop.name });
  const times = `${clockAfter(tour.starts_at, stop.arrives_min)} · ${minutes(stop.dwell_min)}`;
  const doubt = { street: t("place approximate"), schematic: t("outline schematic") }[stop.location_quality];
  return h("li", {}, h("b", { class: "stop-number", text: number(stop.position) }), h("span", { class: "stop-words" }, name, h("span", { class: "quiet", text: times }), doubt && hint(doubt)));
}
