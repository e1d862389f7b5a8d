/**
 * The wire's shape: a text frame holds JSON objects, one a line. Outgoing commands of one turn
 * share a frame: at most 64 lines and `frame` bytes, as the hub's `limits` say.
 */
export const LINES_PER_FRAME = 64;

/** What holds until the answer to `hello` brings the hub's own figures. */
export const DEFAULT_LIMITS = Object.freeze({ frame: 262_144, data: 65_536, rooms: 200, key: 64 });

/** Bytes of a string in UTF-8, without making a copy. @param {string} text */
export function utf8Length(text) {
  let bytes = text.length;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) bytes += 1;
    if (unit > 0x7ff) bytes += 1;
    if (unit >= 0xd800 && unit < 0xdc00) {
      const low = text.charCodeAt(i + 1);
      if (low >= 0xdc00 && low < 0xe000) i += 1;
    }
  }
  return bytes;
}

/**
 * Groups lines into frames, in order.
 * @param {string[]} lines
 * @param {number} frameLimit  bytes
 * @returns {string[]}
 */
export function packFrames(lines, frameLimit) {
  const frames = [];
  let open = [];
  let bytes = 0;
  for (const line of lines) {
    const length = utf8Length(line) + 1;
    if (open.length > 0 && (open.length === LINES_PER_FRAME || bytes + length > frameLimit)) {
      frames.push(open.join('\n'));
      open = [];
      bytes = 0;
    }
    open.push(line);
    bytes += length;
  }
  if (open.length > 0) frames.push(open.join('\n'));
  return frames;
}

/**
 * The objects of a frame. A line that is no JSON object is handed over and does not spoil its
 * neighbours.
 * @param {string} frame
 * @param {(message: any) => void} onMessage
 * @param {(line: string) => void} onNoise
 */
export function readFrame(frame, onMessage, onNoise) {
  for (const line of frame.split('\n')) {
    if (line.trim() === '') continue;
    let message = null;
    try {
      message = JSON.parse(line);
    } catch {
      message = null;
    }
    if (message !== null && typeof message === 'object' && !Array.isArray(message)) onMessage(message);
    else onNoise(line);
  }
}

// In the output of JSON.stringify an escape follows an even number of backslashes.
const REFUSED_ESCAPE = /(?:^|[^\\])(?:\\\\)*\\u(?:0000|d[89ab][0-9a-f]{2}|d[c-f][0-9a-f]{2})/;

/**
 * Whether a text made by JSON.stringify holds NUL or half a surrogate pair. The hub refuses both,
 * possibly without being able to say which command it was: they must not leave this side.
 * @param {string} json
 */
export function holdsRefusedText(json) {
  return REFUSED_ESCAPE.test(json);
}
