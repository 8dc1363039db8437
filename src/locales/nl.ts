/** The Dutch texts. The words are those of the manuals, which say "je". */
import type { Catalogue } from './catalogue.ts';

export const nl: Catalogue = {
  'mail.greeting': 'Hallo {{name}},',
  'mail.greeting.nameless': 'Hallo,',
  'mail.bareLink': 'Werkt de knop niet? Kopieer dan dit adres naar je browser:',
  'mail.footer': '{{organisation}} heeft deze e-mail automatisch verstuurd. Antwoorden worden niet gelezen.',
  'mail.contact': 'Vragen? Neem contact op met {{contact}}.',
  'mail.contact.administrator': 'je beheerder',

  'mail.invitation.subject': 'Je account bij {{organisation}}',
  'mail.invitation.text':
    'Hallo {{name}},\n\n{{organisation}} heeft een account voor je aangemaakt. Kies een wachtwoord om het te activeren:\n\n{{link}}\n\nDe activeringslink werkt één keer en is geldig tot {{until}}.',
  'mail.invitation.button': 'Account activeren',
  'mail.invitation.again': 'Links in eerdere e-mails werken niet meer.',

  'mail.recovery.subject': 'Kies een nieuw wachtwoord',
  'mail.recovery.text': 'Iemand heeft een nieuw wachtwoord aangevraagd voor je account bij {{organisation}}. Was jij dat? Kies er dan hier een:',
  'mail.recovery.button': 'Nieuw wachtwoord kiezen',
  'mail.recovery.until_one': 'De link werkt één keer en is {{count, number}} minuut geldig: tot {{until}}.',
  'mail.recovery.until_other': 'De link werkt één keer en is {{count, number}} minuten geldig: tot {{until}}.',
  'mail.recovery.notYou': 'Was jij dat niet? Dan hoef je niets te doen: je wachtwoord blijft zoals het is.',

  'mail.signInElsewhere.subject': 'Zo log je in bij {{organisation}}',
  'mail.signInElsewhere.text':
    'Iemand heeft een nieuw wachtwoord aangevraagd voor je account bij {{organisation}}. Je hebt hier geen wachtwoord: je logt in met het account van je eigen organisatie.',
  'mail.signInElsewhere.button': 'Inloggen met je organisatie',
  'mail.signInElsewhere.forgotten': 'Ben je het wachtwoord van dat account vergeten? Neem contact op met {{contact}}.',
  'mail.signInElsewhere.notYou': 'Heb jij dit niet aangevraagd? Dan hoef je niets te doen.',

  'mail.addressConfirm.subject': 'Bevestig je nieuwe e-mailadres',
  'mail.addressConfirm.text': 'Dit adres is opgegeven als nieuw e-mailadres van een account bij {{organisation}}. Bevestig dat het van jou is:',
  'mail.addressConfirm.button': 'E-mailadres bevestigen',
  'mail.addressConfirm.until': 'De bevestigingslink werkt één keer en is geldig tot {{until}}. Tot je bevestigt, blijft het oude e-mailadres actief.',
  'mail.addressConfirm.notYou': 'Verwacht je dit niet? Dan heeft iemand zich vertypt: doe niets, en je adres wordt niet gebruikt.',

  'mail.addressChanged.subject': 'Je e-mailadres is gewijzigd',
  'mail.addressChanged.text':
    'Op {{when}} heeft je account bij {{organisation}} een ander e-mailadres gekregen. Met dit adres kun je niet meer inloggen.',
  'mail.addressChanged.notYou': 'Verwachtte je dit niet? Neem dan direct contact op met {{contact}}.',

  'mail.renewalReminder.subject_one': 'Vernieuw je wachtwoord binnen {{count, number}} dag',
  'mail.renewalReminder.subject_other': 'Vernieuw je wachtwoord binnen {{count, number}} dagen',
  'mail.renewalReminder.text': 'Het wachtwoord van je account bij {{organisation}} moet vóór {{until}} worden vernieuwd. Dat kan nu al:',
  'mail.renewalReminder.button': 'Wachtwoord vernieuwen',
  'mail.renewalReminder.later': 'Daarna kun je pas weer inloggen als je een nieuw wachtwoord hebt gekozen.',

  'mail.passwordChanged.subject': 'Je wachtwoord is gewijzigd',
  'mail.passwordChanged.text': 'Het wachtwoord van je account bij {{organisation}} is gewijzigd op {{when}}. Was jij dat? Dan hoef je niets te doen.',
  'mail.passwordChanged.notYou': 'Was jij dat niet? Kies dan nu een nieuw wachtwoord en neem contact op met {{contact}}.',
  'mail.passwordChanged.button': 'Nieuw wachtwoord kiezen',

  'mail.secondFactorReset.subject': 'Je twee-factor-authenticatie is gereset',
  'mail.secondFactorReset.text':
    'Op {{when}} is de twee-factor-authenticatie van je account bij {{organisation}} gereset. De codes van je app en je herstelcodes werken niet meer.',
  'mail.secondFactorReset.next': 'Is twee-factor-authenticatie voor je account verplicht? Dan stel je die opnieuw in wanneer je weer inlogt.',
  'mail.secondFactorReset.notYou': 'Verwachtte je dit niet? Neem dan direct contact op met {{contact}}.',

  'mail.leaveNotice.subject_one': '{{count, number}} medewerker treedt binnenkort uit',
  'mail.leaveNotice.subject_other': '{{count, number}} medewerkers treden binnenkort uit',
  'mail.leaveNotice.text': 'Voor deze mensen eindigt de toegang bij {{organisation}} vanzelf na de genoemde dag:',
  'mail.leaveNotice.person': '{{name}}: laatste dag {{day}}',
  'mail.leaveNotice.more_one': 'en nog {{count, number}} ander',
  'mail.leaveNotice.more_other': 'en nog {{count, number}} anderen',
  'mail.leaveNotice.change': 'Klopt een datum van uittrede niet? Wijzig of wis die dan voor die tijd.',
  'mail.leaveNotice.button': 'Uittredende medewerkers bekijken',

  'mail.tokenExpires.subject_one': 'Een token van {{client}} verloopt binnen {{count, number}} dag',
  'mail.tokenExpires.subject_other': 'Een token van {{client}} verloopt binnen {{count, number}} dagen',
  'mail.tokenExpires.text':
    'Het token “{{label}}” van de provisioning-client “{{client}}” verloopt op {{until}}. Daarna kan deze client niets meer lezen of wijzigen.',
  'mail.tokenExpires.steps': 'Zo voorkom je dat er iets stil komt te liggen:',
  'mail.tokenExpires.issue': 'Open de client en geef een nieuw token uit; het wordt één keer getoond.',
  'mail.tokenExpires.enter': 'Vul het nieuwe token in bij de identity provider en laat die de verbinding testen.',
  'mail.tokenExpires.withdraw': 'Trek het oude token in zodra het nieuwe wordt gebruikt.',
  'mail.tokenExpires.button': 'Client openen',

  'mail.guardHeld.subject': 'Wijzigingen van {{client}} zijn tegengehouden',
  'mail.guardHeld.text_one':
    'De provisioning-client “{{client}}” wilde in één keer meer wijzigen dan is toegestaan. Sinds {{when}} wordt {{count, number}} wijziging tegengehouden; die is niet doorgevoerd.',
  'mail.guardHeld.text_other':
    'De provisioning-client “{{client}}” wilde in één keer meer wijzigen dan is toegestaan. Sinds {{when}} worden {{count, number}} wijzigingen tegengehouden; die zijn niet doorgevoerd.',
  'mail.guardHeld.decide': 'Bekijk wat er gevraagd werd en beslis: voer de wijzigingen door als ze kloppen, of verwijder ze als er bij de bron iets misging.',
  'mail.guardHeld.button': 'Tegengehouden wijzigingen bekijken',
};
