import { ipcRenderer } from 'electron';

/*
 * The window that asks for a passphrase. Its page has no script of its own: what is typed there goes from here to the main
 * process and nowhere else, and no other window has these channels.
 */

const byId = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;

addEventListener('DOMContentLoaded', () => {
  const field = byId<HTMLInputElement>('passphrase');
  const caps = byId('caps');
  const answer = (typed: string | null): void => {
    field.value = '';
    ipcRenderer.send('ask.answer', typed);
  };
  byId('form').addEventListener('submit', (event) => {
    event.preventDefault();
    if (field.value !== '') answer(field.value);
    else field.focus();
  });
  byId('cancel').addEventListener('click', () => answer(null));
  addEventListener('keydown', (event) => {
    if (event.key === 'Escape') answer(null);
  });
  addEventListener('keyup', (event) => {
    caps.hidden = !event.getModifierState('CapsLock');
  });
  void ipcRenderer.invoke('ask.what').then(({ title, what }: { title: string; what: string }) => {
    document.title = `${title} – Headgate`;
    byId('title').textContent = title;
    byId('what').textContent = what;
    field.focus();
  });
});
