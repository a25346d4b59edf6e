/** Collects the log's content, as it would be recorded. */
import type { CollectedSet, CollectRequest, ConnectContext, StoreConnection } from '@dustpan/core/driver'

export const connectContext: ConnectContext = {
  signal: new AbortController().signal,
  get deadline() {
    return Date.now() + 60_000
  },
}

export interface Collected {
  readonly rows: readonly CollectedSet[]
  /** `s1 users 7` */
  readonly names: readonly string[]
  readonly warnings: readonly string[]
}

export async function collect(
  connection: StoreConnection,
  request: Partial<CollectRequest> & { readonly run: string },
  deadline = connectContext.deadline,
): Promise<Collected> {
  const rows: CollectedSet[] = []
  const warnings: string[] = []
  await connection.collect?.(
    { isKnown: () => false, notCreated: () => {}, record: (_store, found) => void rows.push(...found), ...request },
    {
      ...{ signal: connectContext.signal, deadline, attempt: 1, batch: '', run: request.run, verify: 'none' },
      warn: (code, message) => void warnings.push(`${code}: ${message}`),
    },
  )
  const names = rows.flatMap(({ scope = '-', type, keys }) =>
    keys.map((key) => `${scope} ${type} ${JSON.stringify(key)}`),
  )
  return { rows, names: names.sort(), warnings }
}
