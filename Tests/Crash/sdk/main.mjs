/**
 * Several people of one process, each with a client of their own. The people come as JSON in the first argument;
 * `hush` and `finish` come as lines on stdin and are answered when they are done.
 */
import { createInterface } from 'node:readline';
import { Chatter } from './chatter.mjs';

const chatters = JSON.parse(process.argv[2]).map((given) => new Chatter(given));

for await (const line of createInterface(process.stdin)) {
  if (line !== 'hush' && line !== 'finish') throw new Error(`unknown order: ${line}`);
  await Promise.all(chatters.map((chatter) => chatter[line]()));
  process.stdout.write(`${line} done\n`);
  if (line === 'finish') break;
}
process.exit(0);
