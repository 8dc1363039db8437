/** What has no page of its own: mostly something that went wrong, and what to do about it. */
import { renderPage } from './document.tsx';
import { contactOf, type PageFrame } from './frame.ts';

export interface MessageLink {
  readonly address: string;
  readonly text: string;
}

export interface MessageProps {
  readonly page: PageFrame;
  readonly title: string;
  readonly text: string;
  readonly link?: MessageLink;
}

export const message = ({ page, title, text, link }: MessageProps): string => renderPage({ page, title, children: (
  <>
    <p>{text}</p>
    {link !== undefined && <p class="actions"><a class="primary" href={link.address}>{link.text}</a></p>}
  </>
) });

/** 400 is a form that is out of date: its session or its csrf token is another one by now. */
export type PageStatus = 400 | 403 | 404 | 409 | 429 | 500 | 503;

export interface StatusMessageProps {
  readonly page: PageFrame;
  readonly status: PageStatus;
  readonly link?: MessageLink;
}

/** The message for a status, with what to do. */
export function statusMessage({ page, status, ...rest }: StatusMessageProps): string {
  const { translate } = page;
  return message({ page, title: translate(`page.status.${status}`), text: translate(`page.status.${status}.text`, { contact: contactOf(page) }), ...rest });
}
