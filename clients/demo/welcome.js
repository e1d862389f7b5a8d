/** The first screen: who are you in this tab? */
import { arrange, avatar, byId, element } from './elements.js';
import { chosen, fetchPeople } from './people.js';
import { roleName, text } from './texts.js';

/** Shows the people and hands over the one who was picked. */
export async function welcome() {
  const screen = byId('welcome');
  const trouble = byId('welcome-trouble');
  screen.hidden = false;
  trouble.hidden = true;
  let people;
  try {
    people = await fetchPeople();
  } catch {
    const again = element('button', 'link', text('tryAgain'));
    again.addEventListener('click', () => location.reload());
    trouble.replaceChildren(text('noPeople'), ' ', again);
    trouble.hidden = false;
    return new Promise(() => {});
  }
  return new Promise((resolve) => {
    const choices = people.map((person) => {
      const names = element('span', 'choice-names', element('span', 'choice-name', person.name), element('span', 'choice-role', person.roles.map(roleName).join(', ')));
      const button = element('button', 'choice-button', avatar(person), names);
      button.type = 'button';
      button.dataset.user = person.user;
      button.addEventListener('click', () => {
        chosen.set(person.user);
        screen.hidden = true;
        resolve({ me: person, people });
      });
      return element('li', '', button);
    });
    arrange(byId('people'), choices);
  });
}
