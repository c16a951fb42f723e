/*
 * The floor: the least that any admission webhook in Node does. It reads a review, parses it and answers with a text
 * that was made beforehand. Arguments: folder of the certificate, port, file with the answer.
 */
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import path from 'node:path';

const [folder = '', port = '', answerFile = ''] = process.argv.slice(2);
const answer = readFileSync(answerFile, 'utf8');
const length = Buffer.byteLength(answer);

// The same TLS and the same patience as the webhook's own server, so that only the work differs.
const options = {
  cert: readFileSync(path.join(folder, 'tls.crt'), 'utf8'),
  key: readFileSync(path.join(folder, 'tls.key'), 'utf8'),
  minVersion: 'TLSv1.2',
  keepAliveTimeout: 120_000,
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
} as const;

const server = createServer(options, (request: IncomingMessage, response: ServerResponse) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    if (request.method === 'POST') JSON.parse(Buffer.concat(chunks).toString('utf8'));
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': length });
    response.end(answer);
  });
});
server.listen(Number(port), '127.0.0.1');

process.once('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
});
