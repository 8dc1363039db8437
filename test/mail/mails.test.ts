import t from 'tap';
import { translator } from '../../src/locales/translator.ts';
import { recovery } from '../../src/mail/account-mails.ts';
import { leaveNotice } from '../../src/mail/administrator-mails.ts';
import type { Content } from '../../src/mail/letter.ts';
import { oneLine, severalLines } from '../../src/mail/line.ts';
import { LANGUAGES } from '../../src/policy.ts';
import { everyMail, letterhead, LINK, WHEN } from './samples.ts';

const HOSTILE: Readonly<Record<string, string>> = {
  'a script': '<script>alert(1)</script>',
  'an end of the element': '</td></table><img src=x onerror=alert(1)>',
  'quotes': `"><a href='https://evil.example'>`,
  'a header': 'Jan\r\nBcc: evil@example.org\r\n\r\nHello',
  'other line breaks': 'Jan\u2028Bcc: evil@example.org\u2029\u0085\v\fend',
  'a placeholder': '{{link}} {{organisation}} $t(mail.bareLink)',
  'a replacement pattern': "$& $1 $` $'",
  'a change of direction': 'Jan \u202egpj.exe\u2066',
  'a NUL and a lone surrogate': 'Jan\0 \ud83d',
  'a long one': 'Wolfeschlegelsteinhausenbergerdorff'.repeat(500),
  'markup of mail programs': '<!--[if mso]><p>evil</p><![endif]-->&lt;b&gt;',
};
/** Elements and attributes with values, so without any text. */
const skeleton = (html: string) => html.replace(/>[^<]*/g, '>').replace(/ (href)="[^"]*"/g, ' $1');

