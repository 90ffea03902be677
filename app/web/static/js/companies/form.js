/** A form of the business cases: each gesture is stored as a draft, which is there again when the form is. */
import { isAlike, putValues, valuesOf } from "#companies/values";
import { draftOf, isSame, removeDraft, storeDraft, watchDrafts } from "#page/drafts";
import { button, byId, embedded, h } from "#page/dom";
import { instant, t } from "#page/i18n";

const form = byId("case-form", HTMLFormElement);
const { account } = embedded("account");
const { form: id, title, name, park } = form.dataset;
// What the service made of an earlier step holds what was typed already.
const isFresh = "isFresh" in form.dataset;
const given = valuesOf(form);
const touched = new Set();
const notice = h("div.alert.alert-info.narrow-form", { role: "status", hidden: true });
form.before(notice);

const draft = () => {
  const values = valuesOf(form);
  return { person: account.person, park, form: id, base: values.base, address: id, title, name, values };
};

/** Put values into the form; what shows a field of it otherwise, such as on a map, follows. */
function put(values, without) {
  putValues(form, values, without);
  for (const field of form.elements)
    if ("name" in field && field.name)
      for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind));
}

function say(sentence, ...more) {
  notice.hidden = false;
  notice.replaceChildren(h("p.mb-2", sentence), ...more);
}

async function discard() {
  await removeDraft(draft());
  location.replace(id);
}

function keep(event) {
  touched.add(event.target.name);
  const now = draft();
  if (isFresh && isAlike(now.values, given)) removeDraft(now);
  else storeDraft(now);
}

form.addEventListener("input", keep);
form.addEventListener("change", keep);

watchDrafts(({ what, draft: other }) => {
  if (!isSame(other, draft())) return;
  if (what === "stored") put(other.values);
  say(
    what === "stored"
      ? t("This form is open in another tab, too: both show the same.")
      : t("This draft was saved or discarded in another tab."),
  );
});

const before = isFresh ? await draftOf(account.person, id) : null;
if (before) {
  put(before.values, touched);
  say(
    t("Your draft, typed {when}, is here again.", { when: instant(before.at) }),
    button(t("Discard the draft"), discard, { class: "btn btn-quiet" }),
  );
}
