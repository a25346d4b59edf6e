/** Checks whether the shared ledger can be used, and whether it has this machine's records. */
import { examineLedger, type LedgerCondition, type Settings } from '@dustpan/core/ledger'
import { errorInfo } from '../../print-error.ts'
import { type Check, fine, warning, wrong } from '../check.ts'
import { signed } from './signed.ts'
import { within } from './within.ts'

const subject = 'Shared ledger'

/** Tolerated clock difference: ages and due times use the server's clock. */
const tolerableMs = 10_000

export async function sharedLedger(settings: Settings, timeoutMs: number): Promise<readonly Check[]> {
  try {
    const condition = await within(timeoutMs, () => examineLedger(settings))
    return condition ? ledgerChecks(settings, condition) : []
  } catch (error) {
    const { message, hint } = errorInfo(error)
    return [wrong(subject, message, { fix: hint ?? 'Start its server, or correct `ledger` in the configuration.' })]
  }
}

function ledgerChecks({ ledger }: Settings, { aheadMs, unsent, doubt }: LedgerCondition): readonly Check[] {
  const clock = aheadMs === undefined ? [] : [`clock ${signed(aheadMs)} ms`]
  return [
    fine(subject, [placeOf(ledger?.options), ...clock].join(', ')),
    ...(aheadMs === undefined ? [] : clocks(aheadMs)),
    ...(unsent.length === 0 ? [] : [notSent(unsent)]),
    ...(doubt === undefined
      ? []
      : [warning(subject, doubt.message, doubt.hint === undefined ? {} : { fix: doubt.hint })]),
  ]
}

/** The URL without user and password. */
function placeOf(options: unknown): string {
  const { url } = (options ?? {}) as { readonly url?: unknown }
  if (typeof url !== 'string' || !URL.canParse(url)) return 'reachable'
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname}`
}

function clocks(aheadMs: number): readonly Check[] {
  if (Math.abs(aheadMs) <= tolerableMs) return []
  const seconds = (Math.abs(aheadMs) / 1000).toFixed(1)
  const late = `its clock is ${seconds} s ${aheadMs > 0 ? 'ahead of' : 'behind'} this machine's: delayed work runs too early or too late by as much`
  return [warning(subject, late, { fix: 'Set both clocks by NTP.' })]
}

function notSent([newest, ...others]: readonly string[]): Check {
  const more = others.length === 0 ? '' : ` and ${others.length} more`
  return warning(subject, `it lacks records of ${newest}${more}: other machines cannot clean up after them`, {
    fix: 'Any command that reads runs sends them:',
    run: 'npx dustpan list',
  })
}
