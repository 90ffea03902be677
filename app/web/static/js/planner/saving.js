/** Keeping the tour: save, copy, publish, withdraw, share without an account; for staff alone. */
import { Unavailable, failureSentence } from "#page/api";
import { button, copyText, first, focused, h } from "#page/dom";
import { t } from "#page/i18n";
import { labeled, show } from "#planner/stops/fields";
import { glyph } from "#planner/plan/glyphs";
import { deletionQuestion, publicTexts, publishingQuestion } from "#planner/questions";
import { Gone, Stale } from "#planner/service";

const STATES = { draft: () => t("Draft"), published: () => t("Published"), withdrawn: () => t("Withdrawn") };

/** Return what of a request everybody reads once it is public, as one text to compare. */
const textsOf = (request) => JSON.stringify(publicTexts(request));

/** The bar with the title and the buttons that store. */
export class Saving {
  /**
   * @param {HTMLElement} place
   * @param {any} service
   * @param {{key: string|null, isStaff: boolean, role: string|null, login: string, planner: string, tours: string}} config
   * @param {{request: () => any, isChanged: () => boolean, rename: (title: string) => void,
   *   isFaulty: () => boolean, saved: (key: string, version: number, sentAt: number, request?: any) => void, leave: (key: string) => void,
   *   reload: () => void, deleted: () => void,
   *   say: (sentence: string) => void}} actions
   */
  constructor(place, service, config, actions) {
    this.place = place;
    this.service = service;
    this.config = config;
    this.actions = actions;
    this.key = config.key;
    this.state = null;
    this.isBusy = false;
    this.title = h("input.input", {
      type: "text",
      maxlength: 120,
      placeholder: t("Tour without a title"),
      on: { input: () => actions.rename(this.title.value) },
    });
    this.buttons = h("div.save-buttons");
    this.notes = h("div.save-notes");
    place.append(labeled(t("Title"), this.title, { class: "field is-title" }), this.buttons, this.notes);
  }

  /** Show what is stored: `{status, version, share, note}` with its request, null when nothing is. */
  stored(state, request) {
    Object.assign(this, { state, isPublicNow: textsOf(request) });
    this.refresh();
  }

  /** Show the request's title, and which buttons can be pressed now. */
  refresh() {
    show(this.title, this.actions.request().title);
    if (!this.config.isStaff) this.buttons.replaceChildren(this.hint());
    else this.showButtons();
  }

  hint() {
    const { role } = this.config;
    if (role) {
      const why = t("Your account has the role {role}: you plan, but only staff saves and shares tours.", {
        role,
      });
      return h("p.quiet.save-hint", why);
    }
    const here = encodeURIComponent(location.pathname);
    const login = h("a", { href: `${this.config.login}?next=${here}` }, t("Sign in"));
    return h("p.quiet.save-hint", login, ` ${t("to save and share the tour.")}`);
  }

  showButtons() {
    const before = this.buttons.contains(document.activeElement) ? this.focusedVerb() : null;
    const isNew = this.key === null;
    const isChanged = this.actions.isChanged();
    const isEmpty = !this.actions.request().stops.length;
    const isOff = isEmpty || (!isNew && !isChanged) || this.actions.isFaulty();
    const made = [this.tool("save", t("Save"), () => this.askToSave(), isOff, "btn-primary")];
    if (!isNew) made.push(...this.storedButtons(isChanged));
    this.buttons.replaceChildren(...made, this.stateMark(isNew, isChanged));
    if (before) first(this.buttons, `[data-verb="${before}"]`)?.focus();
    this.showShare();
  }

  storedButtons(isChanged) {
    const isPublished = this.state?.status === "published";
    return [
      this.tool("copy", t("Copy"), () => this.copy(), isChanged),
      isPublished
        ? this.tool("withdraw", t("Withdraw"), () => this.turn("withdraw"), false)
        : this.tool("publish", t("Publish"), () => this.askToPublish(), isChanged),
      // It stays when there is a link: “Delete” must not slip under the finger that pressed it.
      this.tool("share", t("Share link"), () => this.share(), isChanged || Boolean(this.state?.share)),
      this.state && !isPublished && this.tool("delete", t("Delete"), () => this.askToDelete(), false),
    ].filter(Boolean);
  }

  tool(verb, words, press, isOff, look = "btn-quiet") {
    const drawn = { publish: "globe", withdraw: "remove" }[verb] ?? verb;
    const more = {
      class: `btn btn-sm ${look}`,
      title: words,
      disabled: isOff || this.isBusy,
      dataset: { verb },
    };
    return button([glyph(drawn), h("span", words)], press, more);
  }

  stateMark(isNew, isChanged) {
    const words = isNew
      ? ""
      : `${STATES[this.state?.status]?.() ?? ""}${isChanged ? ` · ${t("changes not saved")}` : ""}`;
    return h("span.save-state.quiet", words);
  }

