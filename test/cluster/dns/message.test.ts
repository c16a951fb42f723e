import { describe, expect, it } from 'vitest';
import { RCODE, readQuestion, writeAnswer } from './message.ts';

/** A question as resolvers send it: id 7, recursion desired, one name. */
function query(name: string, type: number): Buffer {
  const labels = name.split('.').flatMap((label) => [label.length, ...Buffer.from(label)]);
  return Buffer.from([0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...labels, 0, 0, type, 0, 1]);
}

function read(message: Buffer) {
  const question = readQuestion(message);
  if (!question) throw new Error('not read');
  return question;
}

describe('names on the wire', () => {
  it('reads a question in whatever case', () => {
    expect(read(query('MW.example', 1))).toMatchObject({
      id: 7,
      name: 'mw.example',
      wantsAddress: true,
      recursionDesired: true,
    });
  });

  it('answers with the question as it came, and the addresses', () => {
    const answer = writeAnswer(read(query('mw.example', 1)), {
      rcode: RCODE.fine,
      addresses: ['10.213.1.1'],
    });
    expect(answer.subarray(0, 12).toString('hex')).toBe('000785800001000100000000');
    expect(answer.subarray(12, 28).toString('latin1')).toBe('\x02mw\x07example\0\0\x01\0\x01');
    expect([...answer.subarray(-4)]).toEqual([10, 213, 1, 1]);
  });

  it('answers that a name is there without an address of the other family', () => {
    const answer = writeAnswer(read(query('mw.example', 28)), {
      rcode: RCODE.fine,
      addresses: ['10.213.1.1'],
    });
    expect(answer.readUInt16BE(6)).toBe(0);
    expect(answer.readUInt16BE(2) & 0xf).toBe(RCODE.fine);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['a header alone', Buffer.alloc(12)],
    ['a name that does not end', query('mw.example', 1).subarray(0, 20)],
    ['a pointer in place of a name', Buffer.from([0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 0, 0, 1, 0, 1])],
  ])('does not read %s', (_, message) => {
    expect(readQuestion(message)).toBeUndefined();
  });
});
