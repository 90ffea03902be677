/** The card of a tour, and the tours and meetings that something is part of. */
import { h } from "#page/dom";
import { fact, facts, head, hint, link, quiet, sourceFact } from "#cards/facts";
import { icon, tourSign } from "#page/icons";
import { clock, day, metres, minutes, N_, number, t } from "#page/i18n";
import { recordOf } from "#map/model";
import { lookOf } from "#tours/tour_looks";

/** Return the minutes that are neither walked nor spent on a visit. */
const restMin = (tour) => tour.total_min - tour.walk_min - tour.dwell_min;

/** Make the card of a tour. */
export function tourCard(tour, context) {
  const assumed = tour.time_basis === "assumed" && hint(t("assumed"));
  const body = facts(
    fact(t("Date"), day(tour.toured_on), clock(tour.starts_at), assumed),
    fact(
      t("Walk"),
      `${metres(tour.length_m)} · ${minutes(tour.walk_min)}`,
      tour.off_network_m > 0.5 &&
        h("span.quiet", t("of this {length} off the paths", { length: metres(tour.off_network_m) })),
    ),
    fact(
      t("In total"),
      h("strong", minutes(tour.total_min)),
      h("span.quiet", t("{time} of it at the stops", { time: minutes(tour.dwell_min) })),
      restMin(tour) >= 0.5 &&
        h("span.quiet", t("{time} waiting and pause", { time: minutes(restMin(tour)) })),
    ),
    fact(t("Note"), tour.note),
    sourceFact(tour.source, null),
  );
  const page = context.tourAddress?.(tour.key);
  const stops = h(
    "ol",
    { class: `card-stops ${lookOf(tour)}` },
    ...tour.stops.map((stop) => stopRow(stop, tour, context)),
    isRound(tour) && backRow(tour),
  );
  const more = [
    h(
      "section.card-part",
      h("h3", t("Stops")),
      stops,
      page && h("p", h("a", { href: page }, t("Timetable and print"))),
    ),
  ];
  return { head: head(tourSign(tour), tour.name, context.parks.get(tour.park)), facts: body, more };
}

/** A round has a leg after its last stop. */
function isRound(tour) {
  return tour.legs.some((leg) => leg.properties.position >= tour.stops.at(-1).position);
}

function backRow(tour) {
  return h(
    "li",
    h("b.stop-number", stopNumber(tour.stops[0])),
    h("span.stop-words", t("Back at the start"), quiet(clock(tour.ends_at))),
  );
}

/** The number of a stop; a dot where people meet. */
const stopNumber = ({ position }) => (position ? number(position) : "•");

function stopRow(stop, tour, context) {
  const place = recordOf(context.model, stop);
  const name = place ? link(place, stop.name, context) : h("span", stop.name);
  const times = `${clock(stop.arrives_at)} · ${stop.position ? minutes(stop.dwell_min) : t("Meeting point")}`;
  const doubt = { street: t("location approximate"), schematic: t("outline schematic") }[
    stop.location_quality
  ];
  return h(
    "li",
    h("b.stop-number", stopNumber(stop)),
    h("span.stop-words", name, h("span.quiet", times), doubt && hint(doubt)),
  );
}

/** Make the part of a card that tells the tours and meetings a company or facility is part of; may be empty. */
export function partIn(record, context) {
  const stopsHere = (stop) =>
    record.kind === "company"
      ? record.places.some((place) => place.key === stop.company)
      : stop.facility === record.key;
  const tours = context.model.tours.filter((tour) =>
    tour.stops.some((stop) => stop.position && stopsHere(stop)),
  );
  const roleIn = (meeting) =>
    meeting.parts.find((part) => record.kind === "company" && part.company === record.key)?.role ??
    (tours.some((tour) => tour.key === meeting.tour) ? "visited" : null);
  const meetings = context.links.meetings
    .map((meeting) => [meeting, roleIn(meeting)])
    .filter(([, role]) => role);
  if (!tours.length && !meetings.length) return [];
  const rows = [
    ...tours.map((tour) =>
      h("li", icon("walk"), h("span", link(tour, tour.name, context), quiet(` ${day(tour.toured_on)}`))),
    ),
    ...meetings.map(([meeting, role]) =>
      h(
        "li",
        icon("group"),
        h("span", meeting.title, quiet(` ${day(meeting.held_on)}, ${t(ROLES[role] ?? role)}`)),
      ),
    ),
  ];
  return [h("section.card-part", h("h3", t("Tours and meetings")), h("ul.plain-list", ...rows))];
}

const ROLES = {
  hosted: N_("host"),
  invited: N_("invited"),
  accepted: N_("accepted"),
  declined: N_("declined"),
  attended: N_("took part"),
  absent: N_("absent"),
  visited: N_("visited on the tour"),
};
