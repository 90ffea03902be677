/** What stands in a form, as plain values by name. */

// Of the page, not of the person; and whom to ask, which stays with the service.
const LEFT_OUT = new Set(["csrf_token", "step", "seen", "contact", "shown-contact"]);

/** Return the fields of a form that hold what a draft keeps. */
function fieldsOf(form) {
  return [...form.elements].filter(({ name, type }) => name && !LEFT_OUT.has(name) && type !== "submit");
}

/** Return what stands in a form; of what can be chosen or ticked, what is. */
export function valuesOf(form) {
  const values = {};
  for (const field of fieldsOf(form)) {
    const isChoice = field.type === "radio" || field.type === "checkbox";
    if (!isChoice) values[field.name] = field.value;
    else if (field.checked) values[field.name] = field.value;
    else values[field.name] ??= "";
  }
  return values;
}

/** Put values into a form; those of `touched` names stay, and so does what the form has no field for. */
export function putValues(form, values, touched = new Set()) {
  for (const field of fieldsOf(form)) {
    if (!Object.hasOwn(values, field.name) || touched.has(field.name)) continue;
    if (field.type === "radio" || field.type === "checkbox")
      field.checked = field.value === values[field.name];
    else field.value = values[field.name];
  }
}

/** Whether two sets of values say the same. */
export function isAlike(one, other) {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) => (one[name] ?? "") === (other[name] ?? ""));
}
