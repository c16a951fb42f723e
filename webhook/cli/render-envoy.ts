import path from 'node:path';
import type { Plan } from '../core/plan.ts';
import { divertText, revertText } from '../edges/envoy/text.ts';
