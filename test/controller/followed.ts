import { afterEach, beforeEach, vi } from 'vitest';
import type { KubeFailure } from '../../webhook/controller/kube.ts';
import { Reflector } from '../../webhook/controller/reflector.ts';
import { RESOURCES } from '../../webhook/controller/resources.ts';
import type { JsonObject } from '../../webhook/core/json.ts';
import { FakeKube } from './fake-kube.ts';

const { configMap } = RESOURCES;

export const MINUTE = 60_000;
export const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** ConfigMaps in memory, by vitest's clock, and a copy that is kept of them. */
export class Followed {
  readonly kube = new FakeKube(() => Date.now());
  readonly changes: string[] = [];
  readonly failures: KubeFailure[] = [];
  reflector = this.follow();

  /** A copy of what is kept; of the text in each ConfigMap unless told otherwise. */
  follow(keep: (object: JsonObject) => string | undefined = textOf): Reflector<string> {
    this.reflector = new Reflector<string>({
      kube: this.kube,
      resource: configMap,
      keep,
      changed: (key, now, before) => void this.changes.push(`${key}: ${before} -> ${now}`),
      failed: (_, failure) => void this.failures.push(failure),
    });
    return this.reflector;
  }

  put(name: string, text?: string): void {
    const data = text === undefined ? {} : { text };
    this.kube.put(configMap, { metadata: { name, namespace: 'n' }, data });
  }

  putMany(count: number): void {
    for (let index = 0; index < count; index += 1) this.put(`c${index}`, String(index));
  }

  remove(name: string): void {
    this.kube.remove(configMap, name, 'n');
  }

  get lists(): number {
    return this.kube.sent('GET', '/configmaps').length;
  }
}

/** Registers a fresh one for each test of the file. */
export function followedForEachTest(): () => Followed {
  let followed: Followed;
  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(Math, 'random').mockReturnValue(1);
    followed = new Followed();
  });
  afterEach(() => {
    followed.reflector.stop();
    vi.useRealTimers();
    vi.restoreAllMocks();
  });
  return () => followed;
}

export function textOf(object: JsonObject): string | undefined {
  const text = (object['data'] as JsonObject | undefined)?.['text'];
  return text === undefined ? undefined : String(text);
}
