/**
 * What callers do, many at once, and what the model makes of it. Where no answer comes, for the server was killed, a step has been done or it has not:
 * what there is must be exactly the one or the other, and what was not done is done again, as a client does.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Json } from '../../src/scim/json.ts';
import type { Report } from '../storms/report.ts';
import { eachOf, type Answer } from '../storms/send.ts';
import type { Random } from './random.ts';
import type { Site } from './site.ts';

export interface Step {
  readonly what: string;
  /** What it does to the number of those who are billed: ups and downs never mix, so that the highest count of a day is known. */
  readonly seats: 'up' | 'down' | 'same';
  readonly send: () => Promise<Answer>;
  readonly expects: number;
  /** The model takes it over. @param resource what the server says there is now, where it says it */
  readonly done: (resource: Json | undefined) => void;
  /** What became of it. @returns the resource, or `done` for something that has none; undefined where nothing did. @throws where it is neither */
  readonly look: () => Promise<Json | undefined>;
}

const AT_ONCE = 8;
const BUSY = 503;
const FREE_WITHIN_MS = 30_000;

export class Steps {
  requests = 0;
  kills = 0;
  unknown = { done: 0, open: 0 };
  private readonly site: Site;
  private readonly random: Random;
  private readonly report: Report;
  private faults = 0;

  constructor(site: Site, random: Random, report: Report) {
    this.site = site;
    this.random = random;
    this.report = report;
  }

  /** @param kills the server, somewhere among them */
  async take(steps: readonly Step[], kills = false): Promise<void> {
    const parts = (['same', 'up', 'down'] as const).map((seats) => steps.filter((step) => step.seats === seats)).filter(({ length }) => length > 0);
    const largest = Math.max(...parts.map(({ length }) => length));
    let isKilled = false;
    for (const part of parts) {
      const here: boolean = kills && !isKilled && part.length === largest;
      isKilled ||= here;
      await this.takeTogether(part, here ? this.random.between(0, part.length - 1) : undefined);
    }
  }

  /** Tells of what should not be so. */
  fault(text: string): void {
    this.faults++;
    if (this.faults <= 50) this.report.check(false, text);
  }

  private async takeTogether(steps: readonly Step[], killAt: number | undefined): Promise<void> {
    const answers: (Answer | undefined)[] = [];
    let began = 0;
    await eachOf(steps.length, AT_ONCE, async (at) => {
      const step = steps[at];
      if (!step) return;
      const sent = step.send();
      this.requests++;
      // The others that are under way are in the middle, wherever that is.
      if (began++ === killAt) setTimeout(() => this.site.kill(), this.random.next() * 20);
      answers[at] = await sent.catch(() => undefined);
    });
    // In the order of the steps and not of the answers, so that a seed leads to the same people.
    const open = steps.filter((step, at) => !this.isSettled(step, answers[at]));
    if (killAt !== undefined) {
      this.kills++;
      this.site.kill();
      await this.site.restart();
    }
    await eachOf(open.length, AT_ONCE, async (at) => {
      const step = open[at];
      if (step) await this.resume(step);
    });
  }

  /** @returns false where nobody knows what became of it */
  private isSettled(step: Step, answer: Answer | undefined): boolean {
    if (answer === undefined || answer.status === BUSY) return false;
    this.settle(step, answer);
    return true;
  }

  private settle(step: Step, { status, text }: Answer): void {
    if (status !== step.expects) this.fault(`${step.what} was answered ${status}, not ${step.expects}: ${text.slice(0, 300)}`);
    else step.done(text === '' || !text.startsWith('{') ? undefined : JSON.parse(text) as Json);
  }

  private async resume(step: Step): Promise<void> {
    try {
      const found = await step.look();
      if (found !== undefined) {
        this.unknown.done++;
        step.done(found);
        return;
      }
    } catch (error) {
      this.fault(`${step.what} was interrupted: ${error instanceof Error ? error.message : String(error)}`);
      return;
    }
    this.unknown.open++;
    this.settle(step, await this.patiently(step));
  }

  /** As a client does that is told to come later: somebody who was killed keeps what they had in hand until MongoDB takes it from them, seconds later. */
  private async patiently(step: Step): Promise<Answer> {
    const until = performance.now() + FREE_WITHIN_MS;
    for (;;) {
      this.requests++;
      const answer = await step.send();
      if (answer.status !== BUSY || performance.now() > until) return answer;
      await delay(1000);
    }
  }
}
