/** All words of the page, in the reader's language. */
const RU = {
  welcome: 'Живой разговор в комнате заявки. Выберите, кем вы будете в этой вкладке.',
  welcomeHint: 'Откройте вторую вкладку и выберите в ней другого человека.',
  noPeople: 'Список людей не пришёл. Хаб запущен с ключом --demo?',
  tryAgain: 'Ещё раз',
  inRoom: 'В комнате',
  ticksTitle: 'Что значат отметки',
  queued: 'ждёт сети',
  accepted: 'принято хабом',
  durable: 'записано на диск',
  read: 'прочитано',
  failed: 'не отправлено',
  otherRoom: 'Другая комната',
  roomLabel: 'Имя комнаты, например ticket:42 или просто 42',
  cancel: 'Отмена',
  open: 'Открыть',
  stay: 'Остаться',
  switch: 'Сменить человека',
  you: 'вы',
  live: 'на связи',
  'catching up': 'догоняем',
  offline: 'нет связи',
  cutOff: 'без сети',
  cut: 'Отключить сеть',
  back: 'Вернуться',
  cutNotice: 'Вы отключили сеть. Написанное подождёт здесь и уйдёт, когда вы вернётесь.',
  offlineNotice: 'Связи нет, пробуем снова. Написанное подождёт здесь.',
  stopped: 'Хаб закрыл соединение: {why}',
  gone: 'Эта комната вам недоступна ({why}).',
  home: 'В комнату ticket:42',
  placeholder: 'Напишите сообщение',
  send: 'Отправить',
  ask: 'Спросить',
  'stream failed': 'ответ не удался',
  'stream cancelled': 'остановлено',
  'stream interrupted': 'прервано',
  empty: 'Здесь пока тихо. Начните разговор.',
  beginning: 'начало разговора',
  loading: 'загружаем…',
  latest: 'К последним',
  unread: 'новые сообщения',
  today: 'Сегодня',
  yesterday: 'Вчера',
  typing1: '{a} печатает',
  typing2: '{a} и {b} печатают',
  typing3: 'Несколько человек печатают',
  readBy: 'Прочитали: {names}',
  changeRoom: 'Сменить комнату',
  alone: 'Кроме вас, никого',
  unknown: 'Видно, когда есть связь',
  newMessages: { one: '{n}\u00a0новое', few: '{n}\u00a0новых', many: '{n}\u00a0новых', other: '{n}\u00a0новых' },
  pendingNotice: { one: '{n}\u00a0сообщение ждёт сети.', few: '{n}\u00a0сообщения ждут сети.', many: '{n}\u00a0сообщений ждут сети.', other: '{n}\u00a0сообщения ждут сети.' },
  rooms: { ticket: 'Заявка {id}', conversation: 'Разговор {id}', job: 'Задача {id}', map: 'Карта {id}', user: 'Уведомления {id}', queue: 'Очередь {id}' },
  notes: '{room}: заметки',
  roles: { user: 'клиент', helper: 'помощник', operator: 'оператор', moderator: 'модератор', admin: 'администратор', viewer: 'наблюдатель', worker: 'исполнитель', developer: 'разработчик' },
};

const EN = {
  welcome: 'A live conversation in a ticket’s room. Choose who you are in this tab.',
  welcomeHint: 'Open a second tab and be somebody else there.',
  noPeople: 'The list of people did not come. Was the hub started with --demo?',
  tryAgain: 'Try again',
  inRoom: 'In the room',
  ticksTitle: 'What the ticks mean',
  queued: 'waits for the network',
  accepted: 'accepted by the hub',
  durable: 'written to disk',
  read: 'read',
  failed: 'not sent',
  otherRoom: 'Another room',
  roomLabel: 'The room’s name, such as ticket:42 or just 42',
  cancel: 'Cancel',
  open: 'Open',
  stay: 'Stay',
  switch: 'Be somebody else',
  you: 'you',
  live: 'live',
  'catching up': 'catching up',
  offline: 'offline',
  cutOff: 'cut off',
  cut: 'Cut the network',
  back: 'Come back',
  cutNotice: 'You cut the network. What you write waits here and leaves when you come back.',
  offlineNotice: 'No connection, trying again. What you write waits here.',
  stopped: 'The hub closed the connection: {why}',
  gone: 'This room is not open to you ({why}).',
  home: 'Go to ticket:42',
  placeholder: 'Write a message',
  send: 'Send',
  ask: 'Ask',
  'stream failed': 'the answer failed',
  'stream cancelled': 'stopped',
  'stream interrupted': 'interrupted',
  empty: 'Quiet so far. Say something.',
  beginning: 'where it began',
  loading: 'loading…',
  latest: 'To the latest',
  unread: 'new messages',
  today: 'Today',
  yesterday: 'Yesterday',
  typing1: '{a} is typing',
  typing2: '{a} and {b} are typing',
  typing3: 'Several people are typing',
  readBy: 'Read by {names}',
  changeRoom: 'Change the room',
  alone: 'Nobody but you',
  unknown: 'Seen when there is a connection',
  newMessages: { one: '{n}\u00a0new', other: '{n}\u00a0new' },
  pendingNotice: { one: '{n}\u00a0message waits for the network.', other: '{n}\u00a0messages wait for the network.' },
  rooms: { ticket: 'Ticket {id}', conversation: 'Conversation {id}', job: 'Job {id}', map: 'Map {id}', user: 'Notifications {id}', queue: 'Queue {id}' },
  notes: '{room}: notes',
  roles: { user: 'customer', helper: 'helper', operator: 'operator', moderator: 'moderator', admin: 'administrator', viewer: 'viewer', worker: 'worker', developer: 'developer' },
};

export const language = /^(ru|be|uk|kk)\b/.test(navigator.language) ? 'ru' : 'en';
const words = language === 'ru' ? RU : EN;
const plural = new Intl.PluralRules(language);
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

/** @param {string} name @param {Record<string, any>} [values] */
export function text(name, values = {}) {
  const found = words[name];
  return fill(typeof found === 'string' ? found : found[plural.select(values.n)], values);
}

export const roleName = (role) => words.roles[role] ?? role;

/** `ticket:42/notes` as people say it. */
export function roomTitle(room) {
  const [, kind, id, side] = /^([^:]+):([^/]+)(?:\/(.+))?$/.exec(room) ?? [];
  const pattern = words.rooms[kind];
  if (!pattern) return room;
  const title = fill(pattern, { id });
  if (!side) return title;
  return side === 'notes' ? fill(words.notes, { room: title }) : `${title} / ${side}`;
}

const clock = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const dayAndMonth = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'long' });
const fullDay = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'long', year: 'numeric' });
const moment = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'medium' });

export const timeOf = (at) => clock.format(at);
export const momentOf = (at) => moment.format(at);

/** A day as one comparable word, in the reader's own time zone. */
export function dayKey(at) {
  const date = new Date(at);
  return `${date.getFullYear()}-${date.getMonth()}-${date.getDate()}`;
}

export function dayTitle(at) {
  const now = new Date();
  if (dayKey(at) === dayKey(now)) return words.today;
  if (dayKey(at) === dayKey(new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1))) return words.yesterday;
  return (new Date(at).getFullYear() === now.getFullYear() ? dayAndMonth : fullDay).format(at);
}

/** Fills the words of the markup. */
export function fillWords(root) {
  document.documentElement.lang = language;
  for (const element of root.querySelectorAll('[data-text]')) element.textContent = text(element.dataset.text);
}
