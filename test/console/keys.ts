/** Somebody without a mouse: everything by Tab, Enter, Space, arrows and letters. */
import type { Locator, Page } from 'playwright-core';
import type { Test } from 'tap';

/** More stops than any screen has. */
const MOST_STOPS = 120;

/** What has the focus is on the screen, has a size, and is drawn otherwise than without it (WCAG 2.2, 2.4.7 and 2.4.11). Empty: all is well. */
const FAULT_OF_FOCUS = `(() => {
  const element = document.activeElement;
  if (element === null || element === document.body) return '';
  const style = getComputedStyle(element);
  const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
  const { width, height, top, bottom, left, right } = element.getBoundingClientRect();
  const seen = width > 0 && height > 0 && bottom > 0 && right > 0 && top < innerHeight && left < innerWidth;
  return outlined || style.boxShadow !== 'none' ? (seen ? '' : 'not on the screen: ' + element.outerHTML) : 'focus is not drawn: ' + element.outerHTML;
})()`;

const focusOn = (page: Page, target: Locator): Locator => target.and(page.locator(':focus'));
export const focused = (page: Page, target: Locator): Promise<boolean> => focusOn(page, target).count().then((count) => count > 0);

/** Where a page that opens puts the focus by itself; its script has run then. @throws where that is elsewhere */
export async function focusComesTo(page: Page, target: Locator): Promise<void> {
  await focusOn(page, target).waitFor();
  await page.waitForLoadState('load');
}

/** Goes from stop to stop until this one is reached; the focus can be seen at each of them. */
export async function reach(t: Test, page: Page, target: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  const faults = new Set<string>();
  for (let stop = 0; stop < MOST_STOPS; stop++) {
    const [isThere, fault] = await Promise.all([focused(page, target), page.evaluate<string>(FAULT_OF_FOCUS)]);
    if (fault !== '' && stop > 0) faults.add(fault);
    if (isThere) {
      t.same([...faults], [], 'the focus was seen all the way');
      return;
    }
    await page.keyboard.press(key);
  }
  throw new Error(`no ${key} leads to ${String(target)}`);
}

export async function type(t: Test, page: Page, target: Locator, text: string): Promise<void> {
  await reach(t, page, target);
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type(text);
}

export async function press(t: Test, page: Page, target: Locator, key: 'Enter' | 'Space' = 'Enter', direction: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  await reach(t, page, target, direction);
  await page.keyboard.press(key);
}
