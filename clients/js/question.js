/**
 * A question to a room's assistant, asked until the hub has it: under one key, so that it is kept
 * and answered once however often the connection is lost meanwhile.
 */
import { Backoff } from './backoff.js';

/**
 * @param {string} room
 * @param {object} data  with a `text`
 * @param {string} key
 * @param {object} host  the client's inside
 * @returns {Promise<{offset: number, stream: string, epoch: string, at: number, duplicate?: boolean}>}
 */
export function ask(room, data, key, host) {
  const backoff = new Backoff(host.backoff, host.random);
  return new Promise((resolve, reject) => {
    const put = () => {
      host.request('ask', { room, key, data }, (error, ok) => {
        if (!error) resolve(ok);
        else if (error.code === 'disconnected') host.whenUp(put);
        else if (error.isPassing) host.clock.setTimeout(put, backoff.next(error.retryAfter));
        else reject(error);
      });
    };
    put();
  });
}
