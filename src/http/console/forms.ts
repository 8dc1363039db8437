/** Forms of the console: shown by GET, sent by POST to the same address, shown once more with what was typed where something is wrong. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { ScimError } from '../../errors.ts';
import type { Translate } from '../../locales/catalogue.ts';
import { fieldOf, fieldsOf, sendPage, type PageParts } from '../pages/frame.ts';
import type { Place } from './menu.ts';
import { leaveNotice, type NoticeName } from './notice.ts';
import type { Fault } from './views/shell.tsx';
import { screen, type Visit } from './visit.ts';

export interface Problem {
  /** The name of the field. */
  readonly field: string;
  readonly text: string;
}

/** What was typed and what is wrong with it; nothing of either when the form is opened. */
export interface Given {
  readonly isSent: boolean;
  readonly problems: readonly Problem[];
  readonly fault: Fault | undefined;
  /** What was typed, else what is there. */
  readonly value: (name: string, otherwise?: string) => string;
  readonly all: (name: string) => readonly string[];
  /** Whether a box is ticked; when the form is opened, as it is. */
  readonly ticked: (name: string, otherwise?: boolean) => boolean;
  readonly problem: (name: string) => string | undefined;
}

export type Saved =
  | { readonly to: string; readonly done?: NoticeName; readonly about?: string }
  | { readonly problems: readonly Problem[] }
  /** The form once more, as with a preview; nothing was done. */
  | 'again';

export interface FormScreen<Subject> {
  /** What the form is about. @throws ScimError 404 */
  readonly find: (visit: Visit) => Promise<Subject>;
  readonly show: (visit: Visit, subject: Subject, given: Given) => string | Promise<string>;
  readonly save: (visit: Visit, subject: Subject, given: Given) => Promise<Saved>;
}

export function form<Subject>(app: FastifyInstance, parts: PageParts, place: Place, path: string, { find, show, save }: FormScreen<Subject>): void {
  app.get(path, screen(parts, place, async (visit) => sendPage(visit.reply, await show(visit, await find(visit), unsent))));
  app.post(path, screen(parts, place, async (visit) => {
    const subject = await find(visit);
    const given = givenIn(visit, [], undefined);
    const again = async (problems: readonly Problem[], fault: Fault | undefined, status: number) => sendPage(visit.reply, await show(visit, subject, givenIn(visit, problems, fault)), status);
    let saved: Saved;
    try {
      saved = await save(visit, subject, given);
    } catch (error) {
      if (!(error instanceof ScimError) || error.status >= 500 || error.status === 404) throw error;
      return again([], faultOf(error, visit.page.translate), error.status);
    }
    if (saved === 'again') return again([], undefined, 200);
    return 'problems' in saved ? again(saved.problems, undefined, 422) : goTo(visit, saved);
  }));
}

/** For a button that needs no form of its own: where it cannot be done, the screen of `form` would have said so. */
export function goTo({ reply, parts }: Visit, { to, done, about = '' }: { readonly to: string; readonly done?: NoticeName; readonly about?: string }): FastifyReply {
  if (done !== undefined) leaveNotice(reply, parts.services, { name: done, about });
  return reply.redirect(parts.base + to, 303);
}

const unsent: Given = { isSent: false, problems: [], fault: undefined, value: (_name, otherwise = '') => otherwise, all: () => [], ticked: (_name, otherwise = false) => otherwise, problem: () => undefined };

function givenIn({ request }: Visit, problems: readonly Problem[], fault: Fault | undefined): Given {
  return {
    isSent: true, problems, fault,
    value: (name) => fieldOf(request, name),
    all: (name) => fieldsOf(request, name),
    ticked: (name) => fieldsOf(request, name).length > 0,
    problem: (name) => problems.find(({ field }) => field === name)?.text,
  };
}

/** In the visitor's language as far as the status goes, and in the server's own words. */
export function faultOf({ status, message }: ScimError, translate: Translate): Fault {
  const text = status === 403 ? translate('console.fault.refused') : status === 409 || status === 412 ? translate('console.fault.conflict') : translate('console.fault.invalid');
  return { text, detail: message };
}
