/** Which room: in the address, so that a reload and a link lead back to it. */
import { byId } from './elements.js';
import { roomTitle, text } from './texts.js';

export const HOME = 'ticket:42';
const NAME = /^[A-Za-z0-9_.:@/-]{1,128}$/;

/** The room the address names. */
export function currentRoom() {
  const named = decodeURIComponent(location.hash.slice(1));
  return NAME.test(named) ? named : HOME;
}

/** @param {string} room */
export function goTo(room) {
  location.hash = room;
}

/** Lets the reader choose another room. */
export function setUpRoomChoice() {
  const dialog = byId('room-dialog');
  const input = byId('room-name');
  const open = () => {
    input.value = currentRoom();
    dialog.showModal();
    input.select();
  };
  byId('room-button').title = text('changeRoom');
  byId('room-button').addEventListener('click', open);
  byId('room-cancel').addEventListener('click', () => dialog.close());
  byId('room-form').addEventListener('submit', () => {
    const wish = input.value.trim();
    goTo(/^\d+$/.test(wish) ? `ticket:${wish}` : wish);
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'k' || !(event.ctrlKey || event.metaKey) || dialog.open) return;
    event.preventDefault();
    open();
  });
}

/** @param {string} room */
export function showRoomTitle(room) {
  byId('room-title').textContent = roomTitle(room);
  byId('room-button').dataset.room = room;
}
