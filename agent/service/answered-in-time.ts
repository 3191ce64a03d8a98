const patienceMs = 600_000;

/** What a person answers; no answer in time (milliseconds) is a no: an open question must not keep a service from its runs for ever. */
export async function answeredInTime(answer: Promise<boolean>, withinMs = patienceMs): Promise<boolean> {
  let timer: NodeJS.Timeout | null = null;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), withinMs).unref();
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    if (timer !== null) clearTimeout(timer);
  }
}
