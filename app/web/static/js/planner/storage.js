/** What was typed into the planner, as a draft of whoever is signed in; of visitors as one of this tab. */
import { draftOf, draftsOf, isSame, removeDraft, savedOf, storeDraft, watchDrafts } from "#page/drafts";
import { embedded } from "#page/dom";
import { t } from "#page/i18n";

// Rises when what is stored means something else: since 2, positions count from 0.
const FORM = 2;
const TAB = "planner:tab";

const personOf = () => embedded("account")?.account.person ?? "";

/** Return what tells the new tours of this tab from those of others; an address may go on with another tab's. */
function tab() {
  const here = new URL(location.href);
  const found =
    here.searchParams.get("draft") ??
    sessionStorage.getItem(TAB) ??
    crypto.getRandomValues(new Uint32Array(2)).join("-");
  sessionStorage.setItem(TAB, found);
  return found;
}

function draft(key, person, content = {}) {
  const address = location.pathname + (key === null ? `?draft=${tab()}` : "");
  const { request, version } = content;
  const base = key === null ? tab() : String(version ?? "");
  const title = key === null ? t("New tour") : t("Tour");
  const values = { form: FORM, ...content };
  return {
    person,
    park: "",
    form: `planner:${key ?? "new"}`,
    base,
    address,
    title,
    name: request?.title || `${request?.on}`,
    values,
  };
}

/**
 * Store what was typed.
 * @param {string|null} key of the stored tour, null for one not stored
 * @param {{request: object, version: number|null, isChanged: boolean}} content `isChanged`: other than stored
 */
export function storeTour(key, content) {
  const now = draft(key, personOf(), content);
  return content.isChanged ? storeDraft(now) : removeDraft(now);
}

/** Return what was stored, null when nothing was or it cannot be read. */
export async function loadTour(key) {
  const person = personOf();
  const found = key === null ? await newTour(person) : await draftOf(person, `planner:${key}`);
  return found?.values.form === FORM ? found.values : null;
}

/** Return the new tour of this tab; one that was planned before signing in becomes the person's. */
async function newTour(person) {
  const [own, visitors] = [draft(null, person), draft(null, "")];
  const found = (await draftsOf(person)).find((one) => isSame(one, own));
  if (found || person === "") return found;
  const before = (await draftsOf("")).find((one) => isSame(one, visitors));
  if (!before) return null;
  await storeDraft({ ...before, person });
  await removeDraft(before);
  return before;
}

/** Remove what the service has saved: what was made from a version, as far as it was typed before it was sent. */
export async function removeSaved(key, version, sentAt) {
  const { person, form, base } = draft(key, personOf(), { version });
  await Promise.all(savedOf(await draftsOf(person), [[form, base, sentAt]]).map(removeDraft));
}

/** Remove what was stored, of whatever version. */
export async function removeTour(key) {
  const one = draft(key, personOf());
  const all = await draftsOf(one.person);
  await Promise.all(
    all.filter(({ form, base }) => form === one.form && (key !== null || base === one.base)).map(removeDraft),
  );
}

/**
 * Learn what another tab makes of the same tour, as long as both began with the same version of it.
 * @param {() => {key: string|null, version: number|null}} shown
 */
export function watchTour(shown, take) {
  watchDrafts(({ what, draft: other }) => {
    const { key, version } = shown();
    if (what === "stored" && isSame(draft(key, personOf(), { version }), other)) take(other.values);
  });
}
