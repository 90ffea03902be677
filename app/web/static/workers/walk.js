/*
 * Serves the page of a tour when the server cannot be reached. Each page has its own registration and its
 * own cache; the page itself fills it (js/walk/offline.js).
 */
const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const PATIENCE_MS = 4000;
const scope = new URL(worker.registration.scope).pathname;
const STATIC = new URL("static/", worker.location.href).pathname;
const CACHE = `walk:${scope}`;

worker.addEventListener("install", () => worker.skipWaiting());
worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== worker.location.origin) return;
  if (request.mode === "navigate" && url.pathname === scope) event.respondWith(page(request));
  else if (url.pathname.startsWith(STATIC)) event.respondWith(file(request));
});

/** The page as the server has it now; the kept one where it does not answer soon. */
async function page(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(scope, { ignoreSearch: true, ignoreVary: true });
  if (kept && !navigator.onLine) return kept;
  try {
    const answer = await fetch(request, kept ? { signal: AbortSignal.timeout(PATIENCE_MS) } : {});
    if (answer.ok) await cache.put(scope, answer.clone());
    // Revoked or withdrawn: nothing of it stays on the device.
    if (answer.status === 404 || answer.status === 410) await forget();
    return answer.status >= 500 && kept ? kept : answer;
  } catch {
    return kept ?? Response.error();
  }
}

/** Files have their version in the address: the kept one is the right one. */
async function file(request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(request, { ignoreVary: true })) ?? fetch(request);
}

async function forget() {
  await caches.delete(CACHE);
  await worker.registration.unregister();
}
