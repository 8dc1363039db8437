/** The calendar: what happens on a day of the year, and when. */
import type { MongoMemoryReplSet } from 'mongodb-memory-server';
import type { Report } from '../storms/report.ts';
import { send } from '../storms/send.ts';
import type { World } from './acts.ts';
import { Choices, Newcomers } from './choices.ts';
import { compareAudit, compareGroups, compareMails, compareNames, comparePeople, compareSeats } from './compare.ts';
import { Directory } from './directory.ts';
import * as entra from './entra.ts';
import * as files from './files.ts';
import * as hr from './hr.ts';
import { linkIn, MailServer } from './mail.ts';
import type { Random } from './random.ts';
import { TENANT_ZONE } from './rules.ts';
import { Site } from './site.ts';
import { Steps, type Step } from './steps.ts';

export interface Measure {
  readonly people: number;
  readonly days: number;
  readonly groups: number;
  /** How busy a day is, for so many people. */
  readonly pace: number;
  /** A comparison of everybody, and a start, each so many days; a kill, and an outage of mail. */
  readonly every: { readonly comparison: number; readonly restart: number; readonly kill: number; readonly outage: number };
}

/** Ahead of the real clock: MongoDB itself drops links and sessions whose time is over by its own. */
const START = Date.UTC(2035, 0, 1);
const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
/** Passwords are slow to make by design. */
const ACTIVATIONS = 60;
const BATCH = 500;
/** Behind the longest lease of a worker. */
const LEASES_MS = 3 * 60_000;

export class Year {
  private readonly world: World;
  private readonly steps: Steps;
  private readonly newcomers: Newcomers;
  private readonly mail: MailServer;
  private readonly measure: Measure;
  private readonly random: Random;
  private readonly report: Report;
  /** Entries of the audit log that were there before. */
  private readonly before = new Set<string>();
  private read = 0;
  private activated = 0;
  private restarts = 0;

  private constructor(world: World, mail: MailServer, measure: Measure, random: Random, report: Report) {
    this.world = world;
    this.mail = mail;
    this.measure = measure;
    this.random = random;
    this.report = report;
    this.steps = new Steps(world.site, random, report);
    this.newcomers = new Newcomers(random);
  }

  static async live(mongod: MongoMemoryReplSet, measure: Measure, random: Random, report: Report): Promise<void> {
    const mail = new MailServer();
    await mail.open();
    const site = await Site.open(mongod, START, mail.port);
    const year = new Year({ site, directory: new Directory(START) }, mail, measure, random, report);
    try {
      await year.begin();
      for (let day = 0; day < measure.days; day++) await year.day(day);
      await year.end();
    } finally {
      await site.close();
      await mail.close();
    }
  }

  private at(day: number, hour: number): Promise<void> {
    return this.world.site.setClock(START + day * DAY_MS + hour * HOUR_MS);
  }

  /** The first people, before the first day is over. */
  private async begin(): Promise<void> {
    const { site } = this.world;
    for await (const { _id } of site.store.collections.audit.find({ t: site.tenant }, { projection: { _id: 1 } })) this.before.add(_id);
    await site.ask('owner', 'PATCH', '/api/v1/policy', { timeZone: TENANT_ZONE });
    await this.at(0, 6);
    await entra.makeGroups(this.world, this.measure.groups);
    const third = Math.floor(this.measure.people / 3);
    for (let made = 0; made < third; made += BATCH) {
      const count = Math.min(BATCH, third - made);
      await this.steps.take(entra.joiners(this.world, this.newcomers, count, this.steps));
      await this.steps.take(hr.joiners(this.world, this.choices(), this.newcomers, count));
    }
    await files.importFile(this.world, this.steps, files.linesOf(this.world, this.choices(), this.newcomers, this.measure.people - 2 * third, 0), false);
    for (let push = 0; push < 10; push++) await this.steps.take(entra.groupPushes(this.world, this.choices(), 40));
  }

  private choices(): Choices {
    return new Choices(this.world.directory, this.random);
  }

  private async day(day: number): Promise<void> {
    const { every, days } = this.measure;
    const kills = isDue(day, every.kill) ? this.random.pick(['entra', 'hr', 'files', 'work'] as const) : undefined;
    await this.work(day, 0.5, 'whole');
    if (isDue(day, every.restart)) await this.restart();
    const isOut = isDue(day, every.outage) && day < days - 1;
    if (isOut) await this.mail.fail(this.random.isOnce(2) ? 'away' : 'later');
    await this.at(day, 8);
    await this.entraDay(day, kills === 'entra');
    await this.at(day, 10);
    await this.hrDay(kills === 'hr');
    await this.at(day, 11);
    await this.filesDay(day, kills === 'files');
    await this.work(day, 12.5, kills === 'work' ? 'killed' : 'usual');
    await this.at(day, 15);
    await this.steps.take(files.verbs(this.world, this.choices(), this.per(0.4)));
    await this.removals();
    await this.activate();
    await this.work(day, 18.5, 'usual');
    // So long an outage is followed by the mails' next try, before their links are dead.
    if (isOut) await this.mail.open();
    if (isDue(day, every.comparison)) await this.compare(`day ${day}`, false);
  }

  /** So many a day where there are a thousand people. */
  private per(thousand: number): number {
    return (thousand * this.measure.pace * this.measure.people) / 1000;
  }

