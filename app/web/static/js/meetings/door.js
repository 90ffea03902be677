/** The page of the door: empty until somebody searches; notes who is there, with a network or without one. */
import { byId, embedded, h, button } from "#page/dom";
import { clockAt, speak, t, tn } from "#page/i18n";
import { haystack, matching } from "#page/search";
import { forgetPage, keepPage } from "#walk/offline";
import {
  answerWords,
  LEAST_TYPED,
  notedAt,
  present,
  statusOf,
  undo,
  walkIn,
  walkIns,
} from "#meetings/door_entries";
import { axesOf, fold } from "#meetings/door_fold";
import { forgetLogs, isKept, keep, keptLog, thisPhone, waitingOf } from "#meetings/door_store";
import { exchange } from "#meetings/door_sync";

const EVERY_MS = 10_000;
const MOST_SHOWN = 6;
/** A firm that is written down has at least so many letters. */
const LEAST_OF_NEW = 3;
const door = embedded("door-page");
const field = byId("door-search", HTMLInputElement);

let device = "";
/** The log as the service told it last. */
let log = { state: door.state, events: door.events, companies: door.companies };
let waiting = [];
let isAway = !navigator.onLine;
/** Why the link opens nothing any more. */
let closedBecause = null;
let running = null;
let isAskedAgain = false;

async function main() {
  speak(door.language, embedded("messages"));
  device = await thisPhone();
  await forgetLogs(door.meeting);
  const kept = await keptLog(door.meeting);
  // The page may be one that the phone kept, and older than what came since.
  if (kept && kept.events.length > log.events.length) log = kept;
  waiting = await waitingOf(door.meeting);
  field.addEventListener("input", draw);
  byId("door-clear").addEventListener("click", clear);
  for (const [name, target] of /** @type {[string, EventTarget][]} */ ([
    ["online", globalThis],
    ["offline", globalThis],
    ["visibilitychange", document],
  ]))
    target.addEventListener(name, sync);
  setInterval(sync, EVERY_MS);
  draw();
  document.documentElement.classList.add("has-script");
  prepareOffline();
  await sync();
}

function clear() {
  field.value = "";
  draw();
  field.focus();
}

/** Return all that this phone knows: told by the service, and its own that is still to be sent. */
function known() {
  return [...log.events, ...waiting.filter(({ refusal }) => refusal === null).map(({ entry }) => entry)];
}

/** Note something: it is kept before the page shows it. */
async function note(make) {
  // Another window of this phone may have noted something meanwhile.
  waiting = await waitingOf(door.meeting);
  await keep(door.meeting, make(known(), Date.now()));
  waiting = await waitingOf(door.meeting);
  draw();
  sync();
}

/** Send and get, one after another; who asks meanwhile is served afterwards. */
async function sync() {
  if (running) {
    isAskedAgain = true;
    return running;
  }
  running = syncOnce();
  await running;
  running = null;
  if (isAskedAgain) {
    isAskedAgain = false;
    return sync();
  }
  return null;
}

async function syncOnce() {
  if (closedBecause !== null) return;
  if (navigator.onLine) {
    const told = await exchange(door, log);
    log = told.log;
    isAway = told.kind === "away";
    if (told.kind === "closed") closedBecause = told.sentence;
  } else isAway = true;
  waiting = await waitingOf(door.meeting);
  draw();
  // What was not sent can still be read here; else nothing of the meeting stays on the phone.
  if (closedBecause !== null && waiting.length === 0) await forgetPage(door);
}

function draw() {
  drawStatus();
  const typed = field.value.trim();
  byId("door-clear").hidden = field.value === "";
  byId("door-hint").hidden = typed.length >= LEAST_TYPED;
  const hits = closedBecause === null && typed.length >= LEAST_TYPED ? hitsOf(typed) : [];
  byId("door-hits").replaceChildren(...hits);
}

function drawStatus() {
  const open = waiting.filter(({ refusal }) => refusal === null);
  const { text, kind } = statusOf(open.length, isAway);
  const status = byId("door-status");
  // Read aloud when it changes, not each time it is looked at.
  if (status.textContent !== text) status.textContent = text;
  status.dataset.kind = kind;
  const n = [...fold(known()).values()].filter(({ presence }) => presence === "present").length;
  byId("door-count").textContent = tn(n, "{n} company is here", "{n} companies are here");
  byId("door-problems").replaceChildren(...problems(open));
  byId("door-closed").hidden = closedBecause === null;
  byId("door-form").hidden = closedBecause !== null;
}

