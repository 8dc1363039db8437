/** The Norwegian texts (Bokmål). */
import type { Catalogue } from './catalogue.ts';

export const nb: Catalogue = {
  'mail.greeting': 'Hei {{name}},',
  'mail.greeting.nameless': 'Hei,',
  'mail.bareLink': 'Virker ikke knappen? Kopier denne adressen til nettleseren:',
  'mail.footer': '{{organisation}} har sendt denne e-posten automatisk. Svar blir ikke lest.',
  'mail.contact': 'Spørsmål? Kontakt {{contact}}.',
  'mail.contact.administrator': 'administratoren din',

  'mail.invitation.subject': 'Kontoen din hos {{organisation}}',
  'mail.invitation.text':
    'Hei {{name}},\n\n{{organisation}} har opprettet en konto for deg. Velg et passord for å aktivere den:\n\n{{link}}\n\nLenken kan brukes én gang og er gyldig til {{until}}.',
  'mail.invitation.button': 'Aktiver konto',
  'mail.invitation.again': 'Lenker i tidligere e-poster virker ikke lenger.',

  'mail.recovery.subject': 'Velg et nytt passord',
  'mail.recovery.text': 'Noen har bedt om et nytt passord for kontoen din hos {{organisation}}. Var det deg, velger du et her:',
  'mail.recovery.button': 'Velg nytt passord',
  'mail.recovery.until_one': 'Lenken kan brukes én gang og er gyldig i {{count, number}} minutt: til {{until}}.',
  'mail.recovery.until_other': 'Lenken kan brukes én gang og er gyldig i {{count, number}} minutter: til {{until}}.',
  'mail.recovery.notYou': 'Var det ikke deg, trenger du ikke gjøre noe: Passordet ditt forblir som det er.',

  'mail.signInElsewhere.subject': 'Slik logger du på hos {{organisation}}',
  'mail.signInElsewhere.text':
    'Noen har bedt om et nytt passord for kontoen din hos {{organisation}}. Du har ikke noe passord her: Du logger på med kontoen fra din egen organisasjon.',
  'mail.signInElsewhere.button': 'Logg på med organisasjonen din',
  'mail.signInElsewhere.forgotten': 'Har du glemt passordet til den kontoen? Kontakt {{contact}}.',
  'mail.signInElsewhere.notYou': 'Var det ikke du som ba om dette, trenger du ikke gjøre noe.',

  'mail.addressConfirm.subject': 'Bekreft den nye e-postadressen din',
  'mail.addressConfirm.text': 'Denne adressen er oppgitt som ny e-postadresse for en konto hos {{organisation}}. Bekreft at den er din:',
  'mail.addressConfirm.button': 'Bekreft adressen',
  'mail.addressConfirm.until': 'Lenken kan brukes én gang og er gyldig til {{until}}. Den gamle adressen er i bruk til du bekrefter.',
  'mail.addressConfirm.notYou': 'Venter du ikke dette? Da har noen skrevet feil adresse: Ikke gjør noe, så blir adressen din ikke brukt.',

  'mail.addressChanged.subject': 'E-postadressen din er endret',
  'mail.addressChanged.text':
    'Den {{when}} fikk kontoen din hos {{organisation}} en annen e-postadresse. Denne adressen kan ikke lenger brukes til å logge på.',
  'mail.addressChanged.notYou': 'Ventet du ikke dette? Kontakt {{contact}} med en gang.',

  'mail.renewalReminder.subject_one': 'Forny passordet ditt innen {{count, number}} dag',
  'mail.renewalReminder.subject_other': 'Forny passordet ditt innen {{count, number}} dager',
  'mail.renewalReminder.text': 'Passordet til kontoen din hos {{organisation}} må fornyes før {{until}}. Du kan gjøre det nå:',
  'mail.renewalReminder.button': 'Forny passordet',
  'mail.renewalReminder.later': 'Etter det kan du ikke logge på før du har valgt et nytt passord.',

  'mail.passwordChanged.subject': 'Passordet ditt er endret',
  'mail.passwordChanged.text': 'Passordet til kontoen din hos {{organisation}} ble endret {{when}}. Var det deg, trenger du ikke gjøre noe.',
  'mail.passwordChanged.notYou': 'Var det ikke deg, velger du et nytt passord nå og kontakter {{contact}}.',
  'mail.passwordChanged.button': 'Velg nytt passord',

  'mail.secondFactorReset.subject': 'Tofaktorautentiseringen din er tilbakestilt',
  'mail.secondFactorReset.text':
    'Den {{when}} ble tofaktorautentiseringen for kontoen din hos {{organisation}} tilbakestilt. Kodene fra appen og gjenopprettingskodene dine virker ikke lenger.',
  'mail.secondFactorReset.next': 'Krever kontoen din to faktorer, setter du dem opp igjen neste gang du logger på.',
  'mail.secondFactorReset.notYou': 'Ventet du ikke dette? Kontakt {{contact}} med en gang.',

  'mail.leaveNotice.subject_one': '{{count, number}} person slutter snart',
  'mail.leaveNotice.subject_other': '{{count, number}} personer slutter snart',
  'mail.leaveNotice.text': 'Tilgangen for disse personene hos {{organisation}} opphører av seg selv etter dagen som vises:',
  'mail.leaveNotice.person': '{{name}}: siste dag {{day}}',
  'mail.leaveNotice.more_one': 'og {{count, number}} person til',
  'mail.leaveNotice.more_other': 'og {{count, number}} personer til',
  'mail.leaveNotice.change': 'Er en dato feil, må du endre eller fjerne den før det.',
  'mail.leaveNotice.button': 'Vis dem som slutter',

  'mail.tokenExpires.subject_one': 'Et token for {{client}} utløper innen {{count, number}} dag',
  'mail.tokenExpires.subject_other': 'Et token for {{client}} utløper innen {{count, number}} dager',
  'mail.tokenExpires.text':
    'Tokenet «{{label}}» for provisjoneringsklienten «{{client}}» utløper {{until}}. Etter det kan klienten verken lese eller endre noe.',
  'mail.tokenExpires.steps': 'Slik unngår du at noe stopper opp:',
  'mail.tokenExpires.issue': 'Åpne klienten og utsted et nytt token; det vises én gang.',
  'mail.tokenExpires.enter': 'Skriv inn det nye tokenet hos identitetsleverandøren og la den teste forbindelsen.',
  'mail.tokenExpires.withdraw': 'Trekk tilbake det gamle tokenet når det nye er i bruk.',
  'mail.tokenExpires.button': 'Åpne klienten',

  'mail.guardHeld.subject': 'Endringer fra {{client}} er holdt tilbake',
  'mail.guardHeld.text_one':
    'Provisjoneringsklienten «{{client}}» ville endre mer på én gang enn den har lov til. Siden {{when}} er {{count, number}} endring holdt tilbake og ikke utført.',
  'mail.guardHeld.text_other':
    'Provisjoneringsklienten «{{client}}» ville endre mer på én gang enn den har lov til. Siden {{when}} er {{count, number}} endringer holdt tilbake og ikke utført.',
  'mail.guardHeld.decide': 'Se hva den ville gjøre, og bestem: Slipp endringene gjennom hvis de er riktige, eller forkast dem hvis noe gikk galt ved kilden.',
  'mail.guardHeld.button': 'Vis hva som er holdt tilbake',
};
