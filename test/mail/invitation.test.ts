import t from 'tap';
import { activationAgain, checkPlaceholders, invitation, invitationDraft, previewInvitation } from '../../src/mail/invitation.ts';
import { LANGUAGES } from '../../src/policy.ts';
import { letterhead, LINK, WHEN } from './samples.ts';

const invited = { name: 'Zoë', link: LINK, until: WHEN };

t.test('S3: the form begins with subject and text in the language of the person, and nothing in them is wrong', async (t) => {
  for (const language of LANGUAGES) {
    const draft = invitationDraft(language);
    t.equal(checkPlaceholders(draft.text), undefined, language);
    t.equal(checkPlaceholders(draft.subject, 'subject'), undefined, language);
  }
  t.match(invitationDraft('nl').text, /^Hallo \{\{name\}\},\n\n\{\{organisation\}\} heeft/);
});

t.test('S3: the edited subject and text are what is sent', async (t) => {
  const draft = { subject: 'Welkom, {{ name }}!', text: 'Dag {{name}},\r\nfijn dat je er bent bij {{organisation}}.\n\n\n\nKlik hier: {{ link }} en kies een wachtwoord, uiterlijk {{until}}.\n<Groeten> & tot gauw' };
  t.equal(checkPlaceholders(draft.text), undefined);
  const mail = invitation(letterhead, draft, invited);
  t.equal(mail.subject, 'Welkom, Zoë!');
  t.equal(mail.text.split('\n-- \n')[0], [
    'Dag Zoë,\nfijn dat je er bent bij Gemeente Utrecht.',
    'Klik hier:',
    `Account activeren:\n${LINK}`,
    'en kies een wachtwoord, uiterlijk 21 november 2026 om 13:30 CET.\n<Groeten> & tot gauw',
    '',
  ].join('\n\n').slice(0, -1));
  t.match(mail.html, /Dag Zoë,<br\s?\/>fijn dat/);
  t.match(mail.html, '&lt;Groeten> &amp; tot gauw');
});

t.test('S5: the same text again, and that earlier links are dead', async (t) => {
  const draft = { subject: 'Welkom', text: 'Dag {{name}}: {{link}}' };
  const [first, again] = [invitation(letterhead, draft, invited), activationAgain(letterhead, draft, { ...invited, link: 'https://rollcall.example/new' })];
  t.equal(again.subject, first.subject);
  t.match(again.text, /^Dag Zoë:\n\nAccount activeren:\nhttps:\/\/rollcall\.example\/new\n\nLinks in eerdere e-mails werken niet meer\./);
  t.notMatch(again.text, LINK);
});

t.test('a placeholder that is none is named, and the link must be there', async (t) => {
  const link = ['{{link}}'];
  const rows: readonly (readonly [string, { unknown: string[]; missing: string[] } | undefined])[] = [
    ['{{link}} {{name}} {{organisation}} {{until}}', undefined],
    ['{{ link }}', undefined],
    ['{link} {{link}}', undefined],
    ['{{link}} {{naam}} {{naam}} {{Name}}', { unknown: ['{{naam}}', '{{Name}}'], missing: [] }],
    ['{{link}} {{name}', { unknown: ['{{name}'], missing: [] }],
    ['{{link}} {{}} name}}', { unknown: ['{{}}', '}}'], missing: [] }],
    ['{{link}} {{constructor}}', { unknown: ['{{constructor}}'], missing: [] }],
    ['Hallo {{name}}', { unknown: [], missing: link }],
    ['{{Link}}', { unknown: ['{{Link}}'], missing: link }],
    ['', { unknown: [], missing: link }],
  ];
  for (const [text, faults] of rows) t.same(checkPlaceholders(text), faults, text);
});

t.test('a text that lost its link gets it at the end', async (t) => {
  for (const text of ['Welkom', '', `${'a'.repeat(20_000)} {{link}}`]) t.ok(invitation(letterhead, { subject: 'Welkom', text }, invited).text.includes(`\n${LINK}\n`), text.slice(0, 10));
});

t.test('the link has no place in a subject, and a subject needs no placeholder', async (t) => {
  t.equal(checkPlaceholders('Welkom', 'subject'), undefined);
  t.same(checkPlaceholders('{{link}}', 'subject'), { unknown: ['{{link}}'], missing: [] });
  t.notMatch(invitation(letterhead, { subject: 'Go {{link}}', text: '{{link}}' }, invited).subject, 'https');
});

t.test('checking and filling in take no time, however a text is made', async (t) => {
  const started = performance.now();
  for (const part of ['{{', '{{ ', '}}', '{{a', '\n', ' ', '{{link}}']) {
    checkPlaceholders(part.repeat(100_000));
    invitation(letterhead, { subject: part.repeat(10_000), text: part.repeat(100_000) }, invited);
  }
  t.ok(performance.now() - started < 5_000, `${performance.now() - started} ms`);
});

t.test('a preview holds no live link', async (t) => {
  const mail = previewInvitation(letterhead, invitationDraft('nl'), invited);
  t.notMatch(mail.text + mail.html, 'rollcall.example');
  t.match(mail.text, 'Hallo Zoë,');
});
