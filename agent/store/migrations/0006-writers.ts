/** Keeps the number of a step of the layout that comes with hubs that share a store. */
export async function writers(): Promise<void> {}
