import path from 'node:path';
import {
  isCallExpression,
  isIdentifier,
  isNewExpression,
  type Node,
  SyntaxKind,
} from 'typescript/unstable/ast';
import { API } from 'typescript/unstable/sync';

/** Every regular expression of some sources: the literals, and the places that make one from text while running. */
export interface Expressions {
  readonly literals: readonly Literal[];
  /** Files, below the folder, with how many such places they hold. */
  readonly made: ReadonlyMap<string, number>;
}

export interface Literal {
  readonly file: string;
  readonly source: string;
  readonly flags: string;
}

/** Reads them with the TypeScript compiler from the files of a project that lie below a folder. */
export function expressionsBelow(folder: string, project: string): Expressions {
  const api = new API({ cwd: path.dirname(project) });
  try {
    const [opened] = api.updateSnapshot({ openProjects: [project] }).getProjects();
    if (!opened) throw new Error(`${project} cannot be opened`);
    const files = opened.program.getSourceFileNames().filter((name) => name.startsWith(`${folder}/`));
    const literals: Literal[] = [];
    const made = new Map<string, number>();
    for (const name of files) {
      const file = name.slice(folder.length + 1);
      const visit = (node: Node): void => {
        if (node.kind === SyntaxKind.RegularExpressionLiteral) literals.push({ file, ...split(node) });
        if (makesExpression(node)) made.set(file, (made.get(file) ?? 0) + 1);
        node.forEachChild(visit);
      };
      opened.program.getSourceFile(name)?.forEachChild(visit);
    }
    return { literals, made };
  } finally {
    api.close();
  }
}

function makesExpression(node: Node): boolean {
  const isCall = isNewExpression(node) || isCallExpression(node);
  return isCall && isIdentifier(node.expression) && node.expression.text === 'RegExp';
}

function split(node: Node): Omit<Literal, 'file'> {
  const written = node.getText();
  const end = written.lastIndexOf('/');
  return { source: written.slice(1, end), flags: written.slice(end + 1) };
}
