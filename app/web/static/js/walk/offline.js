/**
 * The page without a network: the page keeps itself and its files in a cache, a service worker hands
 * them out when the server cannot be reached.
 */

/**
 * Keep this page for later.
 * @param {{worker: string, scope: string, files: string[]}} given addresses of the worker, of this page, and
 *   of all files it needs
 * @returns {Promise<boolean>} whether the page can be opened again without a network
 */
export async function keepPage({ worker, scope, files }) {
  if (!("serviceWorker" in navigator) || !("caches" in globalThis)) return false;
  if (!navigator.onLine) return Boolean(await caches.match(scope, { ignoreVary: true }));
  try {
    await navigator.serviceWorker.register(worker, { scope });
    const cache = await caches.open(`walk:${scope}`);
    const known = await cache.keys();
    const statics = new URL("static/", new URL(worker, location.href)).pathname;
    const wanted = new Set(files.map((file) => new URL(file, location.href).href));
    await Promise.all(known.filter((one) => isStale(one, statics, wanted)).map((one) => cache.delete(one)));
    await cache.addAll([scope, ...files]);
    return true;
  } catch {
    // The network went away in between: what was kept before still serves.
    return Boolean(await caches.match(scope, { ignoreVary: true }));
  }
}

/** Let nothing of a page stay on this device. */
export async function forgetPage({ scope }) {
  if (!("serviceWorker" in navigator) || !("caches" in globalThis)) return;
  await caches.delete(`walk:${scope}`);
  const registration = await navigator.serviceWorker.getRegistration(scope);
  if (registration && new URL(registration.scope).pathname === scope) await registration.unregister();
}

function isStale(request, statics, wanted) {
  return new URL(request.url).pathname.startsWith(statics) && !wanted.has(request.url);
}
