import { describe, expect, it } from 'vitest';
import { blankComments } from '../../webhook/inject/comments.ts';

const URL = 'https://mw-jobrunner.discovery.wmnet:4448';

describe('comments of a configuration file', () => {
  it.each([
    ['a line', 'config.yaml', `# uri: ${URL}\n`],
    ['behind a value', 'config.yml', `uri: x # ${URL}\n`],
    ['between the entries of a list', 'config.yaml', `- 1\n  # ${URL}\n- 2\n`],
    ['in a flow collection', 'config.yaml', `a: [1, # ${URL}\n 2]\n`],
    ['behind the mark of a block scalar', 'config.yaml', `a: | # ${URL}\n  text\n`],
    ['a line of another format', 'settings.ini', `  ; ${URL}\n`],
    ['a line of a script', 'settings.js', `// ${URL}\r\nvar a;\n`],
  ])('are blank: %s', (_name, file, text) => {
    const blank = blankComments(file, text);
    expect(blank).not.toContain(URL);
    expect(blank.length).toBe(text.length);
    expect(blank.split('\n').length).toBe(text.split('\n').length);
  });

  it.each([
    ['a quoted value', 'config.yaml', `uri: " # ${URL}"\n`],
    ['text of a block scalar', 'config.yaml', `script: |\n  # curl ${URL}\n  # again\n`],
    ['text of a folded scalar', 'config.yaml', `script: >-\n  # curl ${URL}\n`],
    ['a # without a blank in front of it', 'config.yaml', `uri: ${URL}/#top\n`],
    ['JSON, which has none', 'config.json', `{"# a": "${URL}"}`],
    ['a fragment elsewhere', 'settings.ini', `uri = ${URL}/#top\n`],
  ])('are not: %s', (_name, file, text) => {
    expect(blankComments(file, text)).toBe(text);
  });

  it('are found in time that grows with the length', () => {
    const text = `uri: x # ${URL}\n`.repeat(20_000);
    const startedMs = performance.now();
    expect(blankComments('config.yaml', text)).not.toContain(URL);
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  });
});
