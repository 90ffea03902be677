/** „Herunterladen“: a menu of all forms in which what is shown can be had. */
import { downloadAddress, isAmong } from "#page/api";
import { embedded, h } from "#page/dom";
import { icon } from "#page/icons";
import { t } from "#page/i18n";

// What a list is narrowed by, and what names its records.
const FILTERED = { companies: "sector_group", plots: "use_status", facilities: "kind" };
const NAMED = { companies: "company", plots: "key", facilities: "key", tours: "key" };
// Of plots, which are narrowed by these, too.
const STATUSES = ["available", "reserved", "allocated", "unavailable"];
// Longer addresses are not taken by every server on the way.
const LONGEST = 3000;

/**
 * Return the parameters of the API that give what a list shows.
 *
 * Records found by words are named one by one; where these are too many, the words are left out.
 * @param {{tab: string, on: string, park: string|null, only: string[], q: string}} state
 * @param {{key: string}[]} records those listed
 * @returns {{choice: Record<string, string|null>, isAll: boolean}} `isAll`: without the words
 */
export function choiceOf({ tab, on, park, only, q }, records) {
  const choice = { on, park };
  if (q) {
    const named = isAmong(
      NAMED[tab],
      records.map(({ key }) => key),
    );
    if (named.length < LONGEST) return { choice: { ...choice, filter: named }, isAll: false };
  }
  const offered = tab === "plots" ? only.filter((value) => STATUSES.includes(value)) : [];
  const others = only.filter((value) => !offered.includes(value));
  if (only.length === 1) choice[offered.length ? "marketing_status" : FILTERED[tab]] = only[0];
  else if (only.length)
    choice.filter = [
      others.length && isAmong(FILTERED[tab], others),
      offered.length && isAmong("marketing_status", offered),
    ]
      .filter(Boolean)
      .join(" AND ");
  return { choice, isAll: Boolean(q) };
}

/**
 * Make the menu; null where there is nothing to ask.
 * @param {string} name the collection
 * @param {Record<string, string|null>} choice parameters of the API
 * @param {{title?: string, note?: string|null}} [words] what a hand that waits is told, and what stands above the forms
 * @returns {HTMLElement|null}
 */
export function downloadMenu(name, choice, { title = null, note = null } = {}) {
  const forms = (embedded("download-forms") ?? []).filter(({ only }) => only === null || only === name);
  if (!forms.length) return null;
  const button = h(
    "button",
    {
      type: "button",
      class: "btn btn-quiet btn-sm dropdown-toggle",
      title,
      "aria-expanded": "false",
      // The list scrolls, the menu does not with it.
      dataset: { bsToggle: "dropdown", bsPopperConfig: '{"strategy":"fixed"}', value: "download" },
    },
    icon("download"),
    t("Download"),
  );
  const links = forms.map((form) =>
    h(
      "li",
      {},
      h(
        "a",
        // A plain link: the service says itself that it is to be saved, and a refusal is a page to be read.
        { class: "dropdown-item", href: downloadAddress(name, form.name, choice) },
        h("span.form-title", form.title),
        h("span.form-purpose", form.purpose),
      ),
    ),
  );
  const head = note && h("li", h("p.dropdown-header", note));
  return h("div.dropdown.downloads", button, h("ul.dropdown-menu", head, ...links));
}
