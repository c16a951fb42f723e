import type { Response } from 'express';
import type { Rejection } from './codes.ts';

/** Sends JSON text as it is; Express would add an entity tag, which means hashing each answer. */
export function sendJson(response: Response, status: number, text: string): void {
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
}

export function sendRejection(response: Response, { status, code, message, uid }: Rejection): void {
  sendJson(
    response,
    status,
    JSON.stringify({ error: { code, message, ...(uid === undefined ? {} : { uid }) } }),
  );
}
