/** Waits for the work for so long (milliseconds) at most, however it ends: what a stop cannot wait for ends with the process. */
export async function inTime(work: Promise<unknown>, withinMs: number): Promise<void> {
  let timer: NodeJS.Timeout | null = null;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, withinMs);
  });
  try {
    await Promise.race([work.catch(() => undefined), late]);
  } finally {
    if (timer !== null) clearTimeout(timer);
  }
}
