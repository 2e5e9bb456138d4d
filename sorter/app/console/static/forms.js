// Every form that only sends its fields: log in, first administrator, users, passwords.
import { asked, button, confirmed, element, label, send } from './frame.js';

// Why the fields cannot be sent, "" = they can.
function wrong(form) {
  const twice = form.elements.twice;
  return twice && twice.value !== form.elements.password.value ? label('not-twice') : '';
}

function fields(form) {
  const sent = [...form.elements].filter((one) => one.name && one.name !== 'twice');
  return Object.fromEntries(sent.map((one) => [one.name, one.tagName === 'SELECT' ? Number(one.value) : one.value]));
}

async function submit(form, event) {
  event.preventDefault();
  const told = wrong(form) || await send(form.dataset.to, fields(form));
  if (told) form.querySelector('[role=alert]').textContent = told;
  else location.assign(form.dataset.back || '/');
}

for (const form of document.querySelectorAll('form[data-to]')) {
  form.addEventListener('submit', (event) => submit(form, event));
  for (const one of form.querySelectorAll('button')) one.disabled = false;
}

// ------------------------------------------------------------ what an administrator does to a user

const address = (name, what) => `/api/users/${encodeURIComponent(name)}/${what}`;

async function act(name, what, body) {
  const told = await send(address(name, what), body);
  if (told) document.getElementById('told').textContent = told;
  else location.reload();
}

function field(id, text) {
  return [element('label', { for: id }, text), element('input', { id, name: id, type: 'password', autocomplete: 'new-password', required: '', minlength: '8', maxlength: '200' })];
}

async function reset(name) {
  const no = button(label('cancel'), () => form.closest('dialog').close());
  const form = element('form', { class: 'stack', 'data-to': address(name, 'password'), 'data-back': '/people' }, element('b', {}, `${name}: ${label('reset-password')}`),
    ...field('password', label('new-password')), ...field('twice', label('password-again')), element('p', { role: 'alert' }), element('div', { class: 'row' }, element('button', {}, label('reset-password')), no));
  form.addEventListener('submit', (event) => submit(form, event));
  await asked(form, () => {});
}

const ACTS = {
  remove: async (name) => { if (await confirmed(`${label('remove')}: ${name}`)) await act(name, 'remove', {}); },
  disable: async (name) => { if (await confirmed(`${label('disable')}: ${name}`)) await act(name, 'disable', { disabled: true }); },
  enable: (name) => act(name, 'disable', { disabled: false }),
  reset,
};

for (const one of document.querySelectorAll('[data-act]')) {
  one.addEventListener('click', () => ACTS[one.dataset.act](one.dataset.user));
  one.disabled = false;
}
