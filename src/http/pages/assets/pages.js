/* global document, navigator, window */
// What a script adds to pages that work without one: showing a password, ticking off its rules, copying and printing.
// Texts come from data attributes, in the page's language; nothing is made of HTML, and nothing is sent anywhere.

const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));

// Browsers that do not know autofocus on it.
document.querySelector('[data-errors]')?.focus();

for (const button of all('[data-reveal]')) {
  const input = document.getElementById(button.dataset.reveal);
  const show = (visible) => {
    input.type = visible ? 'text' : 'password';
    button.textContent = visible ? button.dataset.hide : button.dataset.show;
    button.setAttribute('aria-label', visible ? button.dataset.hideLabel : button.dataset.showLabel);
  };
  button.hidden = false;
  button.addEventListener('click', () => show(input.type === 'password'));
  // Browsers keep what was typed into text fields; and no password stays on the screen behind the next page.
  input.form.addEventListener('submit', () => show(false));
}

/** Advice while typing: the server counts and compares the same way, and it decides. */
const CHECKS = {
  length: (password, { least }) => Array.from(password).length >= Number(least),
  classes: (password, { least }) => [/\p{Ll}/u, /\p{Lu}/u, /\p{Nd}/u, /[^\p{L}\p{Nd}]/u].filter((kind) => kind.test(password)).length >= Number(least),
  words: (password, { words }) => !JSON.parse(words).some((word) => password.toLowerCase().includes(word)),
};
/** Whoever hears the page is told when typing pauses, not at every letter. */
const PAUSE_MS = 900;

for (const list of all('[data-rules]')) {
  const input = document.getElementById(list.dataset.rules);
  const status = list.querySelector('[data-progress]');
  const items = all('[data-check]', list);
  let pause;
  const check = (item) => input.value !== '' && CHECKS[item.dataset.check](input.value, item.dataset);
  input.addEventListener('input', () => {
    for (const item of all('li', list)) {
      const met = items.includes(item) && check(item);
      item.dataset.state = met ? 'met' : 'open';
      item.querySelector('[data-word]').textContent = items.includes(item) ? `, ${met ? list.dataset.met : list.dataset.open}` : '';
    }
    window.clearTimeout(pause);
    pause = window.setTimeout(() => {
      status.textContent = status.dataset.progress.replace('{met}', items.filter(check).length).replace('{all}', items.length);
    }, PAUSE_MS);
  });
}

for (const button of all('[data-copy]')) {
  const source = document.getElementById(button.dataset.copy);
  const items = all('li', source);
  const text = () => (items.length > 0 ? items.map((item) => item.textContent).join('\n') : source.textContent.replace(/\s/g, ''));
  // Without https there is no clipboard.
  button.hidden = !navigator.clipboard;
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(text());
    button.parentElement.querySelector('[role=status]').textContent = button.dataset.copied;
  });
}

for (const button of all('[data-print]')) {
  button.hidden = false;
  button.addEventListener('click', () => window.print());
}
