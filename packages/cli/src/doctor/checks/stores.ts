/** Checks each driver: whether it loads, whether its store responds and is the intended one, and what prevents removal. */
import {
  type ApplicationLogStatus,
  type ConfiguredStore,
  configuredStores,
  type NoStore,
  type Settings,
  type StoreCondition,
  withoutIdentity,
} from '@dustpan/core/ledger'
import { counted } from '../../counted.ts'
import { errorInfo } from '../../print-error.ts'
import { type Check, fine, warning, wrong } from '../check.ts'
import { signed } from './signed.ts'
import { within } from './within.ts'

/** A larger clock difference makes rows look older than the run that created them. */
const tolerableMs = 1000

export async function stores(settings: Settings, timeoutMs: number): Promise<readonly Check[]> {
  const checks = await Promise.all(configuredStores(settings).map((store) => storeChecks(store, timeoutMs)))
  return checks.flat()
}

async function storeChecks(store: ConfiguredStore, timeoutMs: number): Promise<readonly Check[]> {
  const subject = `Driver ${store.driver}`
  try {
    const address = await store.store()
    if (address === undefined) return withoutAddress(subject, await store.noStore())
    const condition = await within(timeoutMs, (signal) => store.examine(signal))
    const log = await within(timeoutMs, (signal) => store.log(signal))
    return [answered(subject, address, condition), ...findings(subject, condition), ...logged(subject, log)]
  } catch (error) {
    const { message, hint } = errorInfo(error)
    return [wrong(subject, message, { fix: hint ?? 'Start the server, or correct its address in the configuration.' })]
  }
}

function withoutAddress(subject: string, reason: NoStore | undefined): readonly Check[] {
  if (!reason) return []
  return ['serves' in reason ? fine(subject, reason.serves) : warning(subject, reason.problem, { fix: reason.fix })]
}

function answered(
  subject: string,
  address: string,
  { store = address, product, aheadMs }: Partial<StoreCondition>,
): Check {
  const clock = aheadMs === undefined ? [] : [`clock ${signed(aheadMs)} ms`]
  return fine(subject, [withoutIdentity(store), ...(product === undefined ? [] : [product]), ...clock].join(', '))
}

function findings(subject: string, { findings = [], aheadMs = 0 }: Partial<StoreCondition>): readonly Check[] {
  const seconds = (Math.abs(aheadMs) / 1000).toFixed(1)
  const late = `its clock is ${seconds} s ${aheadMs > 0 ? 'ahead of' : 'behind'} this machine's: rows that recent may be mistaken for test data, and test data for other data`
  return [
    ...findings.map(({ state, message, fix }): Check => ({ state, subject, message, run: fix })),
    ...(Math.abs(aheadMs) > tolerableMs ? [warning(subject, late, { fix: 'Set both clocks by NTP.' })] : []),
  ]
}

function logged(subject: string, log: ApplicationLogStatus | undefined): readonly Check[] {
  if (log === undefined) return []
  if (log.state === 'installed')
    return [fine(subject, `logs what the application writes to ${counted(log.tables.length, 'table')}`)]
  const what = log.state === 'missing' ? 'is not installed' : 'is out of date'
  return [wrong(subject, `its log of what the application writes ${what}`, { run: 'npx dustpan db install' })]
}
