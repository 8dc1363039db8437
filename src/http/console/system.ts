/** `/console/system`: how this server does, for whoever looks before they call somebody. */
import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { greetingOf, isGreeting } from '../../mail/greeting.ts';
import { listConnections } from '../../tenancy/connections.ts';
import { systemState } from '../../tenancy/system-state.ts';
import { sendPage, type PageParts } from '../pages/frame.ts';
import { systemScreen } from './views/system.tsx';
import { doingOf, screen } from './visit.ts';

export function systemScreens(app: FastifyInstance, parts: PageParts): void {
  const { config, store } = parts.services;
  app.get('/console/system', screen(parts, 'system', async (visit) => {
    const doing = doingOf(visit);
    const [state, mail, connections] = await Promise.all([systemState(store, doing.tenant), mailState(config.smtpUrl), listConnections(doing, doing.tenant)]);
    const about = { version: ownVersion(), node: process.version, role: config.role, publicUrl: config.publicUrl };
    return sendPage(visit.reply, systemScreen({ page: visit.page, about, state, mail, endingTokens: connections.reduce((sum, { endingSoon }) => sum + endingSoon.length, 0), now: doing.now() }));
  }));
}

async function mailState(smtpUrl: string | undefined): Promise<'none' | 'ok' | 'fails'> {
  if (smtpUrl === undefined) return 'none';
  try {
    return isGreeting(await greetingOf(smtpUrl)) ? 'ok' : 'fails';
  } catch {
    return 'fails';
  }
}

function ownVersion(): string {
  const found: unknown = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  return typeof found === 'object' && found !== null && 'version' in found ? String(found.version) : '';
}
