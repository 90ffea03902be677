/** Asking for plans: not for every key stroke, never for two at once, the newest alone counts. */

const MOST_AGAIN = 5;

/**
 * @typedef {{isAsking: boolean, answer: any, subject: any, error: Error|null,
 *   explanation: any, isExplaining: boolean}} PlanState
 *   `subject` is the request that `answer` is for
 */

/** @type {PlanState} No plan, and none is asked for. */
const NOTHING = {
  isAsking: false,
  answer: null,
  subject: null,
  error: null,
  explanation: null,
  isExplaining: false,
};

/** Whether asking longer can change nothing. */
const isSettled = (answer) => answer.is_proved || answer.status === "infeasible";

/** Keeps the newest plan and asks for the next. */
export class PlanRequests {
  /**
   * @param {{quickPlan: (subject: any, signal: AbortSignal) => Promise<any>,
   *   plan: (subject: any, signal: AbortSignal) => Promise<any>,
   *   explain: (subject: any, signal: AbortSignal) => Promise<any>}} service
   * @param {(state: PlanState, why: "asking"|"held"|"preliminary"|"planned"|"failed"|"explaining"|"explained") => void} listen
   *   `preliminary`: there is a plan, and a better one may follow
   * @param {{restMs?: number, calmMs?: number, busyMs?: number}} [pauses] how long a change must rest before
   *   a plan is asked for, a plan before its explanation, and a busy service before it is asked again
   */
  constructor(service, listen, { restMs = 50, calmMs = 500, busyMs = 400 } = {}) {
    this.service = service;
    this.listen = listen;
    this.restMs = restMs;
    this.calmMs = calmMs;
    this.busyMs = busyMs;
    this.running = null;
    this.timer = null;
    this.state = NOTHING;
  }

  /** Ask for the plan of a request; an older question is dropped, and its work at the service with it. */
  ask(subject) {
    this.drop();
    this.report({ isAsking: true, isExplaining: false }, "asking");
    this.timer = setTimeout(() => this.run(subject), this.restMs);
  }

  /** Forget the plan: there is nothing to be planned. */
  clear() {
    this.drop();
    this.report(NOTHING, "planned");
  }

  /** Ask nothing for now; the plan there is stays. */
  hold() {
    this.drop();
    this.report({ isAsking: false, isExplaining: false, error: null }, "held");
  }

  /** End all that is being asked. */
  drop() {
    clearTimeout(this.timer);
    this.running?.abort();
    this.running = null;
  }

  async run(subject) {
    const running = (this.running = new AbortController());
    try {
      const answer = await this.settled(subject, running);
      if (this.running !== running) return;
      this.report({ isAsking: false, answer, subject, error: null, explanation: null }, "planned");
      this.timer = setTimeout(() => this.explain(subject, running), this.calmMs);
    } catch (error) {
      if (this.running === running) this.report({ isAsking: false, error }, "failed");
    }
  }

  /** Return the best plan; one that was found at once is told meanwhile. */
  async settled(subject, running) {
    const first = await this.patiently(() => this.service.quickPlan(subject, running.signal), running);
    if (this.running !== running || isSettled(first)) return first;
    if (first.status === "planned")
      this.report({ answer: first, subject, error: null, explanation: null }, "preliminary");
    return this.patiently(() => this.service.plan(subject, running.signal), running);
  }

  /** Ask again a few times while the service is busy with others. */
  async patiently(ask, running, left = MOST_AGAIN) {
    try {
      return await ask();
    } catch (error) {
      if (!error.isBusy || !left) throw error;
      await new Promise((go) => setTimeout(go, this.busyMs));
      if (this.running !== running) throw error;
      return this.patiently(ask, running, left - 1);
    }
  }

  async explain(subject, running) {
    this.report({ isExplaining: true }, "explaining");
    // A plan without its explanation is still a plan.
    const explanation = await this.patiently(
      () => this.service.explain(subject, running.signal),
      running,
    ).catch(() => null);
    if (this.running === running) this.report({ isExplaining: false, explanation }, "explained");
  }

  report(change, why) {
    this.state = { ...this.state, ...change };
    this.listen(this.state, why);
  }
}
