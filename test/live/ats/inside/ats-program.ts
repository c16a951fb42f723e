import { mkdtemp, rm } from 'node:fs/promises';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { issueLeaf } from '../../../../webhook/controller/certificates.ts';
import type { Target } from '../../../../webhook/core/diversion.ts';
import { milliseconds } from '../../../../webhook/core/duration.ts';
import { plan as makePlan } from '../../../../webhook/core/plan.ts';
import { parseDiversion } from '../../../../webhook/spec/parse.ts';
import { type ApacheSpec, type RunningApache, startApache } from '../../../stage/apache.ts';
import { serveSandbox } from '../../../stage/inside.ts';
import { sendBytes } from '../../../stage/send-bytes.ts';
import { StageError } from '../../../stage/stage-error.ts';
import { PORT, startTrafficServer } from '../../../stage/traffic-server.ts';
import { NUMBER_HEADER, sendOnWire, sendOverKept } from '../../../stage/wire.ts';
import { startWorld, type World } from '../../../stage/world.ts';
import type { Answer } from '../../live-request.ts';
import type { AtsInput, AtsOutput, Step, Usage } from '../ats-run.ts';
import { BYSTANDERS } from './bystanders.ts';
import { usageOf } from './usage.ts';

/*
 * Runs one Traffic Server with the files that it is given, origins for all that they name, and takes it through
 * steps. Runs in a sandbox.
 */

const DAY_MS = 24 * 60 * 60 * 1000;

async function work(input: AtsInput): Promise<AtsOutput> {
  const parsed = parseDiversion(input.diversion);
  if (!parsed.ok) throw new StageError(JSON.stringify(parsed.problems));
  const plan = makePlan(parsed.value);
  const scratch = await mkdtemp(path.join(tmpdir(), 'shunt-ats-'));
  const [gateway] = plan.targets;
  const besides = [{ name: 'miscweb.discovery.wmnet', target: gateway?.address ?? '' }];
  const world = await startWorld(plan, scratch, { bystanders: BYSTANDERS, besides });
  const apache =
    input.apache && gateway && (await replaceByApache(world, gateway, { ...input.apache, scratch }));
  const server = await startTrafficServer({ ...input, mounts: world.mounts, scratch });
  let next = 0;
  const usages: Usage[] = [];
  const take = async (step: Step): Promise<Answer[]> => {
    if (step.kind === 'write') await server.write(step.file, step.content);
    else if (step.kind === 'bytes') await sendBytes({ address: '127.0.0.1', port: PORT }, step.texts);
    else if (step.kind === 'reload') await server.reload();
    else if (step.kind === 'measure') usages.push(await usageOf(server));
    else if (step.kind === 'wait') await new Promise((resolve) => setTimeout(resolve, step.ms));
    else {
      const first = next;
      next += step.requests.length;
      const [answers] = await Promise.all([sendAll(step, first, world), takeAll(step.during ?? [])]);
      return answers;
    }
    return [];
  };
  const takeAll = async (steps: readonly Step[]): Promise<Answer[][]> => {
    const answers: Answer[][] = [];
    for (const step of steps) answers.push(await take(step));
    return answers;
  };
  try {
    const answers = await takeAll(input.steps);
    return { answers, usages, log: server.output(), scripts: (await apache?.served())?.script ?? [] };
  } finally {
    await rm(scratch, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function replaceByApache(
  { origins, hosts, authority }: World,
  { address, port, certificateNames }: Target,
  own: Pick<ApacheSpec, 'folder' | 'script' | 'scratch'>,
): Promise<RunningApache> {
  await origins.get(`${address}:${port}`)?.close();
  const validity = { now: new Date(), lifetime: milliseconds(DAY_MS) };
  const certificate = await issueLeaf(authority, certificateNames, validity);
  return startApache({ ...own, address: hosts[address] ?? '', port, certificate });
}

async function sendAll(
  { requests, atOnce = 1, kept }: Extract<Step, { kind: 'send' }>,
  first: number,
  world: World,
): Promise<Answer[]> {
  const answers: Answer[] = new Array(requests.length);
  const waiting = requests.entries();
  const agent = kept && new Agent({ keepAlive: true, maxSockets: atOnce });
  const worker = async (): Promise<void> => {
    for (const [index, request] of waiting)
      answers[index] = agent
        ? await sendOverKept(agent, PORT, request, first + index)
        : await sendOnWire(PORT, request, first + index);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  agent?.destroy();
  const arrived = Map.groupBy(world.arrivals(), ({ headers }) => String(headers[NUMBER_HEADER]));
  return answers.map((answer, index) => ({
    ...answer,
    arrivals: arrived.get(String(first + index))?.length ?? 0,
  }));
}

await serveSandbox<AtsInput, AtsOutput>(work);
