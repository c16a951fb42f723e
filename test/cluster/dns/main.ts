import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { lookUp, type Sources } from './lookup.ts';
import { RCODE, readQuestion, writeAnswer } from './message.ts';

/*
 * The names of a cluster. Usage: main.ts ADDRESS SOURCES_FILE; it answers on UDP port 53 of the address.
 * The file is the JSON of what `lookUp` takes.
 */

const [address = '', sourcesFile = ''] = process.argv.slice(2);
const sources = JSON.parse(readFileSync(sourcesFile, 'utf8')) as Sources;
const socket = createSocket('udp4');
socket.on('message', (message, from) => {
  const question = readQuestion(message);
  if (!question) return;
  void lookUp(question.name, sources)
    .catch((error: Error) => {
      process.stderr.write(`${question.name}: ${error.message}\n`);
      return { rcode: RCODE.failed, addresses: [] };
    })
    .then((found) => socket.send(writeAnswer(question, found), from.port, from.address));
});
socket.bind(53, address, () => process.stdout.write('ready\n'));
