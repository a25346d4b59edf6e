/** Each driver: whether it loads, whether its store answers and is the one meant, and what stands in the way of removing. */
import {
  type ApplicationLogStatus,
  type ConfiguredStore,
  configuredStores,
  type Settings,
  type StoreCondition,
} from '@dustpan/core/ledger'
import { toldError } from '../../tell-error.ts'
import { type Check, fine, warning, wrong } from '../check.ts'
import { signed } from './signed.ts'
import { within } from './within.ts'

/** A clock that is further off makes rows look older than the run that made them. */
const tolerableMs = 1000

export async function stores(settings: Settings, timeoutMs: number): Promise<readonly Check[]> {
  const checks = await Promise.all(configuredStores(settings).map((store) => storeChecks(store, timeoutMs)))
  return checks.flat()
}

async function storeChecks(store: ConfiguredStore, timeoutMs: number): Promise<readonly Check[]> {
  const subject = `Driver ${store.driver}`
  try {
    const address = await store.store()
    if (address === undefined) return withoutAddress(subject, store)
    const condition = await within(timeoutMs, (signal) => store.examine(signal))
    const log = await within(timeoutMs, (signal) => store.log(signal))
    return [answered(subject, address, condition), ...findings(subject, condition), ...logged(subject, log)]
  } catch (error) {
    const { message, hint } = toldError(error)
    return [wrong(subject, message, { mend: hint ?? 'Start the server, or correct its address in the configuration.' })]
  }
}

/** The built-in ones have none; of a file and of brokers that are not named, any is meant. */
function withoutAddress(subject: string, { use, options }: ConfiguredStore): readonly Check[] {
  const { file } = options as { readonly file?: unknown }
  if (['http', 'files', 'cleaners'].includes(use)) return []
  if (use === '@dustpan/kafka') return [fine(subject, 'every broker on this machine')]
  if (use === '@dustpan/sqlite' && (file === undefined || file === ':memory:'))
    return [fine(subject, 'every database that tests open')]
  if (use === '@dustpan/sqlite')
    return [
      warning(subject, `the file ${file} is not there`, {
        mend: 'Correct the option `file`, or let the application make it before the tests begin.',
      }),
    ]
  return [
    warning(subject, 'has no address: what tests leave that are killed cannot be removed', {
      mend: 'Name its address in the configuration, by env(…).',
    }),
  ]
}

const readable = (store: string): string => store.replace(/#.*$/, '')

function answered(
  subject: string,
  address: string,
  { store = address, product, aheadMs }: Partial<StoreCondition>,
): Check {
  const clock = aheadMs === undefined ? [] : [`clock ${signed(aheadMs)} ms`]
  return fine(subject, [readable(store), ...(product === undefined ? [] : [product]), ...clock].join(', '))
}

function findings(subject: string, { findings = [], aheadMs = 0 }: Partial<StoreCondition>): readonly Check[] {
  const seconds = (Math.abs(aheadMs) / 1000).toFixed(1)
  const late = `its clock is ${seconds} s ${aheadMs > 0 ? 'ahead of' : 'behind'} this machine's: what is as old as that may be taken for somebody else's, or for a test's`
  return [
    ...findings.map(({ state, message, mend }): Check => ({ state, subject, message, run: mend })),
    ...(Math.abs(aheadMs) > tolerableMs ? [warning(subject, late, { mend: 'Set both clocks by NTP.' })] : []),
  ]
}

function logged(subject: string, log: ApplicationLogStatus | undefined): readonly Check[] {
  if (log === undefined) return []
  if (log.state === 'installed')
    return [fine(subject, `logs what the application writes, of ${log.tables.length} tables`)]
  const what = log.state === 'missing' ? 'is not installed' : 'is not as it should be'
  return [wrong(subject, `its log of what the application writes ${what}`, { run: 'npx dustpan db install' })]
}