  private async entraDay(day: number, kills: boolean): Promise<void> {
    const { world, newcomers } = this;
    const choices = this.choices();
    const steps: readonly Step[] = [
      ...entra.joiners(world, newcomers, this.random.times(this.per(0.35)), this.steps),
      ...entra.movers(world, choices, newcomers, this.per(3)),
      ...entra.leavers(world, choices, this.per(0.5)),
      ...entra.rehires(world, choices, this.per(0.15)),
      ...entra.refused(world, choices, this.per(0.1)),
      ...(day % 2 === 0 ? entra.groupPushes(world, choices, this.per(3)) : []),
    ];
    await this.steps.take(steps, kills);
  }

  private async hrDay(kills: boolean): Promise<void> {
    const { world, newcomers } = this;
    const choices = this.choices();
    const steps: readonly Step[] = [
      ...hr.joiners(world, choices, newcomers, this.random.times(this.per(0.35))),
      ...hr.records(world, choices, newcomers, this.per(2)),
      ...hr.notices(world, choices, this.per(0.5)),
      ...hr.dismissals(world, choices, this.per(0.1)),
      ...hr.firstDays(world, choices, this.per(0.1)),
      ...hr.rehires(world, choices, this.per(0.25)),
    ];
    await this.steps.take(steps, kills);
  }

  private async filesDay(day: number, kills: boolean): Promise<void> {
    if (day % 3 !== 0 && !kills) return;
    const lines = files.linesOf(this.world, this.choices(), this.newcomers, 1 + this.random.times(this.per(0.9)), this.per(3));
    await files.importFile(this.world, this.steps, lines, kills);
  }

  /** In turns of their own: whoever is erased may be somebody's manager. */
  private async removals(): Promise<void> {
    const choices = this.choices();
    await this.steps.take(entra.erasures(this.world, choices, this.per(0.15)));
    await this.steps.take(hr.hidings(this.world, choices, this.per(0.1)));
    await this.steps.take(files.erasures(this.world, choices, this.per(0.1)));
  }

  /** S4: some of those who were mailed a link follow it. */
  private async activate(): Promise<void> {
    const { site, directory } = this.world;
    const fresh = this.mail.received.slice(this.read);
    this.read = this.mail.received.length;
    for (const mail of fresh) {
      if (this.activated >= ACTIVATIONS || !this.random.isOnce(8)) continue;
      const person = [...directory.people.values()].find(({ address }) => address === mail.to);
      const token = linkIn(mail);
      if (person?.login !== 'invited' || !person.active || token === undefined) continue;
      const { status, text } = await send(site.origin, 'POST', '/api/v1/password', { token, password: `kites over the lake ${this.activated}` });
      // The link may be older than the last one, or than the person's last change.
      if (status === 409 || status === 410) continue;
      if (status !== 200) this.steps.fault(`${person.id} cannot activate: ${status} ${text.slice(0, 200)}`);
      this.activated++;
      directory.put(person, { ...person, login: 'activated' }, 'activate', site.now);
    }
  }

  private async work(day: number, hour: number, how: 'whole' | 'usual' | 'killed'): Promise<void> {
    const { site, directory } = this.world;
    const now = START + day * DAY_MS + hour * HOUR_MS;
    const isWhole = how === 'whole';
    const working = site.turn(now, isWhole);
    if (how === 'killed') setTimeout(() => site.kill(), this.random.next() * 60);
    if (!(await working) && how !== 'killed') throw new Error('the server has ended by itself');
    directory.work(now, isWhole);
    if (how !== 'killed') return;
    site.kill();
    this.steps.kills++;
    await site.restart();
    // What a dead one had taken is free when its lease is over.
    for (const later of [now, now + LEASES_MS]) {
      if (!(await site.turn(later, isWhole))) throw new Error('the server has ended by itself');
      directory.work(later, isWhole);
    }
  }

  private async restart(): Promise<void> {
    this.restarts++;
    await this.world.site.restart();
  }

  private async compare(when: string, isLast: boolean): Promise<void> {
    const { world, report } = this;
    const told = (ok: string, faults: readonly string[]) => report.check(faults.length === 0, `${when}: ${ok}${faults.length === 0 ? '' : `, but ${faults.length} times:\n       ${faults.slice(0, 8).join('\n       ')}`}`);
    told(`${world.directory.people.size} people are as the model has them`, await comparePeople(world));
    told(`${world.directory.groups.size} groups have the members that they should`, await compareGroups(world));
    const days = world.directory.seats.until(world.site.now).size;
    told(`the seats of ${days} days are right`, await compareSeats(world));
    const { entries, faults } = await compareAudit(world, this.before);
    told(`${entries} changes have one audit entry each`, faults);
    if (!isLast) return;
    told('each client finds its people under its own names', await compareNames(world));
    const mails = await compareMails(world, this.mail, this.steps.kills);
    told(`${mails.mails} mails are where they belong, ${mails.again} came again behind a kill, through ${this.mail.outages} outages`, mails.faults);
  }

  private async end(): Promise<void> {
    const { days } = this.measure;
    // Everything that is due has its time.
    for (const hour of [20, 21, 22, 23]) await this.work(days - 1, hour, 'whole');
    await this.world.site.work(this.world.site.now + HOUR_MS / 2, ['send mail']);
    await this.compare('at the end', true);
    const { requests, kills, unknown } = this.steps;
    this.report.note(`${requests} requests, ${this.restarts} restarts, ${kills} kills: of what was under way then ${unknown.done} had been done and ${unknown.open} had not`);
    this.report.note(`${this.world.directory.gone.size} people were erased or hidden, ${this.activated} have activated their account`);
    this.report.check(kills > 0 && this.mail.outages > 0 && this.restarts > 0, 'there were restarts, kills and outages of mail');
  }
}

const isDue = (day: number, every: number) => day % every === every - 1;
