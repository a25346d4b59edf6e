/** In shadow mode what removes stops at its plan, as with --dry-run. */
import { type Settings, shadowReason } from '@dustpan/core/ledger'
import type { Call } from './commands.ts'

export function inShadow<Options extends { readonly dryRun?: true }>(
  call: Call<Options>,
  settings: Settings,
): Call<Options> {
  if (!settings.shadow) return call
  call.terminal.complain(shadowText(settings, 'what would be removed is shown, and nothing is'))
  return { ...call, options: { ...call.options, dryRun: true } }
}

export const shadowText = (settings: Settings, what: string): string =>
  `dustpan: shadow mode, as ${shadowReason(settings)}: ${what}.\n`
