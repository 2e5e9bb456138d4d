// Log in, make the first administrator, add and remove users: one small form each.
import { send } from './frame.js';

const form = document.getElementById('login');
form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const value = (id) => document.getElementById(id)?.value;
  const body = { name: value('name'), password: value('password') };
  if (value('role')) body.role = Number(value('role'));
  const told = await send(form.dataset.to, body);
  if (told) document.getElementById('told').textContent = told;
  else location.assign(form.dataset.back || '/');
});

form.querySelector('button').disabled = false;

for (const one of document.querySelectorAll('[data-remove]')) {
  one.addEventListener('click', async () => {
    const told = await send(`/api/users/${encodeURIComponent(one.dataset.remove)}/remove`);
    if (told) document.getElementById('told').textContent = told;
    else location.reload();
  });
}
