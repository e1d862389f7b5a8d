/** Puts the page together: a person, a client, a room, and the views of them. */
import { connect } from '/js/apus.js';
import { Composer } from './composer.js';
import { avatar, byId, element } from './elements.js';
import { chosen, fetchPeople, logIn } from './people.js';
import { PresenceView } from './presence-view.js';
import { currentRoom, goTo, HOME, setUpRoomChoice, showRoomTitle } from './rooms.js';
import { Status } from './status.js';
import { fillWords, roleName } from './texts.js';
import { Timeline } from './timeline.js';
import { welcome } from './welcome.js';

async function somebody() {
  const user = chosen.get();
  if (user === null) return welcome();
  // After a reload the hub may be away; the person is known all the same.
  const people = await fetchPeople().catch(() => []);
  return { me: people.find((person) => person.user === user) ?? { user, name: user, roles: [] }, people };
}

function setUpMe(me) {
  const dialog = byId('me-dialog');
  byId('me').replaceChildren(avatar(me), element('span', 'me-name', me.name));
  byId('me').title = me.name;
  byId('me-dialog-title').textContent = me.name;
  byId('me-roles').textContent = me.roles.map(roleName).join(', ');
  byId('me').addEventListener('click', () => dialog.showModal());
  byId('switch').addEventListener('click', () => {
    chosen.forget();
    location.reload();
  });
}

function openDesk({ me, people }) {
  const names = new Map(people.map((person) => [person.user, person.name]));
  const client = connect({ url: '/ws', token: () => logIn(me.user), identity: { user: me.user } });
  const status = new Status(client, () => goTo(HOME));
  const composer = new Composer(() => timeline.reading.said());
  client.on('roles', () => composer.offerAsking(client.hasAssistant));
  let room = null;
  let timeline = null;
  let presence = null;

  const nameOf = (user) => names.get(user) ?? room?.people.find((person) => person.user === user)?.name ?? user;
  const enter = () => {
    if (room?.name === currentRoom()) return;
    timeline?.close();
    presence?.close();
    room?.leave();
    room = client.join(currentRoom());
    showRoomTitle(room.name);
    status.watch(room);
    presence = new PresenceView(room, me.user, nameOf);
    timeline = new Timeline(room, me.user, nameOf);
    composer.writeInto(room);
  };

  setUpMe(me);
  setUpRoomChoice();
  window.addEventListener('hashchange', enter);
  byId('desk').hidden = false;
  enter();
}

fillWords(document);
openDesk(await somebody());
