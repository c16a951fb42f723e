/** The section of a changelog for a version; while it has none, what is unreleased. Undefined without either. */
export function releaseNotes(changelog: string, version: string): string | undefined {
  const sections = changelog.split(/^## /m).slice(1);
  const titled = (title: string) =>
    sections.find((section) => section.replace('[', '').split(/[\]\s:]/)[0] === title);
  const section = titled(version) ?? titled('Unreleased');
  return section === undefined ? undefined : `## ${section.trim()}\n`;
}
