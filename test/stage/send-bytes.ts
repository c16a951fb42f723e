import { connect as connectPlain } from 'node:net';
import { connect as connectSecure } from 'node:tls';
import type { Place } from './raw-exchange.ts';

const AT_ONCE = 32;
/** What is no whole request is not answered by all. */
const SILENT_MS = 1500;

/** Writes each text on a connection of its own, a byte for a character, some at a time; gives all that came back. */
export async function sendBytes(place: Place, texts: readonly string[]): Promise<string[]> {
  const answers: string[] = new Array(texts.length);
  const rest = texts.entries();
  const worker = async (): Promise<void> => {
    for (const [index, text] of rest) answers[index] = await exchange(place, text);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return answers;
}

function exchange({ address, port, sni }: Place, text: string): Promise<string> {
  return new Promise((resolve) => {
    const to = { host: address, port };
    const socket = sni
      ? connectSecure({ ...to, servername: sni, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] })
      : connectPlain(to);
    let answer = '';
    const finish = (): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(SILENT_MS, finish);
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
    });
    socket.on('error', finish);
    socket.on('close', finish);
    socket.once(sni ? 'secureConnect' : 'connect', () => socket.write(text, 'latin1'));
  });
}
