/** What every page does for who is signed in: it lists the drafts, and lets no form meet a session that has ended. */
import { draftsOf, forgetVisitors, removeDraft, savedOf, watchDrafts } from "#page/drafts";
import { all, button, byId, embedded, h } from "#page/dom";
import { instant, learn, t, tn } from "#page/i18n";
import { guardForm } from "#page/signing_in";

const { account, saved, words } = embedded("account");
learn(document.documentElement.lang, words);

for (const form of all(document, "main form[method=post]"))
  if (form instanceof HTMLFormElement) guardForm(form, account);

const places = all(document, "[data-drafts]");

function line(draft) {
  const name = [draft.title, draft.name].filter(Boolean).join(" · ");
  const discard = () => removeDraft(draft);
  return h(
    "li",
    h(
      "a",
      { href: draft.address },
      h("span", name),
      h("span.quiet", t("typed {when}", { when: instant(draft.at) })),
    ),
    button(t("Discard"), discard, { name: t("Discard the draft: {name}", { name }) }),
  );
}

async function show() {
  const drafts = await draftsOf(account.person);
  for (const place of places) {
    place.hidden = !drafts.length;
    const heading = h("p.draft-list-head", tn(drafts.length, "{n} draft", "{n} drafts"));
    place.replaceChildren(heading, h("ul.draft-list", ...drafts.map(line)));
  }
  const mark = byId("draft-count");
  mark.hidden = !drafts.length;
  mark.textContent = tn(drafts.length, "{n} draft", "{n} drafts");
}

await Promise.all(savedOf(await draftsOf(account.person), saved).map(removeDraft));
await forgetVisitors();
watchDrafts(Object.assign(() => show(), { isOfOwn: true }));
await show();
document.documentElement.dataset.draftsShown = "";
