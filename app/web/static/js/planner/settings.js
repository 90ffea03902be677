/** What holds for the whole tour: day, times, aim, group, and what is seldom asked for. */
import { DayField } from "#page/day_field";
import { button, h } from "#page/dom";
import { t, weekday } from "#page/i18n";
import { hoursFault, pauseFault } from "#planner/stops/faults";
import { besides, complain, labeled, numberField, show, tick, timeField } from "#planner/stops/fields";
import { parseClock, minutesOf, written } from "#planner/stops/clock";
import { MeetingField } from "#planner/stops/meeting_field";

const PAUSE = { minutes: 15, length: 30 };

/** The form of the tour. */
export class Settings {
  /**
   * @param {HTMLElement} place
   * @param {{key: string, name: string}[]} parks
   * @param {{set: (change: object, mark?: string) => void, meetAtRecord: (record: any) => void,
   *   shift: (minutes: number) => void}} editor
   */
  constructor(place, parks, editor) {
    this.change = (change, mark) => editor.set(change, mark);
    this.shift = (by) => editor.shift(by);
    this.meeting = new MeetingField((record) => editor.meetAtRecord(record));
    this.makeFields(parks);
    this.makeTicks();
    this.seldom = h(
      "details.seldom",
      h("summary", h("span", t("More requirements")), (this.set = h("span.seldom-set"))),
      h(
        "div.seldom-body",
        this.round.label,
        this.stepFree.label,
        this.walkLabel(),
        this.pausePart(),
        this.shiftPart(),
      ),
    );
    place.append(h("div.settings-grid", ...this.labels(parks)), this.seldom);
  }

  makeFields(parks) {
    const set = (name) => (value) => this.change({ [name]: value }, name);
    this.park = select(
      parks.map(({ key, name }) => [key, name]),
      set("park"),
    );
    this.day = new DayField({
      take: (on) => on !== this.request.on && this.change({ on }),
      refuse: (sentence) => complain(this.day.field, sentence),
      box: { class: "input" },
      props: { "aria-label": t("Day") },
    });
    this.weekday = h("span.field-told");
    this.night = h("span.field-night");
    this.earliest = timeField(t("Start from"), set("earliest"), { isNeeded: true, isOnDay: true });
    this.latest = timeField(t("End by"), set("latest"), { placeholder: t("open") });
    this.group = numberField(t("Group size"), set("group_size"), { min: 1, max: 200 });
    const aims = [
      ["walking", t("shortest walk")],
      ["duration", t("shortest duration")],
      ["value", t("most stops")],
    ];
    this.objective = select(aims, set("objective"));
    this.walk = numberField(t("Walk at most (m)"), set("max_walk_m"), {
      min: 1,
      max: 100000,
      isNeeded: false,
    });
  }

  labels(parks) {
    return [
      parks.length > 1 && labeled(t("Business park"), this.park, { class: "field is-park" }),
      labeled(t("Day"), this.day.box, { class: "field is-day", after: this.weekday }),
      (this.startLabel = labeled(t("Start from"), this.earliest)),
      labeled(t("End by"), this.latest, { after: h("span", this.night, besides(this.latest)) }),
      labeled(t("Group size"), this.group, { class: "field is-group" }),
      labeled(t("Objective"), this.objective, { class: "field is-aim" }),
      labeled(t("Meeting point"), this.meeting.field, { class: "field is-meeting" }),
    ].filter(Boolean);
  }

  makeTicks() {
    this.round = tick(t("Back to the first stop at the end"), (isRound) =>
      this.change({ is_round: isRound, ...(isRound && { last: null }) }),
    );
    this.stepFree = tick(t("Without steps"), (isStepFree) => this.change({ is_step_free: isStepFree }));
    this.pause = tick(t("With a pause"), (isWanted) =>
      this.change({ pause: isWanted ? this.firstPause() : null }),
    );
  }

  walkLabel() {
    return labeled(t("Walk at most (m)"), this.walk, { class: "field is-inline" });
  }

  pausePart() {
    const part = (name) => (value) =>
      this.change({ pause: { ...this.request.pause, [name]: value } }, `pause ${name}`);
    this.pauseMinutes = numberField(t("Minutes of pause"), part("minutes"), { min: 1, max: 240 });
    this.pauseFrom = timeField(t("Pause begins no earlier than"), part("earliest"), { isNeeded: true });
    this.pauseUntil = timeField(t("Pause begins no later than"), part("latest"), { isNeeded: true });
    const word = (text) => h("span", text);
    this.pauseFields = h(
      "span.pause-fields",
      ...[this.pauseMinutes, word(t("min, begins between")), this.pauseFrom, word(t("and")), this.pauseUntil],
    );
    return h("div.pause-part", this.pause.label, this.pauseFields, besides(this.pauseUntil));
  }

  shiftPart() {
    let by = 30;
    const minutes = numberField(t("Minutes by which to move all times"), (value) => (by = value), {
      min: 1,
      max: 1440,
    });
    minutes.value = String(by);
    const earlier = button(t("earlier"), () => this.shift(-by));
    const later = button(t("later"), () => this.shift(by));
    return h(
      "div.shift-part",
      { role: "group", "aria-label": t("Move all times") },
      h("span", t("Move all times by")),
      minutes,
      h("span", t("min")),
      earlier,
      later,
    );
  }

  /** Return a pause an hour after the start. */
  firstPause() {
    const begin = minutesOf(parseClock(this.request.earliest)) + 60;
    return { minutes: PAUSE.minutes, earliest: written(begin), latest: written(begin + PAUSE.length) };
  }

  /** Name the field of the start: for eyes, and for who has it read aloud. */
  nameStart(words) {
    this.startLabel.firstChild.textContent = words;
    this.earliest.setAttribute("aria-label", words);
  }

  /** Show a request; `offered` are the companies and facilities where people can meet, `met` the one where they do. */
  update(request, offered, met) {
    this.request = request;
    this.meeting.update(request, offered, met);
    this.nameStart(request.meeting ? t("Meeting at") : t("Start from"));
    this.round.label.lastChild.textContent = request.meeting
      ? t("Back to the meeting point at the end")
      : t("Back to the first stop at the end");
    this.night.textContent =
      request.latest && request.latest < request.earliest && !hoursFault(request) ? t("the next day") : "";
    for (const name of ["park", "earliest", "latest", "objective"]) show(this[name], request[name]);
    if (this.day.on !== request.on) this.day.show(request.on);
    show(this.group, request.group_size);
    show(this.walk, request.max_walk_m);
    show(this.round.box, request.is_round);
    show(this.stepFree.box, request.is_step_free);
    show(this.pause.box, request.pause !== null);
    this.pauseFields.hidden = request.pause === null;
    show(this.pauseMinutes, request.pause?.minutes);
    show(this.pauseFrom, request.pause?.earliest);
    show(this.pauseUntil, request.pause?.latest);
    this.set.textContent = this.spoken(request);
    this.weekday.textContent = weekday(request.on);
    complain(this.latest, hoursFault(request));
    complain(this.pauseUntil, pauseFault(request));
  }

  /** Say what of the seldom requirements is set, for when they are folded away. */
  spoken(request) {
    const words = [
      request.is_round && t("round"),
      request.is_step_free && t("without steps"),
      request.max_walk_m !== null && t("limited walk"),
      request.pause !== null && t("pause"),
    ];
    return words.filter(Boolean).join(", ");
  }
}

function select(choices, change) {
  const options = choices.map(([value, text]) => h("option", { value }, text));
  const field = h("select.input", { on: { change: () => change(field.value) } }, ...options);
  return field;
}