  showShare() {
    if (!this.state?.share) {
      this.shareRow?.remove();
      this.shareRow = null;
      return;
    }
    if (this.shareRow) return;
    const address = new URL(this.state.share, location.origin).href;
    const field = h("input.input", { readonly: true, value: address, "aria-label": t("Share link") });
    field.addEventListener("focus", () => field.select());
    const copy = button(t("Copy link"), () => this.copyLink(field));
    const revoke = button(t("Revoke link"), () => this.unshare());
    this.shareRow = h("div.share-row", field, copy, revoke);
    this.place.insertBefore(this.shareRow, this.notes);
  }

  async copyLink(field) {
    await copyText(field);
    this.actions.say(t("Link copied."));
  }

  save() {
    return this.run(async () => {
      const [request, sentAt] = [this.actions.request(), Date.now()];
      const stored = await this.service.save(this.key, request, this.state?.version ?? null);
      this.key = stored.key;
      this.state = { status: "draft", share: null, note: null, ...this.state, ...stored };
      this.isPublicNow = textsOf(request);
      this.actions.saved(stored.key, stored.version, sentAt, request);
      this.actions.say(t("Saved."));
    });
  }

  /** What is typed into a tour that is public is public when it is saved. */
  askToSave() {
    const isSeen = this.state?.status !== "published" || this.isPublicNow === textsOf(this.actions.request());
    if (isSeen) return this.save();
    return this.ask("save", t("Save and publish"), () => this.save());
  }

  askToPublish() {
    return this.ask("publish", t("Publish now"), () => this.turn("publish"));
  }

  /** Show what everybody will read; whoever answers no is where they were. */
  ask(verb, words, yes) {
    const texts = publicTexts(this.actions.request(), this.state?.note);
    this.question(publishingQuestion(texts, { yes, no: () => this.keepAsIs(verb) }, words));
  }

  question({ element, focus }) {
    this.notes.replaceChildren(element);
    focus();
  }

  keepAsIs(verb) {
    this.notes.replaceChildren();
    first(this.buttons, `[data-verb="${verb}"]`)?.focus();
  }

  copy() {
    return this.run(async () => this.actions.leave((await this.service.act(this.key, "copy")).key));
  }

  turn(verb) {
    return this.run(async () => {
      const sentAt = Date.now();
      this.state = { ...this.state, ...(await this.service.act(this.key, verb, this.state.version)) };
      this.key = this.state.key;
      this.actions.saved(this.key, this.state.version, sentAt);
      this.actions.say(
        verb === "publish" ? t("The tour is public now.") : t("The tour is no longer public."),
      );
    });
  }

  share() {
    return this.run(async () => {
      const { url, ...more } = await this.service.act(this.key, "share");
      this.state = { ...this.state, ...more, share: url };
      this.actions.say(t("Anyone who has the link can see the tour."));
    });
  }

  unshare() {
    return this.run(async () => {
      await this.service.unshare(this.key);
      this.state = { ...this.state, share: null };
      this.actions.say(t("The link no longer works."));
    });
  }

  /** Ask once more; whoever answers no is where they were. */
  askToDelete() {
    this.question(
      deletionQuestion(this.title.value, { yes: () => this.delete(), no: () => this.keepAsIs("delete") }),
    );
  }

  delete() {
    return this.run(async () => {
      await this.service.remove(this.key, this.state.version);
      this.actions.deleted();
    });
  }

  /** Do one thing at a time; a failure is told and loses nothing. */
  async run(act) {
    const verb = this.focusedVerb();
    this.isBusy = true;
    this.notes.replaceChildren();
    this.refresh();
    try {
      await act();
    } catch (error) {
      this.fail(error);
    } finally {
      this.isBusy = false;
      this.refresh();
      if (verb && document.activeElement === document.body) this.focusAfter(verb);
    }
  }

  focusedVerb() {
    const now = focused();
    if (this.shareRow?.contains(now)) return "share";
    return this.buttons.contains(now) ? now.dataset.verb : null;
  }

  /** Buttons come and go: whoever works by keyboard goes on beside the one that was pressed. */
  focusAfter(verb) {
    if (verb === "share" && this.shareRow) return this.shareRow.querySelector("input").focus();
    const same = first(this.buttons, `[data-verb="${verb}"]:enabled`);
    (same ?? first(this.buttons, "[data-verb]:enabled"))?.focus();
  }

  fail(error) {
    const known = failureSentence(error);
    const parts = [h("p", known)];
    if (error instanceof Stale || (error instanceof Gone && this.key !== null))
      parts.push(h("p", t("Your changes are kept here.")), this.staleButtons());
    this.notes.replaceChildren(
      h("div.notice.is-wrong", { role: "alert" }, glyph("warn"), h("div", ...parts)),
    );
    if (!(error instanceof Unavailable)) throw error;
  }

  staleButtons() {
    const anew = () => {
      this.key = null;
      this.state = null;
      return this.save();
    };
    return h(
      "div.save-buttons",
      button(t("Save as a tour of its own"), anew),
      button(t("Discard my changes and reload the tour"), () => this.actions.reload()),
    );
  }
}
