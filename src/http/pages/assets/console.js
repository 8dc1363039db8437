/* global document, window */
// What a script adds to the console: ticking all, a button that waits for its tick, a page that follows what is at work, and keys. Everything works without it.

const search = document.querySelector('[data-search]');
const isTyping = ({ target }) => target.matches('input, textarea, select') || target.isContentEditable;

document.addEventListener('keydown', (event) => {
  if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === '/' && search) {
    event.preventDefault();
    search.focus();
  }
  if (event.key === '?') document.getElementById('shortcuts')?.showPopover?.();
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    const links = Array.from(document.querySelectorAll('.main-link'));
    const next = links[links.indexOf(document.activeElement) + (event.key === 'ArrowDown' ? 1 : -1)];
    if (next) {
      event.preventDefault();
      next.focus();
    }
  }
});

for (const box of document.querySelectorAll('[data-all]')) {
  const others = () => Array.from(document.querySelectorAll(`input[name="${box.dataset.all}"]`));
  box.closest('[hidden]')?.removeAttribute('hidden');
  box.addEventListener('change', () => {
    for (const other of others()) other.checked = box.checked;
  });
}

for (const button of document.querySelectorAll('[data-until]')) {
  const box = document.getElementById(button.dataset.until);
  const follow = () => {
    button.disabled = !box.checked;
  };
  box.addEventListener('change', follow);
  follow();
}

for (const button of document.querySelectorAll('[data-print]')) {
  button.hidden = false;
  button.addEventListener('click', () => window.print());
}

// What can be done with the one who is selected.
const acts = document.querySelectorAll('[data-act]');
if (acts.length > 0) {
  const follow = () => {
    const can = document.querySelector('[data-can]:checked')?.dataset.can.split(' ') ?? [];
    for (const button of acts) button.disabled = !can.includes(button.dataset.act);
  };
  for (const one of document.querySelectorAll('[data-can]')) one.addEventListener('change', follow);
  follow();
}

// Opened again while something is at work, unless somebody is about to do something with it.
const working = document.querySelector('[data-again]');
if (working) {
  window.setInterval(() => {
    if (!document.hidden && (document.activeElement === document.body || document.activeElement?.matches('#main, .done'))) window.location.reload();
  }, Number(working.dataset.again) * 1000);
}
