/** The console at `/console`: screens on the use cases that SCIM and the API have too, for people with rights. */
import formbody from '@fastify/formbody';
import type { FastifyInstance } from 'fastify';
import { ScimError } from '../../errors.ts';
import { loadAssets } from '../pages/assets.ts';
import { errorPage } from '../pages/error-page.ts';
import { sendPage, type PageParts } from '../pages/frame.ts';
import { contactOf } from '../pages/views/frame.ts';
import { toScimError } from '../scim/error-body.ts';
import type { Services } from '../services.ts';
import { directoryScreens } from './directory.ts';
import { externalScreens } from './external.ts';
import { faultOf } from './forms.ts';
import { groupScreens } from './groups.ts';
import { hiddenScreens } from './hidden.ts';
import { importMapping } from './import-mapping.ts';
import { importUpload } from './import-upload.ts';
import { importScreens } from './imports.ts';
import { leaversScreens } from './leavers.ts';
import { logScreens } from './log.ts';
import { matchScreens } from './matches.ts';
import { mergeScreens } from './merge.ts';
import { MENU, mayOpen, PLACES } from './menu.ts';
import { auditScreens } from './audit.ts';
import { connectionScreens } from './connection.ts';
import { connectionsList } from './connections.ts';
import { portalUserScreens } from './portal-users.ts';
import { mailScreens } from './mails.ts';
import { mailboxScreens } from './mailbox.ts';
import { policyScreens } from './policies.ts';
import { reviewScreens } from './review.ts';
import { seatScreens } from './seats.ts';
import { systemScreens } from './system.ts';
import { userActs } from './user-acts.ts';
import { userScreens } from './user.ts';
import { usersList } from './users-list.ts';
import { usersMany } from './users-many.ts';
import { renderScreen } from './views/shell.tsx';
import { screen, visitOf } from './visit.ts';

/** A list of people with everybody ticked, or the text of a mail. */
const FORM_BYTES = 256 * 1024;

export function adminConsole(services: Services) {
  return function routes(app: FastifyInstance, _options: object, done: () => void): void {
    const parts: PageParts = { services, assets: loadAssets(), base: new URL(services.config.publicUrl).pathname.replace(/\/$/, '') };
    app.removeAllContentTypeParsers();
    app.register(formbody, { bodyLimit: FORM_BYTES });
    app.setErrorHandler(async (thrown, request, reply) => {
      const error = toScimError(thrown, request.routeOptions.bodyLimit, services.config.limits);
      const visit = error.status < 500 && error.status !== 403 ? await visitOf(request, reply, parts, undefined).catch(() => undefined) : undefined;
      if (!visit) return errorPage(thrown, request, reply, parts);
      request.failure = error;
      const { page } = visit;
      const title = error.status === 404 ? page.translate('page.status.404') : page.translate('console.fault.title');
      return sendPage(reply.headers(error.headers), renderScreen({ page, title, ...(error.status === 404 ? { lead: page.translate('page.status.404.text', { contact: contactOf(page) }) } : { fault: faultOf(error, page.translate) }), children: null }), error.status);
    });
    app.after(() => {
      app.get('/console', screen(parts, undefined, ({ reply, rights }) => {
        const first = PLACES.find((place) => mayOpen(place, rights));
        if (first === undefined) throw new ScimError(403, 'There is no screen for these rights.');
        return reply.redirect(parts.base + MENU[first].path, 303);
      }));
      usersList(app, parts);
      usersMany(app, parts);
      userScreens(app, parts);
      userActs(app, parts);
      connectionsList(app, parts);
      connectionScreens(app, parts);
      groupScreens(app, parts);
      directoryScreens(app, parts);
      externalScreens(app, parts);
      portalUserScreens(app, parts);
      logScreens(app, parts);
      auditScreens(app, parts);
      reviewScreens(app, parts);
      importScreens(app, parts);
      importUpload(app, parts);
      importMapping(app, parts);
      leaversScreens(app, parts);
      matchScreens(app, parts);
      mergeScreens(app, parts);
      hiddenScreens(app, parts);
      seatScreens(app, parts);
      policyScreens(app, parts);
      mailScreens(app, parts);
      mailboxScreens(app, parts);
      systemScreens(app, parts);
    });
    done();
  };
}