t.test('every mail in every language: subject, text and HTML say the same, in that language', async (t) => {
  for (const language of LANGUAGES) {
    const head = { ...letterhead, language };
    for (const [kind, mail] of Object.entries(everyMail({ letterhead: head, name: 'Zoë van den Berg' }))) {
      const told = `${kind} ${language}`;
      t.equal(mail.language, language);
      t.ok(mail.subject !== '' && !mail.subject.includes('\n') && mail.subject.length <= 200, told);
      t.ok(mail.html.startsWith(`<!doctype html>\n<html lang="${language}"`), told);
      for (const part of [mail.subject, mail.text, mail.html]) t.notMatch(part, /\{\{|\}\}|undefined|\[object|mail\.\w+\.\w+/, told);
      t.ok(mail.text.includes('Gemeente Utrecht') && mail.html.includes('Gemeente Utrecht'), told);
      t.ok(mail.html.includes('border-top:4px solid #1f5f8b'), told);
      t.match(mail.text, translator(language)('mail.footer', { organisation: 'Gemeente Utrecht' }), told);
      const plain = mail.html.replace(/^[\s\S]*<body/, '').replace(/<[^>]*>/g, ' ').replace(/&amp;/g, '&');
      for (const line of mail.text.split('\n').filter((one) => !/^(-- |- |.*:$)/.test(one))) t.ok(plain.includes(line), `${told}: ${line}`);
    }
  }
});

t.test('what works in mail programs: no scripts, no pictures, no outer files, tables that are no tables, dark mode, at most 600 px', async (t) => {
  for (const [kind, { html }] of Object.entries(everyMail({ letterhead, name: 'Jan' }))) {
    t.notMatch(html, /<(script|img|link|iframe|form|object|svg)|url\(|@import| on\w+=/i, kind);
    t.equal((html.match(/<table/g) ?? []).length, (html.match(/<table role="presentation"/g) ?? []).length, kind);
    t.ok(html.includes('<meta name="color-scheme" content="light dark"/>') && html.includes('prefers-color-scheme: dark'), kind);
    t.ok(html.includes('max-width:600px') && html.length < 100_000, `${kind}: short enough that Gmail does not clip it`);
  }
});

t.test('a link is a button and stands as text too, whole and alone on its line', async (t) => {
  for (const [kind, { html, text }] of Object.entries(everyMail({ letterhead, name: 'Jan' }))) {
    if (kind === 'addressChanged' || kind === 'secondFactorReset') continue;
    const escaped = LINK.replace('&', '&amp;');
    t.ok(text.split('\n').includes(LINK), kind);
    t.equal(html.split(`href="${escaped}"`).length, 3, kind);
    t.ok(html.includes(`>${escaped}</a>`), kind);
  }
});

t.test('no name, organisation, label or contact breaks the subject, the text or the HTML', async (t) => {
  const harmless: Readonly<Record<string, Content>> = everyMail({ letterhead: { ...letterhead, organisation: 'x', contact: 'x' }, name: 'x' });
  for (const [what, name] of Object.entries(HOSTILE)) {
    const mails = everyMail({ letterhead: { ...letterhead, organisation: name, contact: name }, name });
    for (const [kind, mail] of Object.entries(mails)) {
      const told = `${kind}: ${what}`;
      t.notMatch(mail.subject, /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u202e\u2066]/u, told);
      t.ok(mail.subject.length <= 200, told);
      t.equal(mail.text.split('\n').length, harmless[kind]?.text.split('\n').length, `${told}: no line more`);
      t.notMatch(mail.text, /[\0\r\v\f\u0085\u2028\u2029\u202e\u2066\ud800-\udfff]/u, told);
      t.equal(skeleton(mail.html), skeleton(harmless[kind]?.html ?? ''), `${told}: no element or attribute more`);
      t.ok(mail.text.length < 5_000, told);
    }
  }
  const { text } = everyMail({ letterhead, name: '{{link}} <b>' }).invitation;
  t.match(text, 'Hallo {{link}} <b>,', 'and what a person is called stays what it is');
});

t.test('a colour that is none does not reach the style, and the button can be read on any', async (t) => {
  const button = (color: string) => everyMail({ letterhead: { ...letterhead, color }, name: 'Jan' }).recovery.html;
  t.notMatch(button('red;background:url(https://evil.example)'), 'evil');
  t.match(button('red'), 'bgcolor="#1f5f8b"');
  for (const [color, ink] of [['#ffff00', '#000000'], ['#ffffff', '#000000'], ['#000000', '#ffffff'], ['#1f5f8b', '#ffffff']] as const) {
    t.match(button(color), new RegExp(`bgcolor="${color}"[^>]*><a [^>]*[; "]color:${ink};`), color);
  }
});

t.test('a link that is no whole web address is a fault of the caller', async (t) => {
  for (const link of ['javascript:alert(1)', '/activate', 'https://x.example/ y', 'https://x.example/\r\nBcc: y', 'data:text/html,x', '']) {
    t.throws(() => recovery(letterhead, { name: 'Jan', link, minutes: 60, until: WHEN }), TypeError, link);
  }
});

t.test('without a contact people are sent to their administrator, and without a name the greeting has none', async (t) => {
  const { addressChanged, recovery: asked } = everyMail({ letterhead: { ...letterhead, contact: ' ' }, name: ' ' });
  t.match(addressChanged.text, 'contact op met je beheerder');
  t.notMatch(addressChanged.text, 'Vragen?');
  t.match(asked.text, /^Hallo,\n/);
});

t.test('S10: what goes to an address that may be a stranger\'s names nobody', async (t) => {
  const { addressConfirm, addressChanged } = everyMail({ letterhead, name: 'Jan Jansen' });
  t.notMatch(addressConfirm.text, 'Jansen');
  t.notMatch(addressChanged.text, '@');
});

t.test('a long list of leavers is cut, and says how many more there are', async (t) => {
  const people = Array.from({ length: 1_060 }, (_, at) => ({ name: `Person ${at}`, lastDay: '2026-11-27' }));
  const mail = leaveNotice(letterhead, { name: 'Jan', people, link: LINK });
  t.match(mail.subject, '1.060 medewerkers');
  t.match(mail.text, '- en nog 1.010 anderen');
  t.equal((mail.html.match(/<li/g) ?? []).length, 51);
});

t.test('one line: cut between characters as people count them', async (t) => {
  const family = '👨‍👩‍👧';
  t.equal(oneLine(' a \t\n b '), 'a b');
  t.equal(oneLine('می‌خواهم'), 'می‌خواهم', 'joiners that belong to a word stay');
  t.equal(oneLine('abcdef', 4), 'abc…');
  t.equal(oneLine(`abc${family}def`, 6), 'abc…');
  t.equal(severalLines('a\r\n\r\n\r\n\r\nb \0\rc', 100), 'a\n\nb\nc');
});
