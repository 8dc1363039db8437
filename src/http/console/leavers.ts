/** `/console/leavers`: J10 and L4. */
import type { FastifyInstance } from 'fastify';
import { forecast } from '../../accounts/forecast.ts';
import { sendPage, type PageParts } from '../pages/frame.ts';
import { leaversScreen } from './views/leavers.tsx';
import { screen } from './visit.ts';

const DAYS = 30;
const MOST = 200;

export function leaversScreens(app: FastifyInstance, parts: PageParts): void {
  app.get('/console/leavers', screen(parts, 'leavers', async ({ reply, page, context }) => sendPage(reply, leaversScreen({ page, found: await forecast(context, DAYS, MOST), most: MOST }))));
}
