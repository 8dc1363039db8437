/** What a catalogue is, and what the compiler knows about its keys and the values that each text needs. */
import type { en } from './en.ts';

type English = typeof en;

/** Exactly the keys of the English catalogue: a missing or a further one does not compile. */
export type Catalogue = { readonly [Key in keyof English]: string };

type Stem<Key extends string> = Key extends `${infer Before}_one` | `${infer Before}_other` ? Before : Key;

/** What `translate` takes: a text that counts is one key, whatever forms it has. */
export type TextKey = Stem<keyof English>;

type TextOf<Key extends TextKey> = Key extends keyof English ? English[Key] : `${Key}_other` extends keyof English ? English[`${Key}_other`] : never;

/** `{{count, number}}` is the value `count`, written as the language writes numbers. */
type NamesIn<Text extends string> = Text extends `${string}{{${infer Inner}}}${infer Rest}` ? (Inner extends `${infer Name},${string}` ? Name : Inner) | NamesIn<Rest> : never;

type ValueOf<Name extends string> = Name extends 'count' ? number : string;

/** No argument for a text without placeholders, else an object with every one of them. */
export type ValuesFor<Key extends TextKey> = [NamesIn<TextOf<Key>>] extends [never] ? [] : [values: { readonly [Name in NamesIn<TextOf<Key>>]: ValueOf<Name> }];

export type Translate = <Key extends TextKey>(key: Key, ...values: ValuesFor<Key>) => string;
