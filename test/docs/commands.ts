/**
 * What a command needs beyond a checkout: nothing (`run`), a cluster, or programs that are installed or built first.
 * Of any other command it is not known whether a test may run it.
 */
export type Need = 'run' | 'cluster' | 'setup' | 'unknown';

export interface Command {
  readonly text: string;
  readonly need: Need;
  /** What the page shows behind it, line by line. */
  readonly output: readonly string[];
}

export interface CommandBlock {
  readonly line: number;
  readonly language: string;
  /** What the page says of the block, in a comment directly in front of it. */
  readonly marked: readonly string[] | undefined;
  readonly commands: readonly Command[];
}

const FENCE =
  /^(?<marker><!-- commands: (?<needs>[a-z, ]+) -->\n)?(?<indent> *)```(?<language>\w*)\n(?<body>[\s\S]*?)^ *```$/gm;
const SHELLS = ['console', 'sh', 'bash', 'shell'];
const PROMPT = '$ ';

/** The blocks of a page that show commands: those of a shell, and any other with a prompt in it. */
export function commandBlocks(page: string): CommandBlock[] {
  return [...page.matchAll(FENCE)].flatMap(({ index, groups = {} }) => {
    const { needs, language = '', body = '' } = groups;
    const commands = commandsOf(body);
    if (commands.length === 0 && !SHELLS.includes(language)) return [];
    const line = page.slice(0, index).split('\n').length;
    return [{ line, language, marked: needs?.split(', '), commands }];
  });
}

function commandsOf(body: string): Command[] {
  const commands: { text: string; need: Need; output: string[] }[] = [];
  for (const line of body.replace(/\n$/, '').split('\n')) {
    const text = line.trimStart();
    if (text.startsWith(PROMPT)) {
      const command = text.slice(PROMPT.length);
      commands.push({ text: command, need: needOf(command), output: [] });
    } else commands.at(-1)?.output.push(line);
  }
  return commands;
}

/** By what the command calls, so that no page can excuse a command that could run. */
function needOf(line: string): Need {
  const command = line.replace(/\s+# .*$/, '');
  if (/^(?:kubectl|helm) [^|]*$|^\.\/scripts\/shunt (?:retire|share|off|status)\b/.test(command))
    return 'cluster';
  if (/^\.\/scripts\/(?:demo|test|kind|cluster|image)\b/.test(command)) return 'setup';
  return /^(?:kubectl [^|]*\| )?\.\/scripts\/shunt [^|;&]*$/.test(command) ? 'run' : 'unknown';
}
