/** In shadow mode, commands that remove only show their plan, as with --dry-run. */
import { type Settings, shadowReason } from '@dustpan/core/ledger'
import type { Call } from './commands.ts'

export function inShadow<Options extends { readonly dryRun?: true }>(
  call: Call<Options>,
  settings: Settings,
): Call<Options> {
  if (!settings.shadow) return call
  call.terminal.writeError(shadowText(settings, 'shows what would be removed, and removes nothing'))
  return { ...call, options: { ...call.options, dryRun: true } }
}

export const shadowText = (settings: Settings, what: string): string =>
  `dustpan: shadow mode, because ${shadowReason(settings)}: ${what}.\n`
