/*
 * Serves the page of a tour when the server cannot be reached. Each page has its own registration and its
 * own cache; the page itself fills it (js/walk/offline.js).
 */
const PATIENCE_MS = 4000;
const scope = new URL(self.registration.scope).pathname;
const STATIC = new URL("static/", self.location.href).pathname;
const CACHE = `walk:${scope}`;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
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
  await self.registration.unregister();
}
