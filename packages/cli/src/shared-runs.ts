/** With a shared ledger: imports the runs of other machines before a command, and ships its changes afterwards. */
import { isDustpanError } from '@dustpan/core'
import { bringInRuns, type IsWanted, isCurrent, type Settings, shipRuns } from '@dustpan/core/ledger'
import type { Call } from './commands.ts'
import { errorInfo, errorText } from './print-error.ts'
import { settingsFor } from './settings.ts'

/** Kept short, as a person waits; the rest is sent the next time. */
const budgetMs = 10_000

type CarryOut<Options> = (call: Call<Options>) => Promise<number>

interface SharedOptions<Options> {
  /** Which runs the command needs. @default runs in progress, and those named as arguments */
  readonly isWanted?: (call: Call<Options>) => IsWanted
  /** Maps the exit code when the shared ledger is unreachable. */
  readonly away?: (code: number) => number
}

/** When the shared ledger is unreachable, the command uses this machine's ledger, and says so. */
export function withSharedRuns<Options>(
  carryOut: CarryOut<Options>,
  { isWanted = isCurrentOrNamed, away = (code) => code }: SharedOptions<Options> = {},
): CarryOut<Options> {
  return async (call) => {
    const settings = await sharedSettings(call)
    if (!settings) return carryOut(call)
    const isReachable = await attempt(call, () => bringInRuns(settings, isWanted(call)))
    const code = await carryOut(call)
    if (!isReachable) return away(code)
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

/** Undefined without a shared ledger, or for an invalid configuration, which the command itself reports. */
async function sharedSettings(call: Call): Promise<Settings | undefined> {
  try {
    const settings = await settingsFor(call)
    return settings.ledger && !settings.disabled ? settings : undefined
  } catch {
    return undefined
  }
}

/** Returns whether `act` succeeded. @throws DustpanError `DUSTPAN_CONFIG_INVALID` */
export async function attempt({ terminal }: Call, act: () => Promise<void>): Promise<boolean> {
  try {
    await act()
    return true
  } catch (error) {
    // An invalid configuration is not an outage.
    if (isDustpanError(error) && error.code === 'DUSTPAN_CONFIG_INVALID') throw error
    terminal.writeError(errorText(errorInfo(error), terminal))
    return false
  }
}
