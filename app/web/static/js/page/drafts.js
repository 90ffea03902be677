/**
 * Drafts: what was typed and is not saved yet stays in this browser until the service has confirmed the save.
 *
 * A draft is `{person, park, form, base, address, title, name, at, values}`: whose it is, of which park and form, and
 * the version of what is stored that it was made from; where it goes on, what to call it, when it was typed.
 */

const STORE = "drafts";
const KEY = ["person", "park", "form", "base"];
const VISITOR = "";
const VISITORS_STAY_MS = 7 * 24 * 3600 * 1000;

let opened = null;
let channel = null;

/** Return what identifies a draft, in the store and between tabs. */
export function keyOf(draft) {
  return KEY.map((name) => draft[name]);
}

/** Whether two drafts are the same one. */
export function isSame(one, other) {
  return KEY.every((name) => one[name] === other[name]);
}

/** Return the draft that was typed last. */
export function newest(drafts) {
  return drafts.reduce((best, one) => (best === null || one.at > best.at ? one : best), null);
}

/** Return which drafts the service has saved: of its forms, by the version that each was made from, what was sent. */
export function savedOf(drafts, saved) {
  const isOf = (draft, [form, base, sentAt]) =>
    draft.form === form && draft.base === base && draft.at <= sentAt;
  return drafts.filter((draft) => saved.some((one) => isOf(draft, one)));
}

/** Return which drafts nobody will look for any more: nobody is signed in, and they are old. */
export function forgotten(drafts, now) {
  return drafts.filter(({ person, at }) => person === VISITOR && now - at > VISITORS_STAY_MS);
}

function open() {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(STORE, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: KEY });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  return opened;
}

/** Do something in one transaction, which is on disk when it has ended; a browser that stores nothing is left alone. */
async function attempt(mode, act) {
  try {
    const database = await open();
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode, { durability: "strict" });
      const asked = act(transaction.objectStore(STORE));
      // Not only when the answer of the request has come back: a browser may be killed meanwhile.
      transaction.commit();
      transaction.oncomplete = () => resolve(asked.result);
      transaction.onabort = () => reject(transaction.error);
    });
  } catch {
    return null;
  }
}

/** Store a draft as it is now, and show it to the other tabs. */
export async function storeDraft(draft) {
  const stamped = { ...draft, at: Date.now() };
  await attempt("readwrite", (store) => store.put(stamped));
  tell({ what: "stored", draft: stamped });
}

/** Remove a draft, here and in what other tabs show. */
export async function removeDraft(draft) {
  await attempt("readwrite", (store) => store.delete(keyOf(draft)));
  tell({ what: "removed", draft });
}

/** Return the drafts of a person, and only these, the newest first. */
export async function draftsOf(person) {
  const found = await attempt("readonly", (store) => store.getAll(IDBKeyRange.bound([person], [person, []])));
  return (found ?? []).sort((a, b) => b.at - a.at);
}

/** Return the newest draft of a form, null without one. */
export async function draftOf(person, form) {
  return newest((await draftsOf(person)).filter((draft) => draft.form === form));
}

/** Remove what visitors left behind. */
export async function forgetVisitors() {
  await Promise.all(forgotten(await draftsOf(VISITOR), Date.now()).map(removeDraft));
}

function tell(message) {
  channel?.postMessage(message);
  for (const hear of listeners) if (!channel || hear.isOfOwn) hear(message);
}

const listeners = new Set();

/**
 * Learn of drafts that other tabs store and remove.
 * @param {((message: {what: "stored"|"removed", draft: any}) => void) & {isOfOwn?: boolean}} hear
 *   with `isOfOwn` also of those of this tab
 */
export function watchDrafts(hear) {
  listeners.add(hear);
  if (channel || typeof BroadcastChannel === "undefined") return;
  channel = new BroadcastChannel(STORE);
  channel.onmessage = ({ data }) => {
    for (const one of listeners) one(data);
  };
}
