/**
 * What a column of an import can hold, and what a cell asks for. A cell that says what an export would say of the person asks for nothing, so an
 * exported file that comes back changes nobody (J12).
 */
import { invalidValue } from '../errors.ts';
import { checkAddress } from '../mail/address.ts';
import type { Context } from '../resources/context.ts';
import type { Json } from '../scim/json.ts';
import { fold } from '../scim/fold.ts';
import { isComplex, isList, type Attributes } from '../scim/schema.ts';
import { ACCOUNT_EXTENSION, SCHEMA } from '../scim/urns.ts';
import { POPULATIONS, populationsSeen } from '../store/audience.ts';
import { isTimeZone } from '../time.ts';
import { complexAt, textAt } from './attributes.ts';
import { readDay, zoneOf } from './dates.ts';
import { cellOf } from './export-csv.ts';
import { addressOf } from './facts.ts';
import type { Person } from './people.ts';

/** A value of an attribute as a PATCH would write it; undefined takes it away. */
export interface Wish {
  readonly path: string;
  readonly value: Json | undefined;
}

interface FieldKind {
  /** As errors call it. */
  readonly path: string;
  /** Headers of other systems, as `plain` writes them. */
  readonly names: readonly string[];
  /** What an export says of somebody. */
  readonly shown: (person: Person, attributes: Attributes) => string;
  /** @param text not empty. @throws ScimError saying what is wrong with it */
  readonly read: (text: string, attributes: Attributes, context: Context) => readonly Wish[];
  /** What an empty cell asks for where it is to clear; undefined: nothing. */
  readonly clear?: readonly Wish[];
}

const ENTERPRISE = SCHEMA.enterpriseUser;

/** One attribute with one text. */
function simple(path: string, names: readonly string[], check?: (text: string, context: Context) => string | undefined): FieldKind {
  return {
    path, names,
    shown: (_, attributes) => textOf(attributes, path) ?? '',
    read: (text, _, context) => {
      const wrong = check?.(text, context);
      if (wrong !== undefined) throw invalidValue(wrong);
      return [{ path, value: text }];
    },
    clear: [{ path, value: undefined }],
  };
}

function textOf(attributes: Attributes, path: string): string | undefined {
  const [, urn, ofExtension] = /^(urn:.*):(\w+)$/.exec(path) ?? [];
  if (urn !== undefined && ofExtension !== undefined) return textAt(complexAt(attributes, urn), ofExtension);
  const [name = '', sub] = path.split('.');
  return sub === undefined ? textAt(attributes, name) : textAt(complexAt(attributes, name), sub);
}

function date(name: 'hireDate' | 'leaveDate', names: readonly string[]): FieldKind {
  const path = `${ACCOUNT_EXTENSION}:${name}`;
  return {
    ...simple(path, names),
    read: (text, attributes, { tenant: { policy } }) => {
      try {
        return [{ path, value: readDay(name, text, zoneOf(attributes, policy)) }];
      } catch {
        throw invalidValue('it must be a day like 2030-12-31.');
      }
    },
  };
}

const familyName = simple('name.familyName', []);
const infixPath = `${ACCOUNT_EXTENSION}:familyNamePrefix`;

