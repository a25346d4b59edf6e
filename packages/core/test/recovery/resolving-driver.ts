/** A driver whose store is defined by its options: finished creates, rows with the run's mark, and its log. */
import type { CreateDriver } from '../../src/resource/driver.ts'
import type { Resolved } from '../../src/resource/resolve.ts'
import type { Json } from '../../src/resource/resource.ts'

interface Options {
  readonly ends?: { readonly [intent: string]: 'over' | 'at work' }
  /** Keys by type. */
  readonly marked: { readonly [type: string]: readonly Json[] }
  /** Keys of `users` in the log. Undefined: there is no log. */
  readonly logged?: readonly Json[]
  /** Keys of `users` in the log without a test's name. */
  readonly unnamed?: readonly Json[]
}

const id = 'scripted://localhost/shop'

const rowsOf = (type: string, keys: readonly Json[]) => ({
  ...{ type, keys, steps: [{ driver: '$driver', op: 'delete-row', v: 1, args: { table: type } }] },
  proof: { strength: 'exact' } as const,
})

export const createDriver: CreateDriver = (name, options) => {
  const { ends = {}, marked, logged, unnamed = [] } = options as Options
  return {
    name,
    resolves: true,
    collects: logged !== undefined,
    ownStore: () => id,
    capabilities: {
      ...{ intent: 'before', proof: 'exact', maxBatch: 100, concurrency: 1, atomicBatch: false, transactions: true },
      verify: 'none',
    },
    typeOf: ({ args }) => (args as { readonly table?: string }).table,
    describe: () => 'DELETE',
    async connect() {
      return {
        remove: async (targets) => new Map(targets.map(({ id }) => [id, { state: 'removed' }])),
        async resolve({ isKnown }): Promise<Resolved> {
          const found = Object.entries(marked).map(([type, keys]) => {
            const unknown = keys.filter((key) => !isKnown(type, key))
            return [type, unknown.length === 0 ? [] : [rowsOf(type, unknown)]] as const
          })
          return { ends: new Map(Object.entries(ends)), found: new Map(found) }
        },
        async collect({ isKnown, record, alone }) {
          const unknown = logged?.filter((key) => !isKnown(id, 'users', key)) ?? []
          if (unknown.length > 0) record(id, [{ ...rowsOf('users', unknown), scope: 'w-t1' }])
          if (alone && unnamed.length > 0) record(id, [rowsOf('users', unnamed)])
        },
        [Symbol.asyncDispose]: async () => {},
      }
    },
  }
}
