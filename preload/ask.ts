import { ipcRenderer } from 'electron';
import { type AskedText, problemOfTyped } from './contract/typed.ts';

/*
 * The window that asks for a passphrase or a key. Its page has no script of its own: what is typed there goes from here to the
 * main process and nowhere else, and no other window has these channels.
 */

const byId = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;

addEventListener('DOMContentLoaded', () => {
  void ipcRenderer.invoke('ask.what').then((question: AskedText) => ask(question));
});

function ask(question: AskedText): void {
  const { title, what, label, kind, problem, before, rule, problems } = question;
  const dots = [byId<HTMLInputElement>('typed'), byId<HTMLInputElement>('again')] as const;
  const [typed, again] = dots;
  const paper = byId<HTMLTextAreaElement>('key');
  const field = kind === 'key' ? paper : typed;
  const say = (id: string, text: string): void => {
    byId(id).textContent = text;
    byId(id).hidden = text === '';
  };
  document.title = `${title} – Headgate`;
  byId('title').textContent = title;
  say('what', what);
  say('problem', problem ?? '');
  say('rule', rule);
  byId('label').textContent = label;
  byId('label').setAttribute('for', field.id);
  typed.hidden = kind === 'key';
  paper.hidden = kind !== 'key';
  byId('twice').hidden = kind !== 'new';
  byId('showing').hidden = kind === 'key';
  field.value = before;

  const answer = (text: string | null): void => {
    for (const each of [...dots, paper]) each.value = '';
    ipcRenderer.send('ask.answer', text);
  };
  byId('form').addEventListener('submit', (event) => {
    event.preventDefault();
    const found = problemOfTyped(question, field.value, again.value);
    if (found === null) return answer(field.value);
    const isAgain = found.field === 'again';
    const text = problems[found.problem];
    say('typed-problem', isAgain ? '' : text);
    say('again-problem', isAgain ? text : '');
    const toCorrect = isAgain ? again : field;
    for (const each of [field, again]) each.setAttribute('aria-invalid', String(each === toCorrect));
    toCorrect.focus();
  });
  byId('cancel').addEventListener('click', () => answer(null));
  byId('show').addEventListener('change', () => {
    for (const each of dots) each.type = byId<HTMLInputElement>('show').checked ? 'text' : 'password';
  });
  paper.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    byId<HTMLFormElement>('form').requestSubmit();
  });
  addEventListener('keydown', (event) => {
    if (event.key === 'Escape') answer(null);
  });
  addEventListener('keyup', (event) => {
    byId('caps').hidden = !event.getModifierState('CapsLock');
  });
  const { body } = document;
  new ResizeObserver(() => ipcRenderer.send('ask.height', body.offsetHeight)).observe(body);
  field.focus();
}
