/** Commands that are about runs know those of other machines, where a ledger is shared, and tell these what they have done. */
import { isDustpanError } from '@dustpan/core'
import { bringInRuns, type IsWanted, isCurrent, type Settings, shipRuns } from '@dustpan/core/ledger'
import type { Call } from './commands.ts'
import { settingsFor } from './settings.ts'
import { errorText, toldError } from './tell-error.ts'

/** A person waits for it: the rest is sent the next time. */
const budgetMs = 10_000

type CarryOut<Options> = (call: Call<Options>) => Promise<number>

interface SharedOptions<Options> {
  /** Which runs the command needs to know. By default those that go on, or are named. */
  readonly isWanted?: (call: Call<Options>) => IsWanted
  /** What the exit code becomes when the shared ledger is away. */
  readonly away?: (code: number) => number
}

/** Where the shared ledger is away the command goes by what this machine knows, and says so. */
export function withSharedRuns<Options>(
  carryOut: CarryOut<Options>,
  { isWanted = isCurrentOrNamed, away = (code) => code }: SharedOptions<Options> = {},
): CarryOut<Options> {
  return async (call) => {
    const settings = await sharedSettings(call)
    if (!settings) return carryOut(call)
    const isThere = await attempt(call, () => bringInRuns(settings, isWanted(call)))
    const code = await carryOut(call)
    if (!isThere) return away(code)
    await attempt(call, () => shipRuns(settings, budgetMs))
    return code
  }
}

const isCurrentOrNamed =
  ({ arguments: named, options }: Call<unknown>): IsWanted =>
  (state, index) => {
    const { limit = 0 } = options as { readonly limit?: number }
    return isCurrent(state, index) || index < limit || named.some((name) => state.run.startsWith(name))
  }

export const everyRun = (): IsWanted => () => true

/** Undefined: there is no shared ledger, or a mistake in the configuration, which the command tells itself. */
async function sharedSettings(call: Call): Promise<Settings | undefined> {
  try {
    const settings = await settingsFor(call)
    return settings.ledger && !settings.disabled ? settings : undefined
  } catch {
    return undefined
  }
}

/** Whether it succeeded. @throws DustpanError `DUSTPAN_CONFIG_INVALID` */
export async function attempt({ terminal }: Call, act: () => Promise<void>): Promise<boolean> {
  try {
    await act()
    return true
  } catch (error) {
    // What is wrong in the configuration is no outage.
    if (isDustpanError(error) && error.code === 'DUSTPAN_CONFIG_INVALID') throw error
    terminal.writeError(errorText(toldError(error), terminal))
    return false
  }
}
