/**
 * What a phone at the door keeps: what it noted and has not sent yet, and the log as the service told it last.
 *
 * By meeting, not by link: what was noted while a link was revoked goes out with the next one.
 */
import { newDevice } from "#meetings/door_entries";

const NAME = "door";
const STORES = { entries: ["meeting", "entry.event_id"], logs: "meeting", phones: "name" };

let opened = null;
/** Where the browser stores nothing: as long as the page is open. */
const held = { entries: new Map(), logs: new Map(), phones: new Map() };
let isHeldOnly = false;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      for (const [name, keyPath] of Object.entries(STORES)) asked.result.createObjectStore(name, { keyPath });
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  return opened;
}

/** Do something in one transaction; what it asked for is there, and on disk, when it has ended. */
async function attempt(mode, act) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(Object.keys(STORES), mode, { durability: "strict" });
    const asked = act(transaction);
    transaction.oncomplete = () => resolve(asked?.result);
    transaction.onabort = () => reject(transaction.error);
  });
}

async function orHeld(stored, otherwise) {
  if (isHeldOnly) return otherwise();
  try {
    return await stored();
  } catch {
    isHeldOnly = true;
    return otherwise();
  }
}

/** Whether what is noted stays when the page is closed. */
export function isKept() {
  return !isHeldOnly;
}

/** Return the name of this phone, made when first asked for. */
export async function thisPhone() {
  const made = { name: "device", device: newDevice() };
  const known = await orHeld(
    () => attempt("readonly", (transaction) => transaction.objectStore("phones").get("device")),
    () => held.phones.get("device"),
  );
  if (known) return known.device;
  await orHeld(
    () => attempt("readwrite", (transaction) => transaction.objectStore("phones").put(made)),
    () => held.phones.set("device", made),
  );
  return made.device;
}

/** Return what was noted of a meeting and is not sent yet, in its order. */
export async function waitingOf(meeting) {
  const range = () => IDBKeyRange.bound([meeting], [meeting, []]);
  const found = await orHeld(
    () => attempt("readonly", (transaction) => transaction.objectStore("entries").getAll(range())),
    () => [...held.entries.values()],
  );
  return found.filter((one) => one.meeting === meeting).sort((a, b) => a.entry.counter - b.entry.counter);
}

/** Keep what was noted; it is on disk when this has ended. */
export function keep(meeting, entries) {
  const records = entries.map((entry) => ({ meeting, entry, refusal: null }));
  return putRecords(records);
}

/** Keep why the service did not take an entry. */
export function keepRefusal(meeting, entry, refusal) {
  return putRecords([{ meeting, entry, refusal }]);
}

function putRecords(records) {
  return orHeld(
    () =>
      attempt("readwrite", (transaction) => {
        for (const record of records) transaction.objectStore("entries").put(record);
      }),
    () => {
      for (const record of records) held.entries.set(record.entry.event_id, record);
    },
  );
}

/** Keep the log as the service told it, and forget the entries that it holds now: both or neither. */
export function keepLog(log, sent) {
  return orHeld(
    () =>
      attempt("readwrite", (transaction) => {
        transaction.objectStore("logs").put(log);
        for (const id of sent) transaction.objectStore("entries").delete([log.meeting, id]);
      }),
    () => {
      held.logs.set(log.meeting, log);
      for (const id of sent) held.entries.delete(id);
    },
  );
}

/** Return the log of a meeting as it was told last, if it was. */
export function keptLog(meeting) {
  return orHeld(
    () => attempt("readonly", (transaction) => transaction.objectStore("logs").get(meeting)),
    () => held.logs.get(meeting),
  );
}

/** Forget who was there: of all meetings, or of all but one. What is not sent yet stays. */
export function forgetLogs(but = null) {
  return orHeld(
    () =>
      attempt("readwrite", (transaction) => {
        const logs = transaction.objectStore("logs");
        const asked = logs.getAllKeys();
        asked.onsuccess = () => {
          for (const key of asked.result) if (key !== but) logs.delete(key);
        };
      }),
    () => {
      for (const key of [...held.logs.keys()]) if (key !== but) held.logs.delete(key);
    },
  );
}
