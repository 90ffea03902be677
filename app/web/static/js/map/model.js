/** What there is on one day, as records that lists, cards and map share. */
import { haystack } from "#page/search";
import { withLooks } from "#tours/tour_looks";

/**
 * @typedef {{kind: string, key: string, name: string, park: string|null, filter: string, hay: object,
 *   isUncertain: boolean}} Thing
 *   `filter` is the value its tab can be narrowed by: sector group, use status, facility kind; `isUncertain`: it is
 *   not known whether it was there on the day
 */

/**
 * Build the records of a day.
 * @param {Record<string, {features: any[]}>} data collections by name
 * @param {(kind: string, value: string) => string} label words for sectors, states and kinds
 * @param {(row: object) => boolean} [isUncertain] whether it is not known that a row holds on the day
 * @returns {{companies: any[], plots: any[], facilities: any[], tours: any[], parks: Map<string, any>,
 *   find: (sel: {kind: string, key: string}|null) => any, on: (plot: string) => any[],
 *   adopt: (features: any[]) => any[]}}
 *   `adopt` makes records of plots that came later, and lets `find` find them
 */
export function buildModel(data, label, isUncertain = () => false) {
  const parks = new Map(data.parks.features.map((f) => [f.properties.key, f.properties.name]));
  const companies = companiesOf(data.companies.features, parks, label, isUncertain);
  const occupants = occupantsOf(companies);
  const facilities = data.facilities.features
    .map((f) => ({ ...facilityOf(f, parks, label), isUncertain: isUncertain(f.properties) }))
    .sort(byFacility);
  const toPlot = (feature) => withUsers(plotOf(feature, parks, occupants, label), facilities);
  const model = {
    companies,
    plots: data.plots.features.map(toPlot).sort(byName),
    facilities,
    tours: withLooks(data.tours.features.map((f) => tourOf(f, data, parks))).sort((a, b) =>
      a.toured_on < b.toured_on ? 1 : -1,
    ),
    parks,
    occupants,
  };
  const byId = new Map(
    [...companies, ...model.plots, ...model.facilities, ...model.tours].map((r) => [idOf(r), r]),
  );
  return {
    ...model,
    find: (sel) => (sel ? (byId.get(idOf(sel)) ?? null) : null),
    on: (plot) => occupants.get(plot) ?? [],
    adopt: (features) => {
      const records = features.map(toPlot);
      for (const record of records) byId.set(idOf(record), record);
      return records;
    },
  };
}

/** Return street and number, or null. */
export function addressOf(place) {
  return place.street ? [place.street, place.house_number].filter(Boolean).join(" ") : null;
}

/** Return `kind:key`. */
export function idOf(thing) {
  return `${thing.kind}:${thing.key}`;
}

/** Return the keys of the plots a record covers. */
export function plotsOf(record) {
  if (!record) return [];
  if (record.kind === "plot") return [record.key];
  if (record.kind === "company")
    return [...new Set(record.places.map((place) => place.plot).filter(Boolean))];
  return record.kind === "facility" && record.facilityKind === "truck_parking" && record.plot
    ? [record.plot]
    : [];
}

const byName = (a, b) => a.name.localeCompare(b.name, "de", { numeric: true, sensitivity: "base" });
const KIND_ORDER = ["truck_parking", "fuel", "bus_stop"];
const byFacility = (a, b) => KIND_ORDER.indexOf(a.filter) - KIND_ORDER.indexOf(b.filter) || byName(a, b);

function companiesOf(features, parks, label, isUncertain) {
  const firms = new Map();
  for (const { properties, geometry } of features) {
    const place = { ...properties, at: latLon(geometry.coordinates), isUncertain: isUncertain(properties) };
    if (firms.has(properties.company)) firms.get(properties.company).places.push(place);
    else
      firms.set(properties.company, {
        ...properties,
        kind: "company",
        key: properties.company,
        places: [place],
      });
  }
  return [...firms.values()]
    .map((firm) => ({
      ...firm,
      ...companyWords(firm, parks, label),
      isUncertain: firm.places.every((place) => place.isUncertain),
    }))
    .sort(byName);
}

function companyWords(firm, parks, label) {
  const places = firm.places.flatMap((p) => [addressOf(p), p.plot, parks.get(p.park)]);
  const filter = firm.sector_group ?? "unknown";
  return {
    filter,
    hay: haystack([
      firm.name,
      firm.group_name,
      firm.sector,
      ...places,
      label("sectors", filter),
      firm.wz_code,
    ]),
  };
}

function occupantsOf(companies) {
  const occupants = new Map();
  for (const company of companies) {
    for (const plot of new Set(company.places.map((place) => place.plot).filter(Boolean))) {
      occupants.set(plot, [...(occupants.get(plot) ?? []), company]);
    }
  }
  return occupants;
}