function problems(open) {
  const found = waiting
    .filter(({ refusal }) => refusal !== null)
    .map(({ entry, refusal }) =>
      h("p.problem", t("Not taken over: {what}. {why}", { what: wordsOf(entry), why: refusal })),
    );
  if (!isKept())
    found.push(h("p.problem", t("This phone keeps nothing: leave this page open until all is sent.")));
  if (closedBecause === null) return found;
  const lines = open.map(({ entry }) => h("li", wordsOf(entry)));
  return [
    ...found,
    h("p.problem", { role: "alert" }, closedBecause),
    lines.length > 0 && h("p.problem", t("Please tell the office what was not sent:"), h("ul", lines)),
  ].filter(Boolean);
}

function wordsOf({ company, value, of, client_time: at }) {
  const firm = log.companies.find(({ key }) => key === company)?.name ?? value.note ?? company ?? "";
  const words = { firm, time: clockAt(Date.parse(at)) };
  return of === null ? `${words.firm}, ${words.time}` : t("{firm}, {time} (taken back)", words);
}

function hitsOf(typed) {
  const events = known();
  const axes = fold(events);
  /** @type {{key: string, name: string}[]} */
  const companies = log.companies;
  const records = companies.map((company) => ({ company, hay: haystack([company.name]) }));
  const found = matching(records, typed, { forgives: true }).map(({ company }) => company);
  const noted = walkIns(events).map((event) => ({ event, hay: haystack([event.value.note]) }));
  const strangers = matching(noted, typed).map(({ event }) => event);
  return [
    ...found.slice(0, MOST_SHOWN).map((company) => hit(company, axesOf(axes, company.key), events)),
    found.length > MOST_SHOWN &&
      h("li.more", tn(found.length - MOST_SHOWN, "{n} more; type on", "{n} more; type on")),
    ...strangers.slice(0, MOST_SHOWN).map(strange),
    typed.length < LEAST_OF_NEW ||
      strangers.some(({ value }) => value.note === typed) ||
      newFirm(typed, found.length > 0),
  ].filter((one) => one instanceof Node);
}

function hit({ key, name }, axes, events) {
  const noted = notedAt(events, key);
  const isHere = axes.presence === "present";
  const act = isHere
    ? noted.length > 0 && undoButton(name, noted)
    : button(t("Here"), () => note((seen, now) => present(seen, device, key, now)), {
        class: "door-here",
        "aria-label": t("{name} is here", { name }),
      });
  const since = noted.at(-1)?.client_time;
  return row(name, answerWords(axes), isHere ? hereWords(since) : null, act);
}

function hereWords(since) {
  return since
    ? t("here since {time}", { time: clockAt(Date.parse(since)) })
    : t("here, noted by the office");
}

function strange(event) {
  const since = t("here since {time}", { time: clockAt(Date.parse(event.client_time)) });
  return row(event.value.note, t("typed at the door"), since, undoButton(event.value.note, [event]));
}

function undoButton(name, noted) {
  return button(t("Undo"), () => note((seen, now) => undo(seen, device, noted, now)), {
    class: "door-undo",
    "aria-label": t("Undo: {name}", { name }),
  });
}

function row(name, answer, here, act) {
  return h(
    "li.door-hit",
    { dataset: { here: here ? "true" : "false" } },
    h(
      "div.door-who",
      h("p.door-name", { lang: "de" }, name),
      h("p", answer),
      here && h("p.door-since", here),
    ),
    act,
  );
}

/** Offer to write down a firm that is in no list, last, as it was typed. */
function newFirm(typed, isAmong) {
  const words = isAmong
    ? t("None of these? Note “{firm}” as a new firm", { firm: typed })
    : t("Note “{firm}” as a new firm", { firm: typed });
  return h(
    "li.door-new",
    button(words, () => note((seen, now) => walkIn(seen, device, typed, now)), { class: "door-undo" }),
    h("p", t("Only the firm's name, please, no person's.")),
  );
}

async function prepareOffline() {
  const line = byId("door-offline");
  const isThere = await keepPage(door);
  line.textContent = isThere
    ? t("Works without a connection, too.")
    : t("Without a connection this page cannot be opened again; leave it open.");
  line.dataset.kept = String(isThere);
}

main();
