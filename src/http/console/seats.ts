/** `/console/seats`: J1. Numbers alone, so whoever may see them sees those of every population. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { ScimError } from '../../errors.ts';
import { POPULATIONS } from '../../store/audience.ts';
import { seatHistory } from '../../tenancy/seats.ts';
import { queryOf, sendPage, type PageParts } from '../pages/frame.ts';
import { seatsScreen } from './views/seats.tsx';
import { doingOf, screen, type Visit } from './visit.ts';

export function seatScreens(app: FastifyInstance, parts: PageParts): void {
  app.get('/console/seats', screen(parts, 'seats', showSeats));
}

async function showSeats(visit: Visit): Promise<FastifyReply> {
  const { request, reply, page } = visit;
  const asked = { from: queryOf(request, 'from') || undefined, to: queryOf(request, 'to') || undefined };
  const population = POPULATIONS.find((one) => one === queryOf(request, 'population')) ?? 'employee';
  const doing = { ...doingOf(visit), sees: undefined };
  const found = await seatHistory(doing, asked).catch((error: unknown) => {
    if (error instanceof ScimError && error.status === 400) return error;
    throw error;
  });
  if (!(found instanceof ScimError)) return sendPage(reply, seatsScreen({ page, population, asked, history: found, problem: undefined }));
  return sendPage(reply, seatsScreen({ page, population, asked, history: await seatHistory(doing, { from: undefined, to: undefined }), problem: found.message }), 400);
}
