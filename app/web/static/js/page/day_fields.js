/**
 * Gives the days in a page's forms fields that speak as the page does; without it the browser's own fields stay.
 */
import { DayField } from "#page/day_field";
import { all, embedded } from "#page/dom";
import { speak } from "#page/i18n";

speak(document.documentElement.lang, embedded("day-words"));
for (const picker of all(document, "input[data-day]")) {
  if (!(picker instanceof HTMLInputElement)) continue;
  const { id, required: isNeeded, value } = picker;
  const described = picker.getAttribute("aria-describedby");
  // The label goes with the field that people see; the form sends the day from the browser's own.
  picker.removeAttribute("id");
  picker.required = false;
  const place = document.createComment("");
  picker.replaceWith(place);
  const own = new DayField({
    take: () => {},
    isNeeded,
    picker,
    box: { class: "form-control" },
    props: { id, "aria-describedby": described },
  });
  place.replaceWith(own.box);
  own.show(value || null);
}
