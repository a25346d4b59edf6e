/** The built-in driver for cleaner functions in the configuration. */
import { DustpanError, messageOf } from '../errors/dustpan-error.ts'
import type { Cleaner, CreateDriver, Driver } from '../resource/driver.ts'
import type { RemovalOutcome, Target } from '../resource/target.ts'

/** Calls each named cleaner once per batch and type, with all ids. */
export const createCleanersDriver: CreateDriver = (name, _options, { functions }): Driver => ({
  name,
  capabilities: {
    intent: 'none',
    proof: 'key-only',
    maxBatch: 1000,
    concurrency: 1,
    atomicBatch: false,
    verify: 'none',
    transactions: false,
    database: false,
  },
  removal(spec) {
    const cleaner = String(spec.cleaner)
    if (!functions.cleaner(cleaner)) throw unknownCleaner(cleaner)
    return { removal: { driver: name, op: 'call', v: 1, args: { cleaner } }, store: { driver: name, id: 'cleaners' } }
  },
  async connect() {
    return {
      async remove(targets, { signal }) {
        const outcomes = new Map<string, RemovalOutcome>()
        for (const group of byCleaner(targets).values()) {
          const { cleaner } = (group[0] as Target).removal.args as { cleaner: string }
          const outcome = await call(functions.cleaner(cleaner), cleaner, group, signal)
          for (const { id } of group) outcomes.set(id, outcome)
        }
        return outcomes
      },
      async [Symbol.asyncDispose]() {},
    }
  },
  describe: ({ args }, key) => `${(args as { cleaner: string }).cleaner}(${JSON.stringify(key)})`,
})

async function call(
  cleaner: Cleaner | undefined,
  name: string,
  group: readonly Target[],
  signal: AbortSignal,
): Promise<RemovalOutcome> {
  if (!cleaner) return { state: 'failed', error: unknownCleaner(name), retry: false }
  try {
    await cleaner({ ids: group.map(({ key }) => key), type: (group[0] as Target).type, signal })
    return { state: 'removed', result: 'done' }
  } catch (cause) {
    const error = new DustpanError(
      'DUSTPAN_REMOVAL_FAILED',
      `The cleaner ${JSON.stringify(name)} failed: ${messageOf(cause)}`,
      { cause },
    )
    return { state: 'failed', error, retry: {} }
  }
}

function byCleaner(targets: readonly Target[]): Map<string, Target[]> {
  const groups = new Map<string, Target[]>()
  for (const target of targets) {
    const { cleaner } = target.removal.args as { cleaner: string }
    const group = groups.get(`${cleaner}\n${target.type}`)
    if (group) group.push(target)
    else groups.set(`${cleaner}\n${target.type}`, [target])
  }
  return groups
}

function unknownCleaner(name: string): DustpanError {
  return new DustpanError('DUSTPAN_UNKNOWN_CLEANER', `The configuration has no cleaner ${JSON.stringify(name)}.`, {
    hint: `Add it: cleaners: { ${JSON.stringify(name)}: async ({ ids }) => { … } } in a configuration file that is JavaScript or TypeScript.`,
  })
}
