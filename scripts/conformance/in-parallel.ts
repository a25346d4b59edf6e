/** Processes all items with limited concurrency. Resolves to the results in the order of the items. */
export async function inParallel<T, R>(
  width: number,
  all: readonly T[],
  work: (one: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = []
  const queue = [...all.entries()]
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) results[next[0]] = await work(next[1])
  }
  await Promise.all(Array.from({ length: width }, worker))
  return results
}
