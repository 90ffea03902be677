/** The screen stays on while the page is seen: who walks ahead has no hand free to wake it. */

/**
 * Keep the screen on from now on, as far as the device can and lets us; what fails is left alone.
 *
 * The browser gives the lock back whenever the page is hidden, so it is asked for anew when it is seen again.
 * @param {{navigator: any, document: any}} [world] other than the browser's own
 */
export function keepAwake({ navigator, document } = globalThis) {
  if (!navigator.wakeLock) return;
  let lock = null;
  let isAsking = false;
  const ask = async () => {
    const isHeld = lock && !lock.released;
    if (document.visibilityState !== "visible" || isHeld || isAsking) return;
    isAsking = true;
    try {
      lock = await navigator.wakeLock.request("screen");
    } catch {
      // A battery that is low, or a person who does not want it.
      lock = null;
    } finally {
      isAsking = false;
    }
  };
  document.addEventListener("visibilitychange", ask);
  ask();
}
