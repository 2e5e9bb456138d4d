// Log in, make the first administrator, add a user: one small form each.
import { send } from './frame.js';

const form = document.getElementById('login');
form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const value = (id) => document.getElementById(id)?.value;
  const body = { name: value('name'), password: value('password') };
  if (value('role')) body.role = Number(value('role'));
  const told = await send(form.dataset.to, body);
  if (told) document.getElementById('told').textContent = told;
  else location.assign(form.dataset.to === '/api/users' ? '/people' : '/');
});
