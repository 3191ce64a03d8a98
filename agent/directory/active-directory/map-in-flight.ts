/** Requests that are under way at once: enough to hide the way there and back, few enough not to crowd out others at the server. */
const mostInFlight = 8;

/** Does `work` for all items, `limit` of them at a time, and gives the answers in the order of the items. The first failure is thrown. */
export async function mapInFlight<Item, Answer>(
  items: readonly Item[],
  work: (item: Item) => Promise<Answer>,
  limit = mostInFlight,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  const waiting = items.entries();
  async function worker(): Promise<void> {
    for (const [place, item] of waiting) answers[place] = await work(item);
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return answers;
}
