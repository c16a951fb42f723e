import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { RCODE, readQuestion, writeAnswer } from '../cluster/dns/message.ts';

/** What a resolver does with questions for a name. */
export type NameFate = 'silent' | 'no-such-name' | 'refused' | 'failed' | { readonly lateMs: number };

const CODES = { 'no-such-name': RCODE.noSuchName, refused: RCODE.refused, failed: RCODE.failed } as const;

/** A resolver on loopback, port 53, that knows these hosts and treats some names badly. */
export async function startResolver(
  hosts: Readonly<Record<string, string>>,
  ill: Readonly<Record<string, NameFate>>,
): Promise<void> {
  const socket = createSocket('udp4');
  socket.on('message', (message, from) => {
    const question = readQuestion(message);
    if (!question) return;
    const { name } = question;
    // The name with a search domain behind it meets what the name itself does.
    const [, fate] = Object.entries(ill).find(([own]) => name === own || name.startsWith(`${own}.`)) ?? [];
    if (fate === 'silent') return;
    const address = hosts[name];
    const found =
      typeof fate === 'string'
        ? { rcode: CODES[fate], addresses: [] }
        : address === undefined
          ? { rcode: RCODE.noSuchName, addresses: [] }
          : { rcode: RCODE.fine, addresses: [address] };
    const answer = writeAnswer(question, found);
    const lateMs = typeof fate === 'object' ? fate.lateMs : 0;
    setTimeout(() => socket.send(answer, from.port, from.address), lateMs);
  });
  socket.bind(53, '127.0.0.1');
  await once(socket, 'listening');
}