function plotOf({ properties, geometry }, parks, occupants, label) {
  const firms = occupants.get(properties.key) ?? [];
  const words = [
    properties.key,
    properties.label,
    properties.parcel_number,
    properties.street,
    parks.get(properties.park),
  ];
  return {
    ...properties,
    kind: "plot",
    name: properties.label || properties.key,
    filter: properties.use_status,
    firms,
    at: latLon(middle(geometry)),
    hay: haystack([
      ...words,
      label("plots", properties.use_status),
      properties.marketing_status && label("marketing", properties.marketing_status),
      ...firms.map((firm) => firm.name),
    ]),
  };
}

/**
 * A plot's use is as sure as those who use it: its boundary is known as far back as anything is, but if it is not
 * known that they were there, its use is not known either.
 */
function withUsers(plot, facilities) {
  const users = [...plot.firms, ...facilities.filter((facility) => facility.plot === plot.key)];
  const isUsed = ["occupied", "facility"].includes(plot.use_status);
  return { ...plot, isUncertain: isUsed && users.length > 0 && users.every((user) => user.isUncertain) };
}

function facilityOf({ properties, geometry }, parks, label) {
  const words = [
    properties.name,
    label("facilities", properties.kind),
    properties.plot,
    parks.get(properties.park),
    properties.amenities,
  ];
  return {
    ...properties,
    facilityKind: properties.kind,
    kind: "facility",
    filter: properties.kind,
    at: latLon(middle(geometry)),
    hay: haystack(words),
  };
}

function tourOf({ properties, geometry }, data, parks) {
  const ofTour = ({ properties: p }) => p.tour === properties.key;
  const stops = data["tour-stops"].features
    .filter(ofTour)
    .map(({ properties: p, geometry: g }) => ({ ...p, at: latLon(g.coordinates) }));
  const legs = data["tour-legs"].features.filter(ofTour);
  stops.sort((a, b) => a.position - b.position);
  legs.sort((a, b) => a.properties.position - b.properties.position || a.properties.part - b.properties.part);
  return {
    ...properties,
    kind: "tour",
    name: properties.title,
    filter: "tour",
    stops,
    legs,
    geometry,
    hay: haystack([properties.title, parks.get(properties.park), ...stops.map((stop) => stop.name)]),
  };
}

/** Return Leaflet's order of a GeoJSON position. */
export function latLon([lon, lat]) {
  return [lat, lon];
}

/**
 * Return a position in the middle of a geometry: a point itself, else the centroid of its largest ring.
 * @param {{type: string, coordinates: any}} geometry
 * @returns {[number, number]} longitude, latitude
 */
export function middle(geometry) {
  if (geometry.type === "Point") return geometry.coordinates;
  const rings =
    geometry.type === "Polygon"
      ? [geometry.coordinates[0]]
      : geometry.coordinates.map((polygon) => polygon[0]);
  const [best] = rings.map(centroid).sort((a, b) => b.area - a.area);
  return best.at;
}

/** Return the point half along a line of positions, in Leaflet's order. */
export function halfway(line) {
  const narrow = Math.cos((line[0][1] * Math.PI) / 180);
  const lengths = line.slice(1).map(([x, y], i) => Math.hypot((x - line[i][0]) * narrow, y - line[i][1]));
  let left = lengths.reduce((sum, length) => sum + length, 0) / 2;
  const i = Math.max(
    0,
    lengths.findIndex((length) => (left -= length) <= 0),
  );
  const [[ax, ay], [bx, by]] = [line[i], line[i + 1]];
  const share = 1 + left / (lengths[i] || 1);
  return latLon([ax + (bx - ax) * share, ay + (by - ay) * share]);
}

/** Return the keys of the parks that a record is in. */
export function parksOf({ places, park }) {
  return places ? places.map((place) => place.park) : [park];
}

/**
 * Return the company or facility of a stop, a company by its own key or by that of a place; null for none.
 * @param {any} model
 * @param {{company?: string, facility?: string}} stop
 */
export function recordOf(model, { company, facility }) {
  if (facility) return model.find({ kind: "facility", key: facility });
  if (!company) return null;
  const has = (one) => one.places.some((place) => place.key === company);
  return model.find({ kind: "company", key: company }) ?? model.companies.find(has) ?? null;
}

function centroid(ring) {
  const [ox, oy] = ring[0];
  let [area, x, y] = [0, 0, 0];
  for (let i = 0; i + 1 < ring.length; i += 1) {
    const [ax, ay, bx, by] = [ring[i][0] - ox, ring[i][1] - oy, ring[i + 1][0] - ox, ring[i + 1][1] - oy];
    const cross = ax * by - bx * ay;
    area += cross;
    x += (ax + bx) * cross;
    y += (ay + by) * cross;
  }
  return area
    ? { area: Math.abs(area), at: [ox + x / (3 * area), oy + y / (3 * area)] }
    : { area: 0, at: ring[0] };
}
