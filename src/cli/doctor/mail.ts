/** Whether the mail server of SMTP_URL is there: it speaks first, so its greeting is read and nothing is sent. */
import { greetingOf, isGreeting, mailPlace } from '../../mail/greeting.ts';
import { fail, ok, type Check } from './check.ts';

/** @param smtpUrl as the settings have checked it */
export async function mailCheck(smtpUrl: string): Promise<Check> {
  const place = mailPlace(smtpUrl);
  try {
    const greeting = await greetingOf(smtpUrl);
    if (isGreeting(greeting)) return ok('mail', `${place} answers`);
    return fail('mail', `${place} answers, but not as a mail server that is ready (${greeting.slice(0, 60)}): correct SMTP_URL.`);
  } catch (error) {
    return fail('mail', `${place} does not answer (${error instanceof Error ? error.message : String(error)}): start the mail server, or correct SMTP_URL.`);
  }
}
