/** How many configurations a proxy has refused so far, by its own count; none while it cannot be asked. */
export async function refusalsAt(adminPort: number): Promise<number> {
  const url = `http://127.0.0.1:${adminPort}/stats?filter=update_rejected`;
  const text = await fetch(url).then(
    (answer) => answer.text(),
    () => '',
  );
  return [...text.matchAll(/update_rejected: (\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
}
