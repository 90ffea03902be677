/** A session that has ended begins anew in place: nobody leaves the page, and what was to be saved goes on. */
import { fetchFrom, json } from "#page/api";
import { button, first, h } from "#page/dom";
import { t } from "#page/i18n";

/** Return who is signed in, with the token that proves that what is sent is our page's: `{person, name, token}`. */
async function session(address) {
  return json(await fetchFrom(address, { headers: { Accept: "application/json" } }));
}

/** Whether a session is that of an account, by whatever name. */
const isOf = (now, account) => now.person !== null && now.person === account.person;

/**
 * Return the token of the session, after signing in anew where it has ended; null when the person gave up.
 * @param {{person: number, name: string, session: string, login: string}} account `session` and `login` are addresses
 * @returns {Promise<string|null>}
 */
export async function tokenOf(account) {
  const now = await session(account.session);
  if (isOf(now, account)) return now.token;
  return new Promise((resolve) => new SignIn(account, now.name, resolve));
}

/** Return what a page of signing in has: form, complaint, another way in; none is there when it went through. */
function partsOf(page) {
  const [form, problem, other] = ["main form", "main [role=alert]", "main .sign-in-by"].map((one) =>
    first(page, one),
  );
  return { form, problem, other };
}

/** The dialog: it shows the forms of the pages of signing in, the second factor included. */
class SignIn {
  constructor(account, other, done) {
    this.account = account;
    this.place = h("div");
    const mine = t("Sign in again to go on; what you typed stays.");
    const theirs = t("{name} is signed in here now. What you typed stays as a draft of {mine}.", {
      name: other ?? "",
      mine: account.name,
    });
    this.dialog = h(
      "dialog.sign-in-again",
      { "aria-labelledby": "sign-in-again" },
      h("h2", { id: "sign-in-again" }, other ? t("Somebody else is signed in") : t("Your session has ended")),
      h("p", other ? theirs : mine),
      this.place,
      button(other ? t("Close") : t("Not now"), () => this.dialog.close(), { class: "btn btn-quiet" }),
    );
    this.token = null;
    const look = () => this.look();
    globalThis.addEventListener("focus", look);
    this.dialog.addEventListener("close", () => {
      globalThis.removeEventListener("focus", look);
      this.dialog.remove();
      done(this.token);
    });
    document.body.append(this.dialog);
    this.dialog.showModal();
    if (!other) this.ask(`${account.login}?next=${encodeURIComponent(account.session)}`);
  }

  async ask(address, options = {}) {
    try {
      await this.show(await fetchFrom(address, options));
    } catch (error) {
      this.place.replaceChildren(h("p.alert.alert-danger", { role: "alert" }, error.message));
    }
  }

  async show(response) {
    if (response.headers.get("Content-Type")?.includes("json")) return this.end(await response.json());
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const { form, problem, other } = partsOf(page);
    if (!(form instanceof HTMLFormElement)) return this.dialog.close();
    for (const link of form.querySelectorAll("a")) link.remove();
    const name = form.querySelector("#name");
    if (name instanceof HTMLInputElement) Object.assign(name, { readOnly: true, value: this.account.name });
    // The page stays where it is; whoever signed in elsewhere comes back to it.
    for (const link of other?.querySelectorAll("a") ?? [])
      Object.assign(link, { target: "_blank", search: "" });
    this.place.replaceChildren(
      ...[problem, form, other].filter(Boolean).map((one) => document.adoptNode(one)),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.ask(response.url, { method: "POST", body: new FormData(form) });
    });
    const empty = [...form.querySelectorAll("input")].find(({ type, value }) => type !== "hidden" && !value);
    empty?.focus();
  }

  /** Go on where the person has signed in meanwhile, in another tab. */
  async look() {
    const now = await session(this.account.session).catch(() => null);
    if (now && isOf(now, this.account)) this.end(now);
  }

  end(now) {
    if (isOf(now, this.account)) this.token = now.token;
    this.dialog.close();
  }
}

// Whoever presses once more after that means it: the first answer was stopped or never came.
const SENT_FOR_MS = 10_000;

/**
 * Let a form be sent only while its person is signed in, with the token of that session, and once: a double click
 * saves nothing twice.
 * @param {HTMLFormElement} form
 * @param {any} account as `tokenOf` takes it
 */
export function guardForm(form, account) {
  let isSure = false;
  let isOnItsWay = false;
  const settle = () => (isOnItsWay = false);
  // The page is there again by “back”.
  globalThis.addEventListener("pageshow", settle);
  // Which draft is saved with it: what is typed later is none of it.
  form.addEventListener("formdata", ({ formData }) => formData.set("sent_at", String(Date.now())));
  form.addEventListener("submit", async (event) => {
    if (isSure) {
      isSure = false;
      setTimeout(settle, SENT_FOR_MS);
      return;
    }
    event.preventDefault();
    if (isOnItsWay) return;
    isOnItsWay = true;
    const { submitter } = event;
    const token = await tokenOf(account).catch((error) => complain(form, error));
    const field = form.elements.namedItem("csrf_token");
    if (!token || !(field instanceof HTMLInputElement)) return settle();
    field.value = token;
    isSure = true;
    form.requestSubmit(submitter);
  });
}

function complain(form, error) {
  first(form, ".not-sent")?.remove();
  form.append(h("p.alert.alert-danger.not-sent", { role: "alert" }, error.message));
  return null;
}
