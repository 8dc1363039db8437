/**
 * What a request asked for and what became of it, noted by the use cases on their way, for the provisioning log. Paths and names stand in the
 * operations; values, which may be personal, are kept apart by the person whom they are about.
 */
import { ScimError } from '../errors.ts';
import type { FilterNode } from '../scim/filter.ts';
import { targetName, type PatchOperation } from '../scim/patch-request.ts';
import type { MemberChange } from '../scim/members.ts';
import type { Attributes, ResourceType } from '../scim/schema.ts';
import type { LoggedOperation } from '../store/documents.ts';

/** What of a request is kept at most: a bulk request of a thousand operations is not written twice. */
const MOST_OPERATIONS = 100;
const MOST_NAMES = 50;
const MOST_VALUE_CHARACTERS = 10_000;

/** An error may quote what was sent, and that may be somebody's name. */
export const withoutQuotes = (text: string) => text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '"..."');

/** What stands in a path in place of an id may be anything that somebody typed. */
const known = ({ id, ...subject }: Subject): Subject => (id !== undefined && UUID.test(id) ? { ...subject, id } : subject);
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A filter without the values in it: they name people. */
function shapeOf(node: FilterNode): string {
  switch (node.kind) {
    case 'and':
    case 'or':
      return node.nodes.map((inner) => (inner.kind === 'and' || inner.kind === 'or' ? `(${shapeOf(inner)})` : shapeOf(inner))).join(` ${node.kind} `);
    case 'not':
      return `not (${shapeOf(node.node)})`;
    case 'compare':
      return `${node.path} ${node.operator} ?`;
    case 'present':
      return `${node.path} pr`;
    case 'element':
      return `${node.path}[${shapeOf(node.node)}]`;
  }
}

type Values = Readonly<Record<string, unknown>>;
interface Subject {
  readonly action: string;
  readonly type: string;
  readonly id?: string;
}

export class Report {
  readonly operations: LoggedOperation[] = [];
  /** Operations beyond those that are kept. */
  more = 0;
  /** A filter with its values taken out. */
  filter: string | undefined;
  /** Values by the id of the person whom they are about. */
  readonly values = new Map<string, Values>();
  /** Operations that were refused for want of a right, for the audit log. */
  readonly forbidden: { readonly type: string; readonly id: string; readonly error: ScimError }[] = [];
  private readonly asked = new Map<string, readonly string[]>();

  /** A whole resource was sent. What is never returned is left out: it is a secret. */
  sent(type: ResourceType, id: string, attributes: Attributes): void {
    this.asked.set(id, Object.keys(attributes));
    this.keepValues(type, id, Object.fromEntries(Object.entries(attributes).filter(([name]) => type.attributes.get(name.toLowerCase())?.returned !== 'never')));
  }

  /** Operations were sent, as Rollcall understood them. */
  patched(type: ResourceType, id: string, operations: readonly PatchOperation[], members: readonly MemberChange[]): void {
    const named = operations.map((operation) => ({ operation, path: operation.op === 'echo' ? operation.attribute.name : targetName(operation.target) }));
    this.asked.set(id, [...named.map(({ operation, path }) => `${operation.op} ${path}`), ...members.map((member) => `${member.kind} members`)]);
    this.keepValues(type, id, Object.fromEntries(named.flatMap(({ operation, path }) =>
      ('value' in operation && !(operation.op !== 'echo' && operation.target.path.attribute.returned === 'never') ? [[path, operation.value]] : []))));
  }

  /** A filter, as it was understood. */
  filtered(filter: FilterNode): void {
    this.filter = shapeOf(filter);
  }

  changed(subject: Subject, changed: readonly string[]): void {
    this.add(subject, { outcome: 'changed', changed: changed.slice(0, MOST_NAMES) });
  }

  /** @param reason why nothing did */
  unchanged(subject: Subject, reason: string): void {
    this.add(subject, { outcome: 'unchanged', changed: [], reason });
  }

  /** One operation of several. */
  refused(subject: Subject, error: ScimError): void {
    this.add(subject, { outcome: 'refused', changed: [], reason: withoutQuotes(error.message) });
    if (error.status === 403) this.forbidden.push({ type: subject.type, id: known(subject).id ?? '', error });
  }

  /** Work on one resource, of which it is told when it is refused. */
  async watch<T>(subject: Subject, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (error instanceof ScimError) this.refused(subject, error);
      throw error;
    }
  }

  private add(subject: Subject, result: Pick<LoggedOperation, 'outcome' | 'changed' | 'reason'>): void {
    if (this.operations.length >= MOST_OPERATIONS) this.more++;
    else this.operations.push({ ...known(subject), asked: this.askedOf(subject.id), ...result });
  }

  /** Names that are about values already seen: `name.familyName`, not what it was set to. */
  private askedOf(id: string | undefined): readonly string[] {
    return (this.asked.get(id ?? '') ?? []).slice(0, MOST_NAMES).map((name) => name.replaceAll(/"(?:[^"\\]|\\.)*"/g, '?'));
  }

  private keepValues(type: ResourceType, id: string, values: Values): void {
    if (type.name !== 'User' || Object.keys(values).length === 0 || this.values.size >= MOST_OPERATIONS) return;
    if (JSON.stringify(values).length <= MOST_VALUE_CHARACTERS) this.values.set(id, values);
  }
}
