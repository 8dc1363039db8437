import t from 'tap';
import { asciiAddress, checkAddress } from '../../src/mail/address.ts';

t.test('addresses that people have', async (t) => {
  const long = `${'a'.repeat(64)}@${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(61)}`;
  t.equal(long.length, 254);
  for (const address of [
    'jan@example.com', 'Jan.de.Vries@Example.COM', 'jan+scim@example.com', "o'brien@example.ie", 'a_b-c@ex-ample.co.uk', '!#$%&*/=?^`{|}~@example.com', 'root@localhost',
    'jan@intranet', '1@2.nl', 'jan@xn--mnchen-3ya.de', 'jan@münchen.de', 'jan@例え.jp', long,
  ]) t.equal(checkAddress(address), undefined, address);
});

t.test('what is not one address is refused, with a reason', async (t) => {
  const nested = `${'g:'.repeat(5_000)}evil@example.com${';'.repeat(5_000)}`;
  const rows: readonly (readonly [string, string, RegExp])[] = [
    ['a list', 'jan@example.com,evil@example.org', /one @/],
    ['a list with semicolons', 'jan@example.com;evil@example.org', /one @/],
    ['a comma in the local part', 'jan,evil@example.org', /letters/],
    ['a quoted local part', '"jan@example.com evil"@example.org', /one @/],
    ['a quoted local part without @', '"jan"@example.org', /letters/],
    ['a name before it', 'Jan <jan@example.com>', /letters/],
    ['angle brackets', '<jan@example.com>', /letters/],
    ['a group', 'friends: jan@example.com;', /letters/],
    ['nested groups', nested, /at most 254/],
    ['a comment', 'jan(evil)@example.com', /letters/],
    ['a comment in the domain', 'jan@example.com(evil)', /domain/],
    ['another header', 'jan@example.com\r\nBcc: evil@example.org', /one @/],
    ['another header in the local part', 'jan\r\nBcc: evil@example.org', /letters/],
    ['a line break at the end', 'jan@example.com\n', /domain/],
    ['a control character', 'jan\0@example.com', /letters/],
    ['a control character in the domain', 'jan@exam\0ple.com', /domain/],
    ['a blank', 'jan @example.com', /letters/],
    ['a blank before', ' jan@example.com', /letters/],
    ['two @', 'jan@evil@example.com', /one @/],
    ['no @', 'jan', /have an @/],
    ['nothing', '', /empty/],
    ['nothing before the @', '@example.com', /letters/],
    ['nothing after the @', 'jan@', /domain/],
    ['a dot at an end', 'jan.@example.com', /letters/],
    ['two dots', 'jan..vries@example.com', /letters/],
    ['two dots in the domain', 'jan@example..com', /domain/],
    ['a dot at the end', 'jan@example.com.', /domain/],
    ['a hyphen at the end of a label', 'jan@example-.com', /domain/],
    ['an address literal', 'jan@[192.0.2.1]', /domain/],
    ['a number', 'jan@192.0.2.1', /not a number/],
    ['a number in wide digits', 'jan@\uff11\uff12\uff17.1', /domain|number/],
    ['a percent sign', 'jan@exampl%65.com', /domain/],
    ['a percent sign and other letters', 'jan@é%2ecom', /domain/],
    ['an underscore', 'jan@my_host.com', /domain/],
    ['letters beyond ASCII before the @', 'zoë@example.com', /ASCII/],
    ['a lone surrogate', 'jan@\ud800.com', /domain/],
    ['an invisible character', 'jan@exam\u200bple.com', /domain/],
    ['65 characters before the @', `${'a'.repeat(65)}@example.com`, /at most 64/],
    ['a label of 64', `jan@${'a'.repeat(64)}.com`, /domain/],
    ['255 octets', `${'a'.repeat(64)}@${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(62)}`, /at most 254/],
    ['255 octets as punycode alone', `${'a'.repeat(60)}@${'ü'.repeat(30)}.${'ü'.repeat(30)}.${'a'.repeat(63)}.${'b'.repeat(8)}`, /at most|domain/],
  ];
  for (const [name, address, reason] of rows) t.match(checkAddress(address), reason, name);
});

t.test('a refusal takes no time, however long the text', async (t) => {
  const started = performance.now();
  for (const part of ['a.', '(', 'g:', '@', '"', 'é']) checkAddress(part.repeat(1_000_000));
  t.ok(performance.now() - started < 1_000);
});

t.test('an international domain goes over the wire as punycode, anything else as it is', async (t) => {
  t.equal(asciiAddress('Jan@münchen.de'), 'Jan@xn--mnchen-3ya.de');
  t.equal(asciiAddress('Jan@Example.COM'), 'Jan@Example.COM');
  t.throws(() => asciiAddress('jan@exam ple'), TypeError);
});
