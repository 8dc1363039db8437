/**
 * The English texts, and the list of all keys: the other catalogues must have exactly these (catalogue.ts). `{{name}}` stands for a value;
 * `_one` and `_other` are the forms of a text that counts, used under the key without them.
 */
export const en = {
  'mail.greeting': 'Hello {{name}},',
  'mail.greeting.nameless': 'Hello,',
  'mail.bareLink': 'If the button does not work, copy this address into your browser:',
  'mail.footer': '{{organisation}} sent this mail automatically. Replies are not read.',
  'mail.contact': 'Questions? Ask {{contact}}.',
  'mail.contact.administrator': 'your administrator',

  'mail.invitation.subject': 'Your account at {{organisation}}',
  'mail.invitation.text':
    'Hello {{name}},\n\n{{organisation}} has made an account for you. Choose a password to activate it:\n\n{{link}}\n\nThe link works once, until {{until}}.',
  'mail.invitation.button': 'Activate account',
  'mail.invitation.again': 'Links in earlier mails no longer work.',

  'mail.recovery.subject': 'Choose a new password',
  'mail.recovery.text': 'Somebody asked for a new password for your account at {{organisation}}. If it was you, choose one here:',
  'mail.recovery.button': 'Choose a new password',
  'mail.recovery.until_one': 'The link works once, for {{count, number}} minute: until {{until}}.',
  'mail.recovery.until_other': 'The link works once, for {{count, number}} minutes: until {{until}}.',
  'mail.recovery.notYou': 'If it was not you, do nothing: your password stays as it is.',

  'mail.signInElsewhere.subject': 'How you sign in at {{organisation}}',
  'mail.signInElsewhere.text':
    'Somebody asked for a new password for your account at {{organisation}}. You have no password here: you sign in with the account of your own organisation.',
  'mail.signInElsewhere.button': 'Sign in with your organisation',
  'mail.signInElsewhere.forgotten': 'Forgotten the password of that account? Ask {{contact}}.',
  'mail.signInElsewhere.notYou': 'If it was not you who asked, do nothing.',

  'mail.addressConfirm.subject': 'Confirm your new e-mail address',
  'mail.addressConfirm.text': 'This address was given as the new one for an account at {{organisation}}. Confirm that it is yours:',
  'mail.addressConfirm.button': 'Confirm address',
  'mail.addressConfirm.until': 'The link works once, until {{until}}. The earlier address stays in use until you confirm.',
  'mail.addressConfirm.notYou': 'Not expecting this? Then somebody mistyped an address: do nothing, and yours will not be used.',

  'mail.addressChanged.subject': 'Your e-mail address was changed',
  'mail.addressChanged.text':
    'On {{when}} your account at {{organisation}} was given another e-mail address. This one can no longer be used to sign in.',
  'mail.addressChanged.notYou': 'Did you not expect this? Then tell {{contact}} at once.',

  'mail.renewalReminder.subject_one': 'Renew your password within {{count, number}} day',
  'mail.renewalReminder.subject_other': 'Renew your password within {{count, number}} days',
  'mail.renewalReminder.text': 'The password of your account at {{organisation}} has to be renewed before {{until}}. You can do so now:',
  'mail.renewalReminder.button': 'Renew password',
  'mail.renewalReminder.later': 'After that you cannot sign in before you have chosen a new password.',

  'mail.passwordChanged.subject': 'Your password was changed',
  'mail.passwordChanged.text': 'The password of your account at {{organisation}} was changed on {{when}}. If that was you, there is nothing to do.',
  'mail.passwordChanged.notYou': 'If it was not you, choose a new password now and tell {{contact}}.',
  'mail.passwordChanged.button': 'Choose a new password',

  'mail.secondFactorReset.subject': 'Two-factor authentication was reset',
  'mail.secondFactorReset.text':
    'On {{when}} the two-factor authentication of your account at {{organisation}} was reset. The codes of your app and your recovery codes no longer work.',
  'mail.secondFactorReset.next': 'If your account needs two factors, you set them up again the next time you sign in.',
  'mail.secondFactorReset.notYou': 'Did you not expect this? Then tell {{contact}} at once.',

  'mail.leaveNotice.subject_one': '{{count, number}} person is about to leave',
  'mail.leaveNotice.subject_other': '{{count, number}} people are about to leave',
  'mail.leaveNotice.text': 'Access for these people ends by itself after the day shown, at {{organisation}}:',
  'mail.leaveNotice.person': '{{name}}: last day {{day}}',
  'mail.leaveNotice.more_one': 'and {{count, number}} other person',
  'mail.leaveNotice.more_other': 'and {{count, number}} other people',
  'mail.leaveNotice.change': 'If a date is not right, change it or clear it before then.',
  'mail.leaveNotice.button': 'Show leavers',

  'mail.tokenExpires.subject_one': 'A token of {{client}} expires within {{count, number}} day',
  'mail.tokenExpires.subject_other': 'A token of {{client}} expires within {{count, number}} days',
  'mail.tokenExpires.text':
    'The token “{{label}}” of the provisioning client “{{client}}” expires on {{until}}. After that this client cannot read or change anything.',
  'mail.tokenExpires.steps': 'So that nothing comes to a stop:',
  'mail.tokenExpires.issue': 'Open the client and issue a new token; it is shown once.',
  'mail.tokenExpires.enter': 'Enter the new token at the identity provider and let it test the connection.',
  'mail.tokenExpires.withdraw': 'Withdraw the old token once the new one is in use.',
  'mail.tokenExpires.button': 'Open client',

  'mail.guardHeld.subject': 'Changes by {{client}} are on hold',
  'mail.guardHeld.text_one':
    'The provisioning client “{{client}}” wanted to change more at once than it may. Since {{when}}, {{count, number}} change is on hold and has not been made.',
  'mail.guardHeld.text_other':
    'The provisioning client “{{client}}” wanted to change more at once than it may. Since {{when}}, {{count, number}} changes are on hold and have not been made.',
  'mail.guardHeld.decide': 'See what it wanted, and decide: let the changes through if they are right, or discard them if something went wrong at the source.',
  'mail.guardHeld.button': 'Show what is on hold',
} as const;
