/** What the verbs on a login have in common: one event of `state.ts`, committed with all that follows from it, through the same change as a PATCH. */
import type { Effects } from '../resources/behaviours.ts';
import { change } from '../resources/change.ts';
import type { Context } from '../resources/context.ts';
import type { Attributes, ResourceType } from '../scim/schema.ts';
import type { StoredResource } from '../store/codec.ts';
import { factsOf, withFacts, type Facts } from './facts.ts';
import { happen, whyNot, type Event } from './state.ts';

export const userType = ({ scope }: Pick<Context, 'scope'>): ResourceType => scope.store.registry.type('User');

export interface Verb {
  /** As the audit log calls it. */
  readonly action: string;
  readonly event: Event;
  /** What happens with it, where it can then. */
  readonly then?: Event;
  /** Where it does not hold nothing happens: somebody else was faster. Asked again after a conflict. */
  readonly when?: (facts: Facts) => boolean;
  /** Other attributes that the verb changes. */
  readonly attributes?: (before: Attributes) => Attributes;
  /** What is written besides. @param attributes as they will be */
  readonly effects?: (attributes: Attributes, current: StoredResource) => Promise<Effects>;
}

/** @throws ScimError 404, 409 with the reason why it is not possible now; then nothing has changed */
export async function perform(context: Context, person: string, { action, event, then, when = () => true, attributes: others = (before) => before, effects }: Verb): Promise<void> {
  const wanted = (current: StoredResource) => {
    const first = happen(factsOf(current.attributes), event);
    if (!then || whyNot(first.facts, then.kind) !== undefined) return first;
    const second = happen(first.facts, then);
    return { facts: second.facts, endsAll: first.endsAll || second.endsAll };
  };
  await change(context, {
    type: userType(context), id: person, action, precondition: 'any',
    want: (current) => ({ attributes: when(factsOf(current.attributes)) ? withFacts(others(current.attributes), wanted(current).facts) : current.attributes, members: undefined }),
    effects: async (current) => {
      if (!when(factsOf(current.attributes))) return {};
      const { facts, endsAll } = wanted(current);
      const own = (await effects?.(withFacts(others(current.attributes), facts), current)) ?? {};
      return endsAll ? { ...own, account: { endsAll: true, ...own.account } } : own;
    },
  });
}
