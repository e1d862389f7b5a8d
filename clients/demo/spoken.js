/**
 * What of a room's kept events is shown as said: messages as they are, and each stream once, where
 * it was opened while it grows and where it ended afterwards.
 */
import { text } from './texts.js';

/**
 * @param {any} room  the SDK's
 * @returns {{id: string, event: any, body: string, isGrowing: boolean}[]}
 */
export function spoken(room) {
  const ended = new Set(room.events.filter(({ kind, data }) => kind === 'stream' && data?.state !== 'open').map(({ data }) => data.stream));
  const said = [];
  for (const event of room.events) {
    const { kind, data } = event;
    if (kind !== 'stream') said.push({ id: null, event, body: bodyOf(event), isGrowing: false });
    else if (data.state !== 'open') said.push({ id: `stream ${data.stream}`, event, body: endOf(data), isGrowing: false });
    else if (!ended.has(data.stream)) said.push({ id: `stream ${data.stream}`, event, body: room.streams.get(data.stream)?.text ?? '', isGrowing: true });
  }
  return said;
}

/** The text of a message, or its data where it has none. */
export function bodyOf({ data }) {
  return typeof data?.text === 'string' ? data.text : JSON.stringify(data);
}

function endOf({ text: body = '', state }) {
  if (state === 'done') return body;
  return `${body}${body === '' ? '' : '\n'}(${text(`stream ${state}`)})`;
}
