import { closeSync, constants, createReadStream, fstatSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { failure, type Problem, type Result, success } from '../core/problem.ts';
import { fileProblem } from './file-problem.ts';

/** Three times the largest text that any verb takes. */
const MAX_BYTES = 64 * 1024 * 1024;
/** For a FIFO whose writer has not come, or says nothing; standard input may take as long as it likes. */
const MAX_SILENCE_MS = 10_000;

/** The bytes of a regular file or a FIFO; never waits for ever, and never takes more than a verb can use. */
export async function readBytes(file: string): Promise<Result<Buffer>> {
  try {
    // Without this flag, opening a FIFO waits for its writer, and cannot be given up.
    const fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const kind = fstatSync(fd);
    // Files below /proc say that they are empty, and others may grow meanwhile.
    if (kind.isFile()) return await readStream(createReadStream(file, { fd }));
    if (kind.isFIFO()) return await readFifo(fd);
    closeSync(fd);
    return failure([notFile(kind.isDirectory() ? 'is a folder' : 'is a device or a socket')]);
  } catch (error) {
    return failure([fileProblem(error, 'read')]);
  }
}

/** A stream to its end, as far as it is not too long. */
export async function readStream(stream: AsyncIterable<string | Buffer>): Promise<Result<Buffer>> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) return failure([tooLarge()]);
    chunks.push(Buffer.from(chunk));
  }
  return success(Buffer.concat(chunks));
}

async function readFifo(fd: number): Promise<Result<Buffer>> {
  const socket = new Socket({ fd, readable: true, writable: false });
  let isSilent = false;
  socket.setTimeout(MAX_SILENCE_MS, () => {
    isSilent = true;
    socket.destroy();
  });
  try {
    return await readStream(socket);
  } catch (error) {
    if (isSilent) return failure([silent()]);
    throw error;
  }
}

function silent(): Problem {
  const message = `is a FIFO that nothing came from for ${MAX_SILENCE_MS / 1000} s`;
  const remedy = 'give a regular file, or - and a pipe to standard input';
  return { code: 'file', path: '', value: undefined, message, remedy };
}

function notFile(message: string): Problem {
  return { code: 'file', path: '', value: undefined, message, remedy: 'give a regular file' };
}

function tooLarge(): Problem {
  const message = `is longer than ${MAX_BYTES} bytes`;
  return { code: 'file', path: '', value: undefined, message, remedy: 'give a smaller one' };
}
