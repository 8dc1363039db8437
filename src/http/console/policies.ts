/** `/console/policies`: what the organisation has decided, a group at a time; what a stricter rule would do is shown before it holds. */
import type { FastifyInstance } from 'fastify';
import { policyEffects, type PolicyEffects } from '../../accounts/policy-effects.ts';
import { notFound } from '../../errors.ts';
import { wordsFaults } from '../../mail/invitation.ts';
import { POLICY, type Policy } from '../../policy.ts';
import { changePolicy, getTenant } from '../../tenancy/tenants.ts';
import { pathParameter } from '../api/calls.ts';
import { sendPage, type PageParts } from '../pages/frame.ts';
import { form, type Given, type Problem, type Saved } from './forms.ts';
import { checkStamp, settingsChange, stampOf, type SettingsChange } from './setting-fields.ts';
import { policiesScreen, policyScreen, POLICY_GROUPS, GROUP_NAMES, type PolicyGroup } from './views/policies.tsx';
import { doingOf, screen, type Visit } from './visit.ts';

interface Subject {
  readonly group: PolicyGroup;
  readonly policy: Policy;
}

const present = async (visit: Visit): Promise<Policy> => {
  const doing = doingOf(visit);
  return (await getTenant(doing, doing.tenant)).policy;
};

export function policyScreens(app: FastifyInstance, parts: PageParts): void {
  app.get('/console/policies', screen(parts, 'policies', async (visit) => sendPage(visit.reply, policiesScreen({ page: visit.page, policy: await present(visit) }))));
  form<Subject>(app, parts, 'policies', '/console/policies/:group', {
    find: async (visit) => {
      const group = GROUP_NAMES.find((name) => name === pathParameter(visit.request, 'group'));
      if (!group) throw notFound('Group');
      return { group, policy: await present(visit) };
    },
    show: async (visit, subject, given) => {
      const { change, problems } = given.isSent ? changeIn(visit, subject, given) : NONE;
      const effects = given.isSent && problems.length === 0 ? await effectsOf(visit, change) : undefined;
      return policyScreen({ page: visit.page, ...subject, given, effects, agreed: effects && stampOf(change) });
    },
    save,
  });
}

const NONE: SettingsChange = { change: {}, problems: [] };
function changeIn({ page }: Visit, { group, policy }: Subject, given: Given): SettingsChange {
  const { change, problems } = settingsChange(page, { table: POLICY, names: POLICY_GROUPS[group], values: policy }, given);
  return { change, problems: [...problems, ...wordingProblems(page, change)] };
}

/** What the server would refuse, beside its field: S3. */
const wordingProblems = ({ translate }: Visit['page'], change: SettingsChange['change']): readonly Problem[] =>
  wordsFaults(change).map(({ setting, unknown, missing }) => ({ field: setting, text: translate('console.user.account.wrongPlaceholder', { which: [...unknown, ...missing].join(', ') }) }));

async function save(visit: Visit, subject: Subject, given: Given): Promise<Saved> {
  const doing = doingOf(visit);
  checkStamp(given, subject.policy);
  const { change, problems } = changeIn(visit, subject, given);
  if (problems.length > 0) return { problems };
  const isAgreed = given.value('agreed') === stampOf(change);
  if (given.ticked('preview') || (!isAgreed && touches(await effectsOf(visit, change)))) return 'again';
  await changePolicy(doing, doing.tenant, change);
  return Object.keys(change).length === 0 ? { to: '/console/policies', done: 'nothing' } : { to: '/console/policies', done: 'saved', about: visit.page.translate(`console.policies.group.${subject.group}`) };
}

const touches = (effects: PolicyEffects) => Object.values<number>({ ...effects }).some((count) => count > 0);

const effectsOf = ({ context }: Visit, change: SettingsChange['change']) => policyEffects(context, change);
