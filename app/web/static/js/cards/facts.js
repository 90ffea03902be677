/** What cards are put together from. */
import { button, h, webAddress } from "#page/dom";
import { icon } from "#page/icons";
import { state, t } from "#page/i18n";

/** Make the head of a card: a sign, the name, a line below it. */
export function head(mark, name, sub) {
  return h(
    "div.card-head",
    h("span.card-mark", mark),
    h("div", h("h2.card-name", { tabindex: "-1" }, name), sub && h("p.card-sub", sub)),
  );
}

/** List facts made by `fact`; null ones are left out. */
export function facts(...rows) {
  const list = h("dl.facts");
  for (const row of rows.filter(Boolean)) list.append(h("dt", row[0]), h("dd", ...row.slice(1)));
  return list;
}

/** Make a fact of a name and parts; null where no part says anything. */
export function fact(name, ...parts) {
  const shown = parts
    .flat()
    .filter((part) => part !== null && part !== undefined && part !== "" && part !== false)
    .map((part) => (typeof part === "string" ? h("span", part) : part));
  return shown.length ? [name, ...shown] : null;
}

/** Make a small word about how far to trust something. */
export function hint(text) {
  return h("span.hint", text);
}

/** Make a button that selects another record. */
export function link(record, name, context) {
  return button(name, () => context.pick(record), { class: "inline-link" });
}

/** Make a link to a web page of others; null for what is no web address. */
export function webLink(text) {
  const address = webAddress(text);
  if (!address) return null;
  const shown = new URL(address).hostname.replace(/^www\./, "");
  return h(
    "a",
    { href: address, rel: "noopener noreferrer", target: "_blank" },
    shown,
    icon("external"),
    h("span.visually-hidden", t("(opens in a new window)")),
  );
}

/** Make the fact that tells the source and its state. */
export function sourceFact(source, asOf) {
  if (!source) return null;
  const text = webAddress(source) ? webLink(source) : h("span", source);
  return fact(t("Source"), text, asOf && h("span.quiet", t("as of {asOf}", { asOf: state(asOf) })));
}

/** Make text that steps back. */
export function quiet(text) {
  return h("span.quiet", text);
}
