/** The demo's people: who there is, and a token for the one this tab is. */
const CHOSEN = 'apus-demo-person';

/** @returns {Promise<{user: string, name: string, roles: string[]}[]>} */
export async function fetchPeople() {
  const answer = await fetch('/demo/people');
  if (!answer.ok) throw new Error(`GET /demo/people: ${answer.status}`);
  return (await answer.json()).people;
}

/** @param {string} user @returns {Promise<string>} */
export async function logIn(user) {
  const answer = await fetch('/demo/login', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ user }),
  });
  if (!answer.ok) throw new Error(`POST /demo/login: ${answer.status}`);
  return (await answer.json()).token;
}

// Per tab, so that two tabs are two people; survives a reload.
export const chosen = {
  get: () => sessionStorage.getItem(CHOSEN),
  set: (user) => sessionStorage.setItem(CHOSEN, user),
  forget: () => sessionStorage.removeItem(CHOSEN),
};