export const FIELDS = {
  id: { ...simple('id', ['uuid']), shown: ({ id }) => id },
  userName: { ...simple('userName', ['login', 'loginname', 'account', 'accountname', 'userprincipalname', 'upn', 'userid', 'samaccountname']), clear: [] },
  externalId: simple('externalId', ['externalnumber', 'sourceid']),
  email: {
    path: 'emails', names: ['mail', 'emailaddress', 'primaryemail', 'workemail', 'emailwork', 'emailaddresses', 'epost'],
    shown: ({ address = '' }) => address,
    read: (text, attributes) => {
      const wrong = checkAddress(text);
      if (wrong !== undefined) throw invalidValue(`the address ${wrong}.`);
      return [{ path: 'emails', value: withAddress(attributes, text) }];
    },
  },
  firstName: simple('name.givenName', ['givenname', 'given', 'forename']),
  // As exports write it: the infix behind a comma.
  lastName: {
    path: 'name.familyName', names: ['familyname', 'surname', 'sn', 'family'],
    shown: (person, attributes) => cellOf('lastName', person, attributes),
    read: (text, attributes) => {
      const [, family = text, infix] = /^(.*),\s*([^,]+)$/.exec(text) ?? [];
      const wishes = [{ path: 'name.familyName', value: family.trim() }, { path: infixPath, value: infix?.trim() }];
      return wishes.filter(({ path, value }) => value !== textOf(attributes, path));
    },
    clear: [{ path: 'name.familyName', value: undefined }, { path: infixPath, value: undefined }],
  },
  familyNamePrefix: simple(infixPath, ['infix', 'tussenvoegsel', 'nameprefix', 'surnameprefix']),
  displayName: simple('displayName', ['fullname']),
  title: simple('title', ['jobtitle', 'position', 'function']),
  department: simple(`${ENTERPRISE}:department`, ['dept']),
  division: simple(`${ENTERPRISE}:division`, ['divisie', 'divisjon']),
  organization: simple(`${ENTERPRISE}:organization`, ['organisation', 'organisatie', 'organisasjon', 'company', 'companyname']),
  costCenter: simple(`${ENTERPRISE}:costCenter`, ['costcentre', 'kostenplaats', 'kostnadssted']),
  employeeNumber: simple(`${ENTERPRISE}:employeeNumber`, ['employeeid', 'employeeno', 'personnelnumber', 'staffnumber']),
  language: simple('preferredLanguage', ['lang'], (text) => (/^[a-z]{2,8}(?:[-_][a-z0-9]{1,8})*$/i.test(text) ? undefined : 'it must be a language tag like nl or en-GB.')),
  timeZone: simple('timezone', ['tz', 'tijdzone', 'tidssone'], (text) => (isTimeZone(text) ? undefined : 'it must be a time zone of the IANA list like Europe/Amsterdam.')),
  hireDate: date('hireDate', ['startdate', 'firstday', 'entrydate', 'datumindienst', 'indienst', 'startdato', 'ansattdato']),
  leaveDate: date('leaveDate', ['enddate', 'lastday', 'leavingdate', 'terminationdate', 'datumuitdienst', 'uitdienst']),
  population: {
    ...simple(`${ACCOUNT_EXTENSION}:population`, [], (text, { scope }) => (populationsSeen(scope, POPULATIONS).some((one) => one === text) ? undefined : `it must be one of ${populationsSeen(scope, POPULATIONS).join(', ')}.`)),
    shown: ({ population }) => population,
    clear: [],
  },
  roles: {
    path: 'roles', names: ['role', 'rol', 'rolle'],
    shown: ({ roles }) => roles.join(', '),
    read: (text, attributes) => (isSameSet(namesIn(text), rolesOf(attributes)) ? [] : [{ path: 'roles', value: namesIn(text).map((value) => ({ value })) }]),
    clear: [{ path: 'roles', value: undefined }],
  },
  // Memberships are no attribute of the person: `import-plan.ts` reads them.
  groups: { path: 'members', names: ['group', 'groep', 'groepen', 'gruppe', 'grupper', 'memberof'], shown: () => '', read: () => [] },
  // It follows from others, and is in every export.
  status: { path: 'status', names: [], shown: () => '', read: () => [] },
} as const satisfies Readonly<Record<string, FieldKind>>;

export type Field = keyof typeof FIELDS;
export const isField = (name: string): name is Field => Object.hasOwn(FIELDS, name);
export const FIELD_NAMES = Object.keys(FIELDS).filter(isField);
/** Those by which people are found, in the order in which they are chosen. */
export const MATCHING = ['id', 'userName', 'email', 'externalId'] as const satisfies readonly Field[];
export type Matching = (typeof MATCHING)[number];

/** @param besides fields of other columns: where the infix has one of its own, the last name is the family name alone */
export const kindOf = (field: Field, besides: ReadonlySet<string>): FieldKind => (field === 'lastName' && besides.has('familyNamePrefix') ? familyName : FIELDS[field]);

/** Names with a comma or a semicolon between them. */
export const namesIn = (text: string): readonly string[] => [...new Map(text.split(/[,;]/).map((name) => name.trim()).filter((name) => name !== '').map((name) => [fold(name), name])).values()];

const rolesOf = ({ roles }: Attributes): readonly string[] => (isList(roles) ? roles : []).flatMap((role) => (isComplex(role) ? (textAt(role, 'value') ?? []) : []));

function isSameSet(some: readonly string[], others: readonly string[]): boolean {
  const [a, b] = [new Set(some.map(fold)), new Set(others.map(fold))];
  return a.size === b.size && [...a].every((name) => b.has(name));
}

/** The one address of a person is replaced (S2u); others stay. */
function withAddress(attributes: Attributes, address: string): Json {
  const emails = (Array.isArray(attributes['emails']) ? attributes['emails'] : []).filter(isComplex);
  const current = addressOf(attributes);
  const index = emails.findIndex(({ value }) => value === current);
  if (index < 0) return [{ value: address, type: 'work', primary: true }];
  return emails.map((email, position) => (position === index ? { ...email, value: address } : email));
}
