import type { EdgeSettings, HostAlias } from '../../core/diversion.ts';
import type { Plan } from '../../core/plan.ts';

/** What Traffic Server's configuration needs beyond the diversion itself. */
export interface AtsSettings {
  /** Folder of the Lua scripts, where Traffic Server runs. */
  readonly folder: string;
  /** The plugin that runs Lua scripts: a path, or a name in the folder of plugins. */
  readonly plugin: string;
  /** Header that names the client; absent: the address of the connection does. */
  readonly clientHeader?: string;
  readonly aliases: readonly HostAlias[];
  /** File names of the scripts that choose an origin: the diversion's own runs in front of the first of them. */
  readonly before: readonly string[];
  /** Lines of remap.config as they stand today, for when no file is given. */
  readonly rules: readonly string[];
}

interface AtsEdgeSettings extends EdgeSettings {
  readonly ats?: AtsSettings;
}

/** A plan with these settings. */
export type AtsPlan = Plan<AtsEdgeSettings>;
