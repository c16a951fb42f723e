import { runInSandbox } from '../../stage/sandbox.ts';
import { findTrafficServer, type TrafficServerTool } from '../../stage/traffic-server-tool.ts';
import type { WireRequest } from '../../stage/wire.ts';
import type { Answer } from '../live-request.ts';

export type { WireRequest };

/** What happens to one Traffic Server, in order. */
export type Step =
  | {
      readonly kind: 'send';
      readonly requests: readonly WireRequest[];
      readonly atOnce?: number;
      /** Over connections that are kept, of which there are `atOnce`; otherwise over one each. */
      readonly kept?: true;
      /** What happens meanwhile. */
      readonly during?: readonly Step[];
    }
  /** Written on connections of their own, a byte for a character. */
  | { readonly kind: 'bytes'; readonly texts: readonly string[] }
  | { readonly kind: 'write'; readonly file: string; readonly content: string }
  | { readonly kind: 'reload' }
  /** Looks at the server's processor time, memory and connections. */
  | { readonly kind: 'measure' }
  | { readonly kind: 'wait'; readonly ms: number };

/** What a Traffic Server has used, and holds. */
export interface Usage {
  /** Since it was started. */
  readonly cpuSeconds: number;
  readonly memoryMib: number;
  /** Established connections to origins, by the port of the origin. */
  readonly connections: Readonly<Record<number, number>>;
}

export interface AtsInput {
  readonly tool: TrafficServerTool;
  /** Text of the diversion, for the origins. */
  readonly diversion: string;
  /** Files below /etc/trafficserver, by name. */
  readonly files: Readonly<Record<string, string>>;
  readonly records: readonly string[];
  readonly steps: readonly Step[];
  readonly probeHost?: string;
  /** Folder of an Apache httpd that stands where the gateway would, with this script. */
  readonly apache?: { readonly folder: string; readonly script: string };
}

export interface AtsOutput {
  /** The answers of each `send`, in its place; nothing for other steps. */
  readonly answers: readonly (readonly Answer[])[];
  /** What each `measure` found, in order. */
  readonly usages: readonly Usage[];
  readonly log: string;
  /** First lines of the requests that Apache took to be for the script. */
  readonly scripts: readonly string[];
}

const PROGRAM = new URL('inside/ats-program.ts', import.meta.url).pathname;
const TIMEOUT_MS = 300_000;

/** Runs one Traffic Server through the steps, in a sandbox of its own. */
export function runAts(input: Omit<AtsInput, 'tool'>): Promise<AtsOutput> {
  const whole = { ...input, tool: findTrafficServer() };
  return runInSandbox<AtsInput, AtsOutput>({ program: PROGRAM, input: whole, timeoutMs: TIMEOUT_MS });
}
