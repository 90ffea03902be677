/**
 * The map on a small screen, where it lies far below the form: one button, always in reach, lays it over the page.
 */

/**
 * Let a button open and close the map.
 * @param {HTMLButtonElement} button
 * @param {HTMLElement} root that gets the class `has-map` while it is open
 */
export function mapSheet(button, root) {
  const set = (isOpen) => {
    root.classList.toggle("has-map", isOpen);
    button.setAttribute("aria-expanded", String(isOpen));
  };
  const isOpen = () => root.classList.contains("has-map");
  button.addEventListener("click", () => set(!isOpen()));
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !isOpen()) return;
    set(false);
    button.focus();
  });
}
